//! Writing a file so that it is there whole or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crate::Error;

/// Writes `bytes` to `path`, replacing what was there. See [`write_atomically_with`].
///
/// # Errors
/// [`Error::Write`] with the path, and nothing is left of the new file. The directory must exist.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_atomically_with(path, |file| file.write_all(bytes))
        .map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// Writes what `write` writes to `path`, replacing what was there.
///
/// The bytes go to a temporary file in the same directory, reach the disk, and then take the name in one step. A
/// reader sees the old file or the new one; a full disk or a killed process leaves the old one. The file has the mode
/// of any file that the user creates, so that others may read it where the user lets them.
///
/// # Errors
/// What `write` or the system says, and nothing is left of the new file. The directory must exist.
pub fn write_atomically_with(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let Some(_) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
    };
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // A temporary file's own mode would keep others from reading it.
    let mut file = tempfile::Builder::new().make_in(directory, |path| File::create_new(path))?;
    write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_directory(directory)
}

/// The new name must reach the disk too. Only unix lets a directory be opened and synced.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}
