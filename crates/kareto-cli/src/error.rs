//! What the user is told when something cannot be done, and with which exit code.
//!
//! A message names the file, line or key, the value, and what is allowed; where the mistake stands in a file, the
//! line is shown. Broken invariants are not here: they are assertions.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use crate::data::DataError;
use kareto::ArchiveError;
use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

/// Whose fault it is; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A mistake in what the user gave: exit code 2.
    User,
    /// The machine's: a full disk, a directory that cannot be written. Exit code 1.
    Machine,
    /// Whoever reads our output has gone away (`| head`): no message, exit code 0.
    ReaderGone,
}

/// An error that ends the program.
#[derive(Debug)]
pub struct CliError {
    fault: Fault,
    message: String,
    help: Option<String>,
    /// Boxed, since most results carry no error.
    place: Option<Box<(NamedSource<String>, LabeledSpan)>>,
}

impl CliError {
    /// A mistake of the user without a place in a file.
    pub fn user(message: impl fmt::Display) -> Self {
        Self { fault: Fault::User, message: message.to_string(), help: None, place: None }
    }

    /// The same, saying what is allowed.
    pub fn user_with_help(message: impl fmt::Display, help: impl fmt::Display) -> Self {
        Self { help: Some(help.to_string()), ..Self::user(message) }
    }

    /// A failure of the machine.
    pub fn machine(message: impl fmt::Display) -> Self {
        Self { fault: Fault::Machine, ..Self::user(message) }
    }

    /// A failure while writing to standard output.
    pub fn output(error: &std::io::Error) -> Self {
        let fault = match error.kind() {
            std::io::ErrorKind::BrokenPipe => Fault::ReaderGone,
            _ => Fault::Machine,
        };
        Self { fault, ..Self::user(format!("standard output: {error}")) }
    }

    /// A file or folder that the user named and that cannot be read.
    pub fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::user(format!("{}: {error}; allowed: one that is there and can be read", path.display()))
    }

    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.fault
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CliError {}

impl Diagnostic for CliError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.as_ref().map(|place| &place.0 as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.place.as_ref().map(|place| Box::new(std::iter::once(place.1.clone())) as Box<_>)
    }
}

impl From<ArchiveError> for CliError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Io { .. } => Self::machine(error),
            error => Self::user(error),
        }
    }
}

impl From<DataError> for CliError {
    fn from(error: DataError) -> Self {
        let message = in_one_line(&error);
        let place = match error {
            DataError::Syntax { file, text, span: Some(span), .. } => {
                let label = LabeledSpan::new_with_span(Some("here".to_owned()), span);
                Some(Box::new((NamedSource::new(file, text.inner().clone()), label)))
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

/// A file of the user's as text, to point into.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    name: String,
    text: String,
}

impl Source {
    /// Reads a text file.
    pub(crate) fn read(path: &Path) -> Result<Self, CliError> {
        let text = std::fs::read_to_string(path).map_err(|error| CliError::unreadable(path, &error))?;
        Ok(Self { name: path.display().to_string(), text })
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// A mistake at a place: `message` says what and what is allowed, `label` stands at the place.
    pub(crate) fn error(&self, span: Range<usize>, message: impl fmt::Display, label: &str) -> CliError {
        let line = 1 + self.text[..span.start.min(self.text.len())].matches('\n').count();
        let label = LabeledSpan::new_with_span(Some(label.to_owned()), span);
        CliError {
            place: Some(Box::new((NamedSource::new(&self.name, self.text.clone()), label))),
            ..CliError::user(format!("{}:{line}: {message}", self.name))
        }
    }

    /// A mistake of the file as a whole.
    pub(crate) fn error_in_file(&self, message: impl fmt::Display) -> CliError {
        CliError::user(format!("{}: {message}", self.name))
    }

    /// A data file that this file names at a place: where the mistake is in that file, that is what is shown.
    pub(crate) fn data_error(&self, span: Range<usize>, error: DataError) -> CliError {
        match error {
            DataError::Syntax { .. } | DataError::Value { .. } => CliError::from(error),
            error => self.error(span, in_one_line(&error), "here"),
        }
    }

    /// Parses the text as TOML.
    pub(crate) fn parse_toml<T: serde::de::DeserializeOwned>(&self) -> Result<T, CliError> {
        toml::from_str(&self.text).map_err(|error: toml::de::Error| {
            let message = error.message().replace('\n', ", ");
            match error.span() {
                Some(span) => self.error(span, message, "here"),
                None => self.error_in_file(message),
            }
        })
    }
}
