//! A file that one process at a time may write.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use same_file::Handle;

use super::ArchiveError;

/// An open file, locked until it is dropped.
#[derive(Debug)]
pub(super) struct HeldFile {
    path: PathBuf,
    file: File,
    created: bool,
}

impl HeldFile {
    /// Opens or creates a file, and locks it.
    pub(super) fn open(path: &Path) -> Result<Self, ArchiveError> {
        let io_error = |source| ArchiveError::Io { path: path.to_owned(), source };
        // Behind a link, which may lead to a file that is not there yet.
        let target = whole_file::regular_target(path).map_err(io_error)?;
        let path = target.as_deref().unwrap_or(path);
        loop {
            let mut options = OpenOptions::new();
            let (file, created) = match options.read(true).write(true).create_new(true).open(path) {
                Ok(file) => (file, true),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    match options.create_new(false).open(path) {
                        // Removed in between.
                        Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                        file => (file.map_err(io_error)?, false),
                    }
                }
                Err(error) => return Err(io_error(error)),
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(ArchiveError::Busy { path: path.to_owned() }),
                Err(TryLockError::Error(source)) => return Err(io_error(source)),
            }
            // Whoever held it until now may have put another file in its place.
            let locked = file.try_clone().and_then(Handle::from_file).map_err(io_error)?;
            if Handle::from_path(path).is_ok_and(|named| named == locked) {
                return Ok(Self { path: path.to_owned(), file, created });
            }
        }
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the file where opening made it: nothing came of it.
    pub(super) fn remove_if_created(&self) {
        if self.created {
            drop(fs::remove_file(&self.path)); // an empty file is not worth an error beside the one there is
        }
    }
}

impl Drop for HeldFile {
    /// Unlocks by name: a child process between fork and exec holds the file open too, and with it the lock.
    fn drop(&mut self) {
        drop(self.file.unlock());
    }
}
