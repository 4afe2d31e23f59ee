//! The program `kareto` with one more policy, router, scheduler and search: every command, experiment file and report knows
//! them.
//!
//! ```text
//! cargo run --release -- policies most-recent
//! ```

mod diagonal;
mod most_recent;
mod small_chunks;
mod sticky;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut registries = kareto_cli::Registries::builtin();
    registries.policies.add(most_recent::SPEC);
    registries.routers.add(sticky::SPEC);
    registries.schedulers.add(small_chunks::SPEC);
    registries.searches.add(diagonal::SPEC);
    kareto_cli::main_with(registries)
}
