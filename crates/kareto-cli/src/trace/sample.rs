//! `kareto trace sample`: a thinner trace, and how far its hit curve is from the whole one's.

use clap::{Args, ValueEnum};
use trace_synth::synth::DEFAULT_SEED;
use trace_synth::transform::{curve_error, sample_blocks, sample_sessions};

use super::common::{Input, Output};
use crate::error::CliError;
use crate::output::print;

/// Arguments of `trace sample`.
#[derive(Debug, Args)]
pub(crate) struct Sample {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    output: Output,
    /// Share to keep, above 0, at most 1.
    #[arg(long, value_name = "SHARE")]
    share: f64,
    /// What is kept or dropped: whole sessions, or blocks (as SHARDS does; read its curve at capacities times the share).
    #[arg(long, value_enum, default_value_t = By::Session)]
    by: By,
    /// Another seed keeps others.
    #[arg(long, default_value_t = DEFAULT_SEED)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum By {
    Session,
    Block,
}

/// Writes a thinner trace and prints the error of its LRU curve.
pub(super) fn sample(args: &Sample) -> Result<(), CliError> {
    let whole = args.input.read()?;
    let thin = match args.by {
        By::Session => sample_sessions(&whole, args.share, args.seed),
        By::Block => sample_blocks(&whole, args.share, args.seed),
    };
    let thin = thin.map_err(CliError::user)?;
    args.output.write(&thin)?;
    let error = curve_error(&whole, &thin);
    print(&format!(
        "{} of {} requests, {} of {} blocks; LRU curve off by {:.2} pp at most, {:.2} pp on average, over every tenth \
         of the distinct blocks\n",
        thin.len(),
        whole.len(),
        thin.unique_blocks(),
        whole.unique_blocks(),
        error.max_pp,
        error.mean_pp
    ))
}
