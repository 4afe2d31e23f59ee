//! The command line of Kareto: arguments, progress, pages and exit codes over the library `experiment`.
//!
//! [`main_with`] is the whole program. It takes [`Registries`], so that a program of twenty lines with policies, routers,
//! schedulers or searches of its own has every command, experiment file and report:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     let mut registries = kareto_cli::Registries::builtin();
//!     // registries.policies.add(my_policy::SPEC);
//!     // registries.searches.add(my_search::SPEC);
//!     kareto_cli::main_with(registries)
//! }
//! ```
//!
//! Only this crate parses arguments, knows the time of day and prints. It does not simulate, search or draw: the
//! libraries do.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the binary may know the clock and the environment"
)]

mod args;
mod command;
mod detail;
mod environment;
mod error;
mod files;
#[cfg(test)]
#[path = "../tests/hostile/mod.rs"]
mod hostile;
mod output;
mod program;
mod signals;
mod trace;
mod tune_ttl;
mod validate;

use std::process::ExitCode;

use error::CliError;

/// What experiment files can name.
pub use experiment::Registries;

/// Runs the program on the process's arguments with these registries.
///
/// The exit code is 0 if the work is done, 1 if the machine failed (a full disk), and 2 if the user made a mistake.
#[must_use]
pub fn main_with(registries: Registries) -> ExitCode {
    signals::watch();
    let args = args::Args::of_process();
    match command::run(args.command, &registries) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error),
    }
}

fn fail(error: CliError) -> ExitCode {
    let code = ExitCode::from(error.exit_code());
    if matches!(error, CliError::ReaderGone) {
        return code;
    }
    // This fails only if a handler was set before. Then that handler is used.
    let _ = miette::set_hook(Box::new(|_| Box::new(miette::MietteHandlerOpts::new().width(110).build())));
    let report = miette::Report::new(error);
    output::complain(&format!("{report:?}"));
    code
}
