//! Writing a file so that it is there whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::Error;

/// Writes `bytes` to `path`, replacing what was there.
///
/// The bytes go to a temporary file in the same directory, reach the disk, and then take the name in one step. A
/// reader sees the old file or the new one; a full disk or a killed process leaves the old one.
///
/// # Errors
/// [`Error::Write`] with the path, and the temporary file is removed. The directory must exist.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    let partial = partial_name(path).map_err(failed)?;
    let done = write_and_sync(&partial, bytes).and_then(|()| fs::rename(&partial, path));
    if let Err(source) = done {
        // The first error is the one to tell; a leftover is named so that it is recognised.
        let _ = fs::remove_file(&partial);
        return Err(failed(source));
    }
    sync_directory(path).map_err(failed)
}

/// `front.csv` -> `.front.csv.<process id>.partial`: two processes never share one.
fn partial_name(path: &Path) -> io::Result<PathBuf> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
    };
    let mut partial = OsString::from(".");
    partial.push(name);
    partial.push(format!(".{}.partial", std::process::id()));
    Ok(path.with_file_name(partial))
}

fn write_and_sync(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The new name must reach the disk too. Only unix lets a directory be opened and synced.
#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    File::open(parent)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_path: &Path) -> io::Result<()> {
    Ok(())
}
