//! Standard output and error: the only place that prints.

use std::io::{self, Write as _};

use crate::error::CliError;

/// Writes text to standard output at once.
///
/// # Errors
/// A reader that has gone away, or a full disk behind a redirection.
pub(crate) fn print(text: &str) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| CliError::output(&error))
}

/// Writes a message to standard error; where even that fails, nobody is listening.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}

/// Lays out rows in columns: the first left, the others right, two spaces between.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    report::aligned(rows, |column| column > 0)
}
