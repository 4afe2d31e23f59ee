//! Readers of public trace formats into [`Trace`].
//!
//! A file is read whole or not at all. Anything malformed is a [`ReadError`] with file, line, field, value and
//! what is expected; nothing is skipped. The first bytes tell plain, gzip and zstd apart. Compressed or not,
//! one line is in memory at a time. No reader looks at a file's name, downloads anything, or keeps text of a
//! prompt.

pub mod csv;
mod error;
mod fields;
mod format;
pub mod jsonl;
pub mod kv_events;
mod lengths;
mod lines;
pub mod qwen;
mod scan;

use std::io::Read;
use std::num::NonZero;
use std::path::Path;

use kv_core::Trace;

pub use error::ReadError;
pub use format::Format;
pub use jsonl::MOONCAKE_BLOCK_TOKENS;
use lines::Lines;

use crate::synth::PrefixLevel;

/// What a reader is told beside the data.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadOptions {
    /// Tokens in a block [tokens]; `None`: what the file says, or else the format's own.
    pub block_tokens: Option<NonZero<u32>>,
    /// The format; `None`: what the first line says.
    pub format: Option<Format>,
    /// For files of lengths only, what prompts share; `None`: nothing, so that there is no reuse at all.
    pub length_prefixes: Option<LengthPrefixes>,
}

impl ReadOptions {
    /// Takes format and block size from the file; prompts of files of lengths share nothing.
    pub const AS_FILED: Self = Self { block_tokens: None, format: None, length_prefixes: None };
}

/// Shared prefixes made up for a file of lengths.
#[derive(Debug, Clone, PartialEq)]
pub struct LengthPrefixes {
    /// The shared prefix tree, as in a recipe. A prompt shorter than its shared text takes the text's beginning.
    pub levels: Vec<PrefixLevel>,
    /// Seed of the choices.
    pub seed: u64,
}

/// Reads a trace file; `-` is standard input.
///
/// # Errors
/// See [`ReadError`].
pub fn read_path(path: &Path, options: &ReadOptions) -> Result<Trace, ReadError> {
    read_lines(Lines::open(path)?, options)
}

/// Reads a trace from a stream; `name` is what errors call it.
///
/// # Errors
/// See [`ReadError`].
pub fn read(stream: impl Read, name: &str, options: &ReadOptions) -> Result<Trace, ReadError> {
    read_lines(Lines::new(stream, name)?, options)
}

fn read_lines(mut lines: Lines<'_>, options: &ReadOptions) -> Result<Trace, ReadError> {
    let format = match options.format {
        Some(format) => format,
        None => Format::detect(&mut lines)?,
    };
    match format {
        Format::Mooncake => jsonl::read(&mut lines, options),
        Format::QwenBailian => qwen::read(&mut lines, options),
        Format::Azure | Format::BurstGpt => csv::read(&mut lines, format, options),
        Format::KvEvents => kv_events::read(&mut lines, options),
    }
}

#[cfg(test)]
mod tests;
