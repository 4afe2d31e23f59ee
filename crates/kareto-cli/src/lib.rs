//! The command line of Kareto: arguments, progress, pages and exit codes over the library `experiment`.
//!
//! [`main_with`] is the whole program. It takes [`Registries`]. So a program of twenty lines can have policies, routers
//! or schedulers of its own, and every command, experiment file and report knows them:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     let mut registries = kareto_cli::Registries::builtin();
//!     // registries.policies.add(my_policy::SPEC);
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
mod output;
mod program;
mod render;
mod trace;
mod tune_ttl;
mod validate;

use std::process::ExitCode;

use clap::Parser as _;
use error::CliError;
use kv_core::policy::Registry;

/// The names that experiment files can use, in a table for each kind.
pub struct Registries {
    /// Eviction and lease policies.
    pub policies: Registry,
    /// Routers.
    pub routers: Registry,
    /// Schedulers.
    pub schedulers: Registry,
}

impl Registries {
    /// The registries that come with the program.
    #[must_use]
    pub fn builtin() -> Self {
        Self {
            policies: policies::registry(),
            routers: policies::routers(),
            schedulers: policies::schedulers(),
        }
    }

    /// One table of all roles. The place of a name in a file says which role is meant.
    fn of_all_roles(&self) -> Registry {
        Registry::new(&[self.policies.specs(), self.routers.specs(), self.schedulers.specs()].concat())
    }
}

/// Runs the program on the process's arguments with these registries.
///
/// The exit code is 0 if the work is done, 1 if the machine failed (a full disk), and 2 if the user made a mistake.
#[must_use]
pub fn main_with(registries: Registries) -> ExitCode {
    let args = args::Args::parse(); // exits with 2, or with 0 after --help and --version
    match command::run(args.command, &registries.of_all_roles()) {
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
