//! Writing what this crate made into files.

use std::io::Write as _;
use std::path::Path;

use crate::Error;

/// Writes `bytes` to `path`. A regular file is replaced whole or not at all; a device, a pipe and the like are written
/// through, and links are followed.
///
/// # Errors
/// [`Error::Write`] with the path; then a regular file is as it was. The folder must exist.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    whole_file::write(path, |file| file.write_all(bytes))
        .map_err(|source| Error::Write { path: path.to_owned(), source })
}
