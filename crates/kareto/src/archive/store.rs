//! Where a running search keeps its answers: in memory, and appended to a file as each one finishes.
//!
//! A line is written with one call and needs no flush to survive the death of the process (it does not survive a
//! power cut: nothing is synced). One process at a time may hold a file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::file::{check_same, evaluation_line, header_line, parse};
use super::{Archive, ArchiveError};
use crate::evaluate::Evaluation;
use crate::space::{DesignSpace, Point};

/// The archive of a running experiment; shared by the threads that evaluate.
#[derive(Debug)]
pub struct ArchiveStore {
    space: DesignSpace,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    archive: Archive,
    file: Option<(PathBuf, File)>,
}

impl ArchiveStore {
    /// A store without a file, for searches that need not be resumed.
    #[must_use]
    pub fn in_memory(space: &DesignSpace) -> Self {
        Self { space: space.clone(), state: Mutex::new(State { archive: Archive::new(), file: None }) }
    }

    /// Opens or creates an archive file, and keeps it locked while the store lives.
    ///
    /// `fingerprint` names trace, system and space. A torn last line is cut off, and so is a torn header.
    ///
    /// # Errors
    /// See [`ArchiveError`]. A file that is not an archive of this experiment is not changed.
    pub fn open(path: &Path, fingerprint: &str, space: &DesignSpace) -> Result<Self, ArchiveError> {
        let io_error = |source| ArchiveError::Io { path: path.to_owned(), source };
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = options.map_err(io_error)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ArchiveError::Busy { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(io_error(source)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io_error)?;
        let header = header_line(fingerprint, space);
        let archive = if header.as_bytes().starts_with(&bytes) && bytes.len() < header.len() {
            // New, or killed while the header was written.
            restart_at(&mut file, 0).and_then(|()| file.write_all(header.as_bytes())).map_err(io_error)?;
            Archive::new()
        } else {
            let loaded = parse(path, &bytes)?;
            check_same(path, (&loaded.fingerprint, &loaded.space), (fingerprint, space))?;
            restart_at(&mut file, loaded.whole_bytes).map_err(io_error)?;
            loaded.archive
        };
        let state = State { archive, file: Some((path.to_owned(), file)) };
        Ok(Self { space: space.clone(), state: Mutex::new(state) })
    }

    /// The space whose points are kept.
    #[must_use]
    pub fn space(&self) -> &DesignSpace {
        &self.space
    }

    /// The evaluation of a point, if it is done.
    #[must_use]
    pub fn get(&self, point: &Point) -> Option<Evaluation> {
        self.lock().archive.get(point).cloned()
    }

    /// The evaluation of a point, made and kept if it is not done.
    ///
    /// # Errors
    /// Those of `evaluate`, and of [`Self::append`].
    pub fn get_or_evaluate<E: From<ArchiveError>>(
        &self,
        point: &Point,
        evaluate: impl FnOnce() -> Result<Evaluation, E>,
    ) -> Result<Evaluation, E> {
        if let Some(known) = self.get(point) {
            return Ok(known);
        }
        let found = evaluate()?;
        self.append(point, &found)?;
        Ok(found)
    }

    /// How many evaluations are done.
    #[must_use]
    pub fn evaluations(&self) -> usize {
        self.lock().archive.len()
    }

    /// A copy of what is done so far.
    #[must_use]
    pub fn snapshot(&self) -> Archive {
        self.lock().archive.clone()
    }

    /// Keeps a finished evaluation, in the file first.
    ///
    /// # Errors
    /// A figure that is not finite, an evaluation that disagrees with a kept one, or a failing disk. After a failed
    /// write the file is cut back to whole lines where the system still allows it.
    pub fn append(&self, point: &Point, evaluation: &Evaluation) -> Result<(), ArchiveError> {
        let line = evaluation_line(&self.space, point, evaluation)?;
        let mut state = self.lock();
        if state.archive.contains(point) {
            state.archive.insert(point.clone(), evaluation.clone())?;
            return Ok(());
        }
        if let Some((path, file)) = &mut state.file {
            let write = |file: &mut File| {
                let start = file.stream_position()?;
                let written = file.write_all(line.as_bytes()).and_then(|()| file.flush());
                written.inspect_err(|_| drop(restart_at(file, start)))
            };
            write(file).map_err(|source| ArchiveError::Io { path: path.clone(), source })?;
        }
        state.archive.insert(point.clone(), evaluation.clone())?;
        Ok(())
    }

    /// A thread that panicked cannot have left the map half changed, so a poisoned lock is still good.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ArchiveStore {
    /// Unlocks by name: a child process between fork and exec holds the file open too, and with it the lock.
    fn drop(&mut self) {
        if let Some((_, file)) = &self.lock().file {
            drop(file.unlock());
        }
    }
}

/// Cuts the file to `length` bytes and continues there.
fn restart_at(file: &mut File, length: u64) -> io::Result<()> {
    file.set_len(length)?;
    file.seek(SeekFrom::Start(length)).map(drop)
}
