//! `kareto trace filter`: the requests of given lengths.

use std::ops::RangeInclusive;

use clap::Args;
use trace_synth::transform::{LengthLimits, filter as within};

use super::common::{Input, Output};
use crate::error::CliError;
use crate::output::print;

/// Arguments of `trace filter`.
#[derive(Debug, Args)]
pub(crate) struct Filter {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    output: Output,
    /// Longest prompt to keep [tokens].
    #[arg(long, value_name = "TOKENS")]
    max_prompt_tokens: Option<u32>,
    /// Shortest prompt to keep [tokens].
    #[arg(long, value_name = "TOKENS")]
    min_prompt_tokens: Option<u32>,
    /// Longest output to keep [tokens].
    #[arg(long, value_name = "TOKENS")]
    max_output_tokens: Option<u32>,
    /// Shortest output to keep [tokens].
    #[arg(long, value_name = "TOKENS")]
    min_output_tokens: Option<u32>,
    /// Longest prompt and output together to keep [tokens]: what an engine's window limits.
    #[arg(long, value_name = "TOKENS")]
    max_total_tokens: Option<u64>,
    /// Shortest prompt and output together to keep [tokens].
    #[arg(long, value_name = "TOKENS")]
    min_total_tokens: Option<u64>,
}

/// Writes the requests whose lengths are within the limits, and prints how many were dropped.
pub(super) fn filter(args: &Filter) -> Result<(), CliError> {
    let limits = LengthLimits {
        prompt: range("prompt", args.min_prompt_tokens, args.max_prompt_tokens, u32::MAX)?,
        output: range("output", args.min_output_tokens, args.max_output_tokens, u32::MAX)?,
        total: range("total", args.min_total_tokens, args.max_total_tokens, u64::MAX)?,
    };
    if limits == LengthLimits::default() {
        return Err(CliError::user(
            "nothing to filter by; give at least one of --max-prompt-tokens, --min-prompt-tokens, --max-output-tokens, \
             --min-output-tokens, --max-total-tokens, --min-total-tokens",
        ));
    }
    let whole = args.input.read()?;
    let kept = within(&whole, &limits).map_err(CliError::user)?;
    args.output.write(&kept)?;
    let longest = whole.requests().map(|r| u64::from(r.prompt_tokens) + u64::from(r.output_tokens)).max();
    print(&format!(
        "{} of {} requests kept, {} dropped; the longest was {} tokens, prompt and output together\n",
        kept.len(),
        whole.len(),
        whole.len() - kept.len(),
        longest.unwrap_or(0)
    ))
}

/// The lengths from the one limit to the other.
fn range<T: Copy + Default + PartialOrd + std::fmt::Display>(
    what: &str,
    least: Option<T>,
    most: Option<T>,
    all: T,
) -> Result<RangeInclusive<T>, CliError> {
    let (least, most) = (least.unwrap_or_default(), most.unwrap_or(all));
    if least > most {
        return Err(CliError::user(format!(
            "--min-{what}-tokens is {least} and --max-{what}-tokens is {most}; expected the first at most the second"
        )));
    }
    Ok(least..=most)
}
