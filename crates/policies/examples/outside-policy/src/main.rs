//! The program `kareto` with one more policy: every command, experiment file and report knows `most-recent`.
//!
//! ```text
//! cargo run --release -- policies most-recent
//! ```

mod most_recent;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut registry = kareto_cli::registry();
    registry.add(most_recent::SPEC);
    kareto_cli::main_with(registry)
}
