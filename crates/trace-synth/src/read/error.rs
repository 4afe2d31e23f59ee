//! What can be wrong with a trace file, said so that the file can be mended: file, line, field, value, expectation.

use std::io;

use kv_core::MalformedRequest;
use thiserror::Error;

/// A trace that cannot be read. Nothing of it is kept: there is no partial result.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file is missing or cannot be read.
    #[error("{file}: {source}")]
    Io {
        /// The file's name, `-` for standard input.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// Compressed data that stop early or are damaged.
    #[error("{file}: the {codec} data are cut short or damaged after line {line}: {source}")]
    Damaged {
        /// The file's name.
        file: String,
        /// `gzip` or `zstd`.
        codec: &'static str,
        /// The last line that could be read, from 1; 0 for none.
        line: u64,
        /// What the decoder says.
        source: io::Error,
    },
    /// A file without requests.
    #[error("{file}: no requests in it; expected at least one line like {example}")]
    Empty {
        /// The file's name.
        file: String,
        /// A well-formed line of the format.
        example: &'static str,
    },
    /// A line that is not what the format's lines are.
    #[error("{file}:{line}: {found}; expected {expected}")]
    Line {
        /// The file's name.
        file: String,
        /// Line number, from 1.
        line: u64,
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
    },
    /// A field of a wrong value.
    #[error("{file}:{line}: {field} is {value}; expected {expected}")]
    Field {
        /// The file's name.
        file: String,
        /// Line number, from 1.
        line: u64,
        /// The field's name.
        field: &'static str,
        /// Its value as the file gives it, shortened; `missing` where it is not there.
        value: String,
        /// What is allowed.
        expected: String,
    },
    /// A request whose fields do not fit each other or the lines before.
    #[error("{file}:{line}: {source}")]
    Request {
        /// The file's name.
        file: String,
        /// Line number, from 1.
        line: u64,
        /// What does not fit.
        source: MalformedRequest,
    },
}

/// What is wrong within one line; the caller adds file and number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LineError {
    /// The line as a whole.
    Line { found: String, expected: String },
    /// One field.
    Field { field: &'static str, value: String, expected: String },
    /// Fields against each other.
    Request(MalformedRequest),
}

impl LineError {
    pub(super) fn field(field: &'static str, value: impl ToString, expected: impl Into<String>) -> Self {
        Self::Field { field, value: shortened(&value.to_string()), expected: expected.into() }
    }

    pub(super) fn missing(field: &'static str, expected: impl Into<String>) -> Self {
        Self::Field { field, value: "missing".to_owned(), expected: expected.into() }
    }

    pub(super) fn line(found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Line { found: found.into(), expected: expected.into() }
    }

    pub(super) fn at(self, file: &str, line: u64) -> ReadError {
        let file = file.to_owned();
        match self {
            Self::Line { found, expected } => ReadError::Line { file, line, found, expected },
            Self::Field { field, value, expected } => ReadError::Field { file, line, field, value, expected },
            Self::Request(source) => ReadError::Request { file, line, source },
        }
    }
}

impl From<MalformedRequest> for LineError {
    fn from(error: MalformedRequest) -> Self {
        Self::Request(error)
    }
}

/// At most 60 characters of a text, so that a message stays a message.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
