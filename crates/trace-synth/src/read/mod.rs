//! Readers of public trace formats into [`Trace`].
//!
//! A file is read whole or not at all: anything malformed is a [`ReadError`] with file, line, field, value and what is
//! expected; nothing is skipped. Plain, gzip and zstd are told apart by their first bytes. Compressed or not, one
//! line is in memory at a time. No reader looks at a file's name, downloads anything, or keeps text of a prompt.

mod error;
mod jsonl;
mod lines;
mod scan;

use std::io::Read;
use std::num::NonZero;
use std::path::Path;

use kv_core::Trace;

pub use error::ReadError;
pub use jsonl::MOONCAKE_BLOCK_TOKENS;
use lines::Lines;

/// What a reader is told beside the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// Tokens in a block [tokens]; `None`: what the file says, or else the format's own.
    pub block_tokens: Option<NonZero<u32>>,
}

impl ReadOptions {
    /// Takes block size from the file, or else the format's own.
    pub const AS_FILED: Self = Self { block_tokens: None };
}

/// Reads a trace file; `-` is standard input.
///
/// # Errors
/// See [`ReadError`].
pub fn read_path(path: &Path, options: &ReadOptions) -> Result<Trace, ReadError> {
    jsonl::read(&mut Lines::open(path)?, options)
}

/// Reads a trace from a stream; `name` is what errors call it.
///
/// # Errors
/// See [`ReadError`].
pub fn read(stream: impl Read, name: &str, options: &ReadOptions) -> Result<Trace, ReadError> {
    jsonl::read(&mut Lines::new(stream, name)?, options)
}

#[cfg(test)]
mod tests;
