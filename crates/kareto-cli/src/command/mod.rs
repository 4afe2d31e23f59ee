//! The commands, one file each.

pub(crate) mod fit_profile;
pub(crate) mod merge;
mod new_policy;
mod optimize;
mod policies;
mod progress;
mod report;
mod simulate;

use kv_core::policy::Registry;

use crate::args::{Command, RunOptions};
use crate::environment::environment;
use crate::error::CliError;
use progress::Progress;

/// Does what was asked.
pub(crate) fn run(command: Command, registry: &Registry) -> Result<(), CliError> {
    match command {
        Command::Simulate(args) => simulate::simulate(&args, registry),
        Command::Run(args) => run_experiments(&args.files, &args.options, registry).map(drop),
        Command::Optimize(args) => optimize::optimize(&args, registry),
        Command::Merge(args) => merge::merge(&args),
        Command::Report(args) => report::report(&args),
        Command::Policies(args) => policies::policies(&args, registry),
        Command::NewPolicy(args) => new_policy::new_policy(&args, registry),
        Command::FitProfile(args) => fit_profile::fit_profile(&args),
        Command::Validate(command) => crate::validate::run(&command, registry),
        Command::TuneTtl(args) => crate::tune_ttl::tune_ttl(&args),
        Command::Trace(command) => crate::trace::run(&command),
    }
}

/// Runs experiments with a progress bar.
fn run_experiments(
    files: &[std::path::PathBuf],
    options: &RunOptions,
    registry: &Registry,
) -> Result<Vec<experiment::Finished>, CliError> {
    let registry = &crate::program::stated(registry)?;
    Ok(experiment::run(files, &options.options(), registry, &environment, &Progress::new())?)
}
