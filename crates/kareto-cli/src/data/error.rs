//! What can be wrong with a data file, said with the file, the key or line, the value, and what is allowed.

use super::Kind;
use miette::{Diagnostic, NamedSource, SourceSpan};
use std::ops::Range;
use std::sync::Arc;
use thiserror::Error;

/// A data file that cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub(crate) enum DataError {
    /// A name that no embedded file has.
    #[error("there is no {kind} `{name}`")]
    #[diagnostic(help(
        "known: {known}; a reference with a `/` or the ending `.toml` is a file, relative to the file that names it"
    ))]
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
        #[source_code]
        text: Arc<NamedSource<String>>,
        /// The place.
        #[label("here")]
        span: Option<SourceSpan>,
    },
    /// A value that reads but cannot be.
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
    #[diagnostic(help("priced: {known}"))]
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
    pub(super) fn syntax(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let span = error.span().map(|Range { start, end }| SourceSpan::new(start.into(), end - start));
        Self::Syntax {
            file: file.to_owned(),
            message: error.message().to_owned(),
            text: Arc::new(NamedSource::new(file, text.to_owned()).with_language("TOML")),
            span,
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
