//! The binary `kareto`: the command line over the catalogue.
//!
//! A program with policies, routers or schedulers of your own has another `main`: it adds rows to the registries, and
//! passes them on.

use std::process::ExitCode;

fn main() -> ExitCode {
    kareto_cli::main_with(kareto_cli::Registries::builtin())
}
