//! The errors of a data file. Each has the file, the key or line, the value, and the allowed values.

use super::Kind;
use std::ops::Range;
use thiserror::Error;

/// A data file that cannot be used.
#[derive(Debug, Error)]
pub(crate) enum DataError {
    /// A name that no embedded file has.
    #[error("there is no {kind} `{name}`")]
    UnknownName {
        /// Kind of file.
        kind: Kind,
        /// Name as written.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A file that cannot be read.
    #[error("{kind} file {path}: {problem}")]
    Unreadable {
        /// Kind of file.
        kind: Kind,
        /// Its path.
        path: String,
        /// What the system says.
        problem: String,
    },
    /// Text that is not such a file: broken TOML, an unknown key, a value of the wrong form.
    #[error("{file}: {message}")]
    Syntax {
        /// File, or the name of an embedded one.
        file: String,
        /// What is wrong, with the names or units that are allowed.
        message: String,
        /// The text.
        text: String,
        /// The place.
        span: Option<Range<usize>>,
    },
    /// A value that can be read and is impossible.
    #[error("{file}: `{key}` is {value}; allowed: {allowed}")]
    Value {
        /// File, or the name of an embedded one.
        file: String,
        /// Key, with the tables it is in.
        key: String,
        /// Its value.
        value: String,
        /// What it may be.
        allowed: String,
    },
    /// Values that do not go together.
    #[error("{file}: `{key}`: {problem}")]
    Inconsistent {
        /// File, or the name of an embedded one.
        file: String,
        /// Key, with the tables it is in.
        key: &'static str,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// A price list without the price asked for.
    #[error("{file}: there is no {what} price for `{name}`")]
    NoPrice {
        /// Price list.
        file: String,
        /// `gpu` or `medium`.
        what: &'static str,
        /// What was to be priced.
        name: String,
        /// What is priced.
        known: String,
    },
}

impl DataError {
    /// What would be right, where the message does not say it.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Self::UnknownName { known, .. } => Some(format!(
                "known: {known}; a reference with a `/` or the ending `.toml` is a file, relative to the file that names it"
            )),
            Self::NoPrice { known, .. } => Some(format!("priced: {known}")),
            _ => None,
        }
    }

    pub(super) fn syntax(file: &str, text: &str, error: &toml::de::Error) -> Self {
        Self::Syntax {
            file: file.to_owned(),
            message: error.message().to_owned(),
            text: text.to_owned(),
            span: error.span(),
        }
    }

    /// A value of `file` that is not one of `allowed`.
    pub(super) fn value(file: &str, key: &str, value: impl ToString, allowed: impl ToString) -> Self {
        Self::Value {
            file: file.to_owned(),
            key: key.to_owned(),
            value: value.to_string(),
            allowed: allowed.to_string(),
        }
    }
}
