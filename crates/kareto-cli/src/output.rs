//! Standard output and error. Only this module prints.

use std::io::{self, Write as _};

use crate::error::CliError;

/// Writes text to standard output at once.
///
/// # Errors
/// The reader has gone away, or the disk behind a redirection is full.
pub(crate) fn print(text: &str) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| CliError::output(&error))
}

/// Writes a message to standard error. If that fails too, nobody is listening.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}

/// Lays out rows in columns. The first column is aligned left, the others right, with two spaces between them.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    report::aligned(rows, |column| column > 0)
}
