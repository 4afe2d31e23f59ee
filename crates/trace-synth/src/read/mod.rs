//! Readers of public trace formats into [`Trace`].
//!
//! A file is read whole or not at all. Anything malformed is a [`ReadError`] with file, line, field, value and
//! what is expected; nothing is skipped. The first bytes tell plain, gzip and zstd apart. Compressed or not,
//! one line is in memory at a time, of at most 64 MiB. No reader looks at a file's name, downloads anything, or keeps
//! text of a prompt.
//!
//! A trace's clock starts at its first request, whatever the file's stamps count from. What a reader had to assume
//! goes into [`ReadTrace::remarks`].

mod clock;
pub mod csv;
pub mod dynamo;
mod error;
mod fields;
mod format;
mod ids;
pub mod jsonl;
pub mod kv_events;
mod lengths;
mod lines;
pub mod prompts;
pub mod qwen;
mod scan;
pub mod weka;

use std::io::Read;
use std::num::NonZero;
use std::path::Path;

use kv_core::{Trace, TraceBuilder};

pub use clock::TimeUnit;
pub use error::ReadError;
pub use format::Format;
pub use ids::IdScope;
pub use jsonl::MOONCAKE_BLOCK_TOKENS;
use lines::Lines;

use crate::synth::PrefixLevel;

/// What a reader is told beside the data.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadOptions {
    /// Tokens in a block [tokens]; `None`: what the file says, or else the format's own.
    pub block_tokens: Option<NonZero<u32>>,
    /// The format; `None`: what the first line says.
    pub format: Option<Format>,
    /// The unit of times; `None`: the format's own. Dates, and fields that name their unit, keep theirs.
    pub time_unit: Option<TimeUnit>,
    /// What a block id names; `None`: what ids of the format name.
    pub ids: Option<IdScope>,
    /// For files of lengths only, what prompts share; `None`: that is unknown.
    pub length_prefixes: Option<LengthPrefixes>,
}

impl ReadOptions {
    /// Takes all from the file.
    pub const AS_FILED: Self =
        Self { block_tokens: None, format: None, time_unit: None, ids: None, length_prefixes: None };
}

/// Shared prefixes made up for a file of lengths.
#[derive(Debug, Clone, PartialEq)]
pub struct LengthPrefixes {
    /// The shared prefix tree, as in a recipe. A prompt shorter than its shared text takes the text's beginning.
    pub levels: Vec<PrefixLevel>,
    /// Seed of the choices.
    pub seed: u64,
}

/// The one of `all` that has this name.
///
/// # Errors
/// Without one, the names that there are.
pub fn by_name<T: Copy>(value: &str, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, String> {
    let found = all.iter().find(|&&it| name(it) == value).copied();
    found.ok_or_else(|| all.iter().map(|&it| name(it)).collect::<Vec<_>>().join(", "))
}

/// A trace, and what is to be known of how it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadTrace {
    /// The trace. Its first request arrives at 0.
    pub trace: Trace,
    /// When the first request arrived on the clock of the file \[ns\].
    pub start_ns: u64,
    /// What was assumed or left out, a line each: with the file's name, and with how to say otherwise.
    pub remarks: Vec<String>,
}

/// What the reader of a format hands over.
struct Requests {
    builder: TraceBuilder,
    /// The unit of the clock, where it was neither told nor written.
    assumed_unit: Option<TimeUnit>,
    remarks: Vec<String>,
}

/// Reads a trace file; `-` is standard input.
///
/// # Errors
/// See [`ReadError`].
pub fn read_path(path: &Path, options: &ReadOptions) -> Result<Trace, ReadError> {
    read_path_with_remarks(path, options).map(|read| read.trace)
}

/// The same with what was assumed.
///
/// # Errors
/// See [`ReadError`].
pub fn read_path_with_remarks(path: &Path, options: &ReadOptions) -> Result<ReadTrace, ReadError> {
    read_lines(Lines::open(path)?, options)
}

/// Reads a trace from a stream; `name` is what errors call it.
///
/// # Errors
/// See [`ReadError`].
pub fn read(stream: impl Read, name: &str, options: &ReadOptions) -> Result<Trace, ReadError> {
    read_with_remarks(stream, name, options).map(|read| read.trace)
}

/// The same with what was assumed.
///
/// # Errors
/// See [`ReadError`].
pub fn read_with_remarks(
    stream: impl Read,
    name: &str,
    options: &ReadOptions,
) -> Result<ReadTrace, ReadError> {
    read_lines(Lines::new(stream, name)?, options)
}

fn read_lines(mut lines: Lines<'_>, options: &ReadOptions) -> Result<ReadTrace, ReadError> {
    let detected = match options.format {
        Some(format) => (format, None),
        None => Format::detect(&mut lines)?,
    };
    let (format, guess) = detected;
    let mut requests = match format {
        Format::Mooncake => jsonl::read(&mut lines, options),
        Format::QwenBailian => qwen::read(&mut lines, options),
        Format::Azure | Format::BurstGpt => csv::read(&mut lines, format, options),
        Format::KvEvents => kv_events::read(&mut lines, options),
        Format::Weka => weka::read(&mut lines, options),
        Format::Dynamo => dynamo::read(&mut lines, options),
    }?;
    requests.remarks.splice(0..0, guess);
    Ok(finish(requests, lines.file()))
}

/// The trace of a reader's requests. Here its clock is made to start at its first request.
fn finish(requests: Requests, file: &str) -> ReadTrace {
    let Requests { builder, assumed_unit, mut remarks } = requests;
    let (trace, start_ns) = builder.finish_from_first();
    remarks.extend(assumed_unit.and_then(|unit| clock::doubt(&trace, start_ns, unit)));
    if !trace.sharing_known() {
        remarks.push(LENGTHS_ONLY.to_owned());
    }
    let named = |remark| format!("{file}: {remark}");
    ReadTrace { trace, start_ns, remarks: remarks.into_iter().map(named).collect() }
}

/// What follows from a file of lengths only.
const LENGTHS_ONLY: &str = "lengths only, so what prompts share is unknown: nothing about hits or storage follows. Block \
                            ids tell it: record the engine's KV events (--format kv-events), make ids of prompts (kareto \
                            trace from-prompts), or make sharing up (--prefixes RECIPE)";

#[cfg(test)]
mod tests;
