//! The binary `kareto`: the command line over the catalogue.
//!
//! Whoever has policies, routers or schedulers of their own writes this file anew: adds rows to the registries, and passes
//! them on.

use std::process::ExitCode;

fn main() -> ExitCode {
    kareto_cli::main_with(kareto_cli::Registries::builtin())
}
