//! Files that appear when they are complete. A file is written under another name in the same folder, brought to the
//! disk, and then renamed.

use std::fs::File;
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::error::CliError;

/// Writes a file anew, whole or not at all.
pub(crate) fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), CliError> {
    try_replace(path, write).map_err(|error| CliError::machine(format!("{}: {error}", path.display())))
}

/// The same for writers that have errors of their own.
pub(crate) fn try_replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    report::write_atomically_with(path, write)
}

/// A file for a name that must be free. It goes away again unless it is renamed. It is created as any file is, so that
/// others may read it where the user lets them; the mode of a temporary file would not allow that.
pub(crate) fn unfinished(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().make_in(folder, |path| File::create_new(path))
}
