//! The program `kareto` with one more policy and one more search: every command, experiment file and report knows
//! `most-recent` and `diagonal`.
//!
//! ```text
//! cargo run --release -- policies most-recent
//! ```

mod diagonal;
mod most_recent;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut registries = kareto_cli::Registries::default();
    registries.policies.add(most_recent::SPEC);
    registries.searches.add(diagonal::SPEC);
    kareto_cli::main_with(registries)
}
