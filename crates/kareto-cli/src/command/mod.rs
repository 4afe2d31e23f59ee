//! The commands, one file each.

pub(crate) mod fit_profile;
pub(crate) mod merge;
mod new_policy;
mod optimize;
mod policies;
mod progress;
mod report;
mod simulate;

use std::path::{Path, PathBuf};

use experiment::Registries;

use crate::args::{Command, RunOptions};
use crate::environment::{environment, require_clean};
use crate::error::CliError;
use progress::Progress;

/// Does what was asked.
pub(crate) fn run(command: Command, registries: &Registries) -> Result<(), CliError> {
    let registry = &registries.of_all_roles();
    match command {
        Command::Simulate(args) => simulate::simulate(&args, registries),
        Command::Run(args) => run_experiments(&args.files, &args.options, registries).map(drop),
        Command::Optimize(args) => optimize::optimize(&args, registries),
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
    files: &[PathBuf],
    options: &RunOptions,
    registries: &Registries,
) -> Result<Vec<experiment::Finished>, CliError> {
    let registries = &crate::program::stated(registries)?;
    if options.require_clean {
        files.iter().try_for_each(|file| require_clean(file, &options.out))?;
    }
    let environment = |file: &Path| environment(file, &options.out);
    Ok(experiment::run(files, &options.options()?, registries, &environment, &Progress::new())?)
}
