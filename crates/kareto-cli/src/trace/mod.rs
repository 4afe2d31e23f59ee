//! `kareto trace`: the subcommands that look at traces or make them.

mod describe;

use clap::Subcommand;

use crate::error::CliError;

/// What to do with traces.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print what is in a trace: sizes, rates, lengths, and how much of it could be reused at best.
    Describe(describe::Describe),
}

/// Does what was asked.
pub(crate) fn run(command: &Command) -> Result<(), CliError> {
    match command {
        Command::Describe(args) => describe::describe(args),
    }
}
