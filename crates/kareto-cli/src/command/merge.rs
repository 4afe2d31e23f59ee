//! `kareto merge`: merges archives of one experiment, such as from two machines.

use std::path::PathBuf;

use clap::Args;
use kareto::archive::merge_files;

use crate::error::CliError;
use crate::output::complain;

/// Merge archives of one experiment, such as from two machines, into one that a run goes on from.
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// Archives of the same trace, system and axes.
    #[arg(required = true, num_args = 2.., value_name = "ARCHIVE")]
    archives: Vec<PathBuf>,
    /// Where the merged archive goes; it may be one of the others.
    #[arg(short, long = "output", value_name = "ARCHIVE")]
    output: PathBuf,
}

/// Merges the archives, or changes nothing.
pub(super) fn merge(args: &Merge) -> Result<(), CliError> {
    let merged = merge_files(&args.archives, &args.output)?;
    complain(&format!(
        "{}: {} evaluations of {} points",
        args.output.display(),
        merged.lines(),
        merged.space.size()
    ));
    Ok(())
}
