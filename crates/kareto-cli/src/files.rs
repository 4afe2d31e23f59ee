//! Files that the program writes. The crate `whole-file` writes them, so that each is there whole or not at all.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use crate::error::CliError;

/// Writes a file anew, whole or not at all; a device and the like is written through.
pub(crate) fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), CliError> {
    whole_file::write(path, write).map_err(|error| match error.kind() {
        // As on standard output, which may be what the path names.
        io::ErrorKind::BrokenPipe => CliError::ReaderGone,
        io::ErrorKind::IsADirectory => CliError::user(format!("{}: {error}; name a file", path.display())),
        _ => CliError::machine(format!("{}: {error}", path.display())),
    })
}

/// The same for bytes that are there already.
pub(crate) fn replace_with(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    replace(path, |file| file.write_all(bytes))
}

/// Writes a file that must not be there yet, whole or not at all.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<(), CliError> {
    whole_file::write_new(path, text.as_bytes()).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            let message = format!("{}: it is there already, and is left as it is", path.display());
            CliError::user_with_help(message, "another name, or another folder with --out")
        }
        _ => CliError::machine(format!("{}: {error}", path.display())),
    })
}
