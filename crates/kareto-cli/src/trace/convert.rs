//! `kareto trace convert`, `window`, `scale`, `merge`, `spread-ties`: traces made from traces.

use std::path::PathBuf;

use clap::Args;
use kv_core::units::s_from_ns;
use trace_synth::{spread_ties, transform};

use super::common::{Input, Output, Reading};
use crate::error::CliError;
use crate::output::complain;

/// Arguments of `trace convert` and `trace spread-ties`.
#[derive(Debug, Args)]
pub(crate) struct Convert {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    output: Output,
}

/// Arguments of `trace window`.
#[derive(Debug, Args)]
pub(crate) struct Window {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    output: Output,
    /// Start of the window [s], included; it becomes time 0.
    #[arg(long, value_name = "SECONDS")]
    from_s: f64,
    /// End of the window [s], not included.
    #[arg(long, value_name = "SECONDS")]
    to_s: f64,
}

/// Arguments of `trace scale`.
#[derive(Debug, Args)]
pub(crate) struct Scale {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    output: Output,
    /// Factor on all arrival times: 0.5 makes the trace twice as fast.
    #[arg(long, value_name = "FACTOR")]
    time: f64,
}

/// Arguments of `trace merge`.
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// Trace files, one per tenant.
    #[arg(required = true, value_name = "FILE")]
    traces: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    output: Output,
}

/// Reads any format and writes Mooncake JSONL.
pub(super) fn convert(args: &Convert) -> Result<(), CliError> {
    args.output.write(&args.input.read()?)
}

/// Writes the trace with requests of one timestamp spread evenly over the time to the next.
pub(super) fn ties(args: &Convert) -> Result<(), CliError> {
    args.output.write(&spread_ties(&args.input.read()?))
}

/// Writes the part of a trace that arrives in a window.
pub(super) fn window(args: &Window) -> Result<(), CliError> {
    let (from_ns, to_ns) = (nanoseconds("--from-s", args.from_s)?, nanoseconds("--to-s", args.to_s)?);
    let part = transform::window(&args.input.read()?, from_ns, to_ns).map_err(CliError::user)?;
    args.output.write(&part)
}

/// Writes a trace at another pace.
pub(super) fn scale(args: &Scale) -> Result<(), CliError> {
    let scaled = transform::scale_time(&args.input.read()?, args.time).map_err(CliError::user)?;
    args.output.write(&scaled)
}

/// Writes several tenants' traces as one.
pub(super) fn merge(args: &Merge) -> Result<(), CliError> {
    let read: Vec<_> =
        args.traces.iter().map(|path| args.reading.read_with_start(path)).collect::<Result<_, _>>()?;
    let starts_s: Vec<String> = read.iter().map(|read| s_from_ns(read.start_ns).to_string()).collect();
    if starts_s.iter().any(|start| *start != starts_s[0]) {
        complain(&format!(
            "every trace starts at 0; by their own stamps they start at {} s. For one clock, put their lines into one file",
            starts_s.join(", ")
        ));
    }
    let traces: Vec<_> = read.into_iter().map(|read| read.trace).collect();
    args.output.write(&transform::merge(&traces).map_err(CliError::user)?)
}

fn nanoseconds(option: &str, time_s: f64) -> Result<u64, CliError> {
    if !(0.0..=1e9).contains(&time_s) {
        return Err(CliError::user(format!("{option} is {time_s}; expected seconds from 0 to 1000000000")));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    let ns = (time_s * 1e9).round() as u64;
    Ok(ns)
}
