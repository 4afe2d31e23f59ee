//! The command line of Kareto as a library: experiment files, evaluation, records.
//!
//! [`main_with`] is the whole program. It takes the registries of policies and searches, so that a program of twenty lines
//! with policies or searches of its own has every command, experiment file and report:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     let mut registries = kareto_cli::Registries::default();
//!     // registries.policies.add(my_policy::SPEC);
//!     // registries.searches.add(my_search::SPEC);
//!     kareto_cli::main_with(registries)
//! }
//! ```
//!
//! This crate alone parses arguments, reads files of the user's, knows the time of day and prints. It does not
//! simulate, search or draw: those are the libraries'.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the binary may know the clock and the environment"
)]

mod args;
mod command;
mod compare;
mod data;
mod detail;
mod error;
mod evaluate;
mod experiment;
mod files;
mod output;
mod record;
mod render;
mod trace;
mod ttl;
mod validate;

use std::process::ExitCode;

use clap::Parser as _;
use kareto::SearchRegistry;
use kv_core::policy::Registry;

pub use error::{CliError, Fault};
/// The policies that come with the program.
pub use policies::registry;

/// What the program knows by name: files and the command line choose from it.
#[derive(Clone)]
pub struct Registries {
    /// Policies of tiers.
    pub policies: Registry,
    /// Searches of design spaces.
    pub searches: SearchRegistry,
}

impl Default for Registries {
    /// What comes with the program.
    fn default() -> Self {
        Self::from(registry())
    }
}

impl From<Registry> for Registries {
    /// These policies, and everything else as it comes with the program.
    fn from(policies: Registry) -> Self {
        Self { policies, searches: kareto::search::registry() }
    }
}

/// Runs the program on the process's arguments with these registries; a registry of policies alone will do.
///
/// Exit codes: 0 done, 1 the machine failed us (a full disk), 2 a mistake in what the user gave.
#[must_use]
pub fn main_with(registries: impl Into<Registries>) -> ExitCode {
    let registries = registries.into();
    let args = args::Args::parse(); // exits with 2, or with 0 after --help and --version
    match command::run(args.command, &registries) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error),
    }
}

fn fail(error: CliError) -> ExitCode {
    let code = match error.fault() {
        Fault::ReaderGone => return ExitCode::SUCCESS,
        Fault::Machine => ExitCode::from(1),
        Fault::User => ExitCode::from(2),
    };
    // Fails only if a handler was set before: then that one is used.
    let _ = miette::set_hook(Box::new(|_| Box::new(miette::MietteHandlerOpts::new().width(110).build())));
    let report = miette::Report::new(error);
    output::complain(&format!("{report:?}"));
    code
}
