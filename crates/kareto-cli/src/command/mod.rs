//! The commands, one file each.

pub(crate) mod merge;
mod new_policy;
mod optimize;
mod policies;
pub(crate) mod progress;
mod report;
pub(crate) mod run;
pub(crate) mod searched;
mod simulate;
mod uncertainty;

use crate::Registries;
use crate::args::Command;
use crate::data::fit::FitProfileError;
use crate::error::CliError;

/// Does what was asked.
pub(crate) fn run(command: Command, registries: &Registries) -> Result<(), CliError> {
    let registry = &registries.policies;
    match command {
        Command::Simulate(args) => simulate::simulate(&args, registry),
        Command::Run(args) => {
            crate::experiment::distinct(&args.files)?;
            let (group_ttl, files) = crate::ttl::planned(&args.files, &args.options, registry)?;
            let (comparisons, files) = crate::compare::planned(&files, &args.options, registries)?;
            run::run(&files, &args.options, registries)?;
            group_ttl
                .iter()
                .try_for_each(|(file, plan)| crate::ttl::run(file, plan, &args.options, registry))?;
            comparisons.iter().try_for_each(|(file, comparison)| {
                crate::compare::run(file, comparison, &args.options.out, registry)
            })
        }
        Command::Optimize(args) => optimize::optimize(&args, registries),
        Command::Merge(args) => merge::merge(&args),
        Command::Report(args) => report::report(&args),
        Command::Policies(args) => policies::policies(&args, registry),
        Command::NewPolicy(args) => new_policy::new_policy(&args, registry),
        Command::FitProfile(args) => match args.run() {
            Ok(summary) => crate::output::print(&summary),
            Err(error @ FitProfileError::Write(..)) => Err(CliError::machine(error)),
            Err(error) => Err(CliError::user(error)),
        },
        Command::Validate(command) => crate::validate::run(&command, registry),
        Command::TuneTtl(args) => crate::ttl::tune_ttl(&args),
        Command::Trace(command) => crate::trace::run(&command),
    }
}
