//! `kareto trace`: the subcommands that look at traces or make them.

pub(crate) mod common;
mod convert;
mod curve;
mod describe;
mod filter;
mod from_prompts;
mod sample;
mod synth;

use clap::Subcommand;

use crate::error::CliError;

/// What to do with traces.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print what is in a trace: sizes, rates, lengths, and how much of it could be reused at best.
    Describe(describe::Describe),
    /// Print what caches of given sizes would hit, by policy.
    Curve(curve::Curve),
    /// Write any readable trace as Mooncake JSONL.
    Convert(convert::Convert),
    /// Write a trace of a file of prompts: block ids that say what they share.
    FromPrompts(from_prompts::FromPrompts),
    /// Write a share of a trace, and print the error of its hit curve.
    Sample(sample::Sample),
    /// Write the requests of given lengths, and print how many were dropped.
    Filter(filter::Filter),
    /// Write a trace at another pace.
    Scale(convert::Scale),
    /// Write the part of a trace that arrives in a window of time.
    Window(convert::Window),
    /// Write several tenants' traces as one; they share nothing.
    Merge(convert::Merge),
    /// Write a trace with requests of one timestamp spread over the time to the next.
    SpreadTies(convert::Convert),
    /// Write the trace of a recipe.
    Synth(synth::Synth),
    /// Print how near the recipes come to the published figures they stand for.
    Calibration(synth::CalibrationArgs),
    /// Write a recipe whose traces are like a given one.
    Fit(synth::Fit),
}

/// Does what was asked.
pub(crate) fn run(command: &Command) -> Result<(), CliError> {
    match command {
        Command::Describe(args) => describe::describe(args),
        Command::Curve(args) => curve::curve(args),
        Command::Convert(args) => convert::convert(args),
        Command::FromPrompts(args) => from_prompts::from_prompts(args),
        Command::Sample(args) => sample::sample(args),
        Command::Filter(args) => filter::filter(args),
        Command::Scale(args) => convert::scale(args),
        Command::Window(args) => convert::window(args),
        Command::Merge(args) => convert::merge(args),
        Command::SpreadTies(args) => convert::ties(args),
        Command::Synth(args) => synth::synth(args),
        Command::Calibration(args) => synth::calibrate(args),
        Command::Fit(args) => synth::fit(args),
    }
}
