//! A problem as data. The caller decides how to show it to a person.
//!
//! A message names the file, the line or key, the value, and what is allowed. Where the mistake stands in a file, the
//! problem has the place. A broken invariant is an assertion, and not a problem.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use kv_core::text::decode;

use crate::data::DataError;

/// Whose fault a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A mistake in what the user gave.
    User,
    /// A failure of the machine: a full disk, a folder that cannot be written.
    Machine,
}

/// A place in a text file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file as the user named it.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The place of the mistake, in bytes of the text.
    pub span: Range<usize>,
    /// A word or two to stand at the place.
    pub label: String,
}

/// Why something could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whose fault it is.
    pub fault: Fault,
    /// What is wrong, in one line. The line names the file and what is allowed.
    pub message: String,
    /// A second line that helps.
    pub help: Option<String>,
    /// Where the mistake stands. It is boxed because most results carry no problem.
    pub place: Option<Box<Place>>,
}

impl Problem {
    /// A mistake of the user without a place in a file.
    pub fn user(message: impl fmt::Display) -> Self {
        Self { fault: Fault::User, message: message.to_string(), help: None, place: None }
    }

    /// The same with a second line that helps.
    pub fn user_with_help(message: impl fmt::Display, help: impl fmt::Display) -> Self {
        Self { help: Some(help.to_string()), ..Self::user(message) }
    }

    /// A failure of the machine.
    pub fn machine(message: impl fmt::Display) -> Self {
        Self { fault: Fault::Machine, ..Self::user(message) }
    }

    /// A file or folder that the user named and that cannot be read.
    #[must_use]
    pub fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::user(format!("{}: {error}; allowed: one that is there and can be read", path.display()))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl From<DataError> for Problem {
    fn from(error: DataError) -> Self {
        let message = in_one_line(&error);
        let place = match error {
            DataError::Syntax { file, text, span: Some(span), .. } => {
                Some(Box::new(Place { file, text, span, label: "here".to_owned() }))
            }
            _ => None,
        };
        Self { place, ..Self::user(message) }
    }
}

/// The message and what would be right, as one sentence.
fn in_one_line(error: &DataError) -> String {
    match error.help() {
        Some(help) => format!("{error}; {help}"),
        None => error.to_string(),
    }
}

/// A text file of the user, with places to point at.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    text: String,
}

impl Source {
    /// Reads a text file.
    ///
    /// # Errors
    /// A file that is not there, cannot be read, or is not UTF-8.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let bytes = std::fs::read(path).map_err(|error| Problem::unreadable(path, &error))?;
        let name = path.display().to_string();
        let text = decode(bytes).map_err(|error| Problem::user(format!("{name}: {error}")))?;
        Ok(Self { name, text })
    }

    /// A text that is at hand, under the name that messages call it by.
    #[must_use]
    pub fn of(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned() }
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A mistake at a place. `message` says what is wrong and what is allowed, and `label` stands at the place.
    pub fn error(&self, span: Range<usize>, message: impl fmt::Display, label: &str) -> Problem {
        let line = 1 + self.text[..span.start.min(self.text.len())].matches('\n').count();
        let place = Place { file: self.name.clone(), text: self.text.clone(), span, label: label.to_owned() };
        Problem { place: Some(Box::new(place)), ..Problem::user(format!("{}:{line}: {message}", self.name)) }
    }

    /// A mistake of the file as a whole.
    pub fn error_in_file(&self, message: impl fmt::Display) -> Problem {
        Problem::user(format!("{}: {message}", self.name))
    }

    /// A mistake in a data file that this file names. Where the mistake has a place in the data file, that place is
    /// shown.
    pub(crate) fn data_error(&self, span: Range<usize>, error: DataError) -> Problem {
        match error {
            DataError::Syntax { .. } | DataError::Value { .. } => Problem::from(error),
            error => self.error(span, in_one_line(&error), "here"),
        }
    }

    /// Parses the text as TOML.
    ///
    /// # Errors
    /// Broken TOML, an unknown key, a value of the wrong form; with its place.
    pub fn parse_toml<T: serde::de::DeserializeOwned>(&self) -> Result<T, Problem> {
        toml::from_str(&self.text).map_err(|error: toml::de::Error| {
            let message = error.message().replace('\n', ", ");
            match error.span() {
                Some(span) => self.error(span, message, "here"),
                None => self.error_in_file(message),
            }
        })
    }
}
