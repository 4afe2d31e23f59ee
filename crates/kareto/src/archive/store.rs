//! Where a running search keeps its answers: in memory, and appended to a file as each one finishes.
//!
//! A line is written with one call and needs no flush to survive the death of the process (it does not survive a
//! power cut: nothing is synced). One process at a time may hold a file.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::file::{check_same, evaluation_line, header_line, parse};
use super::held::HeldFile;
use super::{Archive, ArchiveError};
use crate::evaluate::Evaluation;
use crate::space::{DesignSpace, Point};

/// The revision of the code that evaluates a point; none where nothing names it.
pub type RevisionOf = dyn Fn(&Point) -> Option<String> + Send + Sync;

/// The archive of a running experiment; shared by the threads that evaluate.
///
/// It answers only what the code at hand would compute. What other code made stays in the file, for the day that code
/// comes back, and is not seen.
pub struct ArchiveStore {
    space: DesignSpace,
    revision_of: Box<RevisionOf>,
    opened: Opened,
    state: Mutex<State>,
}

/// What an archive had when it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Opened {
    /// Points with an evaluation, whatever code made it.
    pub points: usize,
    /// Those of them that only other code evaluated.
    pub stale: usize,
}

#[derive(Debug)]
struct State {
    /// What the code at hand made.
    archive: Archive,
    file: Option<HeldFile>,
}

impl ArchiveStore {
    /// A store without a file, for searches that need not be resumed.
    #[must_use]
    pub fn in_memory(space: &DesignSpace) -> Self {
        let state = Mutex::new(State { archive: Archive::new(), file: None });
        let revision_of = Box::new(|_: &Point| None);
        Self { space: space.clone(), revision_of, opened: Opened::default(), state }
    }

    /// Opens or creates an archive file, and keeps it locked while the store lives.
    ///
    /// `fingerprint` names trace, system and space. `revision_of` names the code that evaluates a point: an evaluation in
    /// the file answers only where its line has the same name. Where there is none, nothing in the file answers. A torn
    /// last line is cut off, and so is a torn header.
    ///
    /// # Errors
    /// See [`ArchiveError`]. A file that is not an archive of this experiment is not changed.
    pub fn open(
        path: &Path,
        fingerprint: &str,
        space: &DesignSpace,
        revision_of: impl Fn(&Point) -> Option<String> + Send + Sync + 'static,
    ) -> Result<Self, ArchiveError> {
        let io_error = |source| ArchiveError::Io { path: path.to_owned(), source };
        let mut held = HeldFile::open(path)?;
        let file = held.file();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io_error)?;
        let header = header_line(fingerprint, space);
        let (mut archive, mut opened) = (Archive::new(), Opened::default());
        if header.as_bytes().starts_with(&bytes) && bytes.len() < header.len() {
            // New, or killed while the header was written.
            restart_at(file, 0).and_then(|()| file.write_all(header.as_bytes())).map_err(io_error)?;
        } else {
            let loaded = parse(path, &bytes)?;
            check_same(path, (&loaded.fingerprint, &loaded.space), (fingerprint, space))?;
            restart_at(file, loaded.whole_bytes).map_err(io_error)?;
            archive = loaded.made_by(|point, revision| revision_of(point).is_some_and(|it| it == revision));
            let points = loaded.evaluations.len();
            opened = Opened { points, stale: points - archive.len() };
        }
        let state = Mutex::new(State { archive, file: Some(held) });
        Ok(Self { space: space.clone(), revision_of: Box::new(revision_of), opened, state })
    }

    /// What was there when it was opened.
    #[must_use]
    pub fn opened(&self) -> Opened {
        self.opened
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

    /// Names of the code that made what is done so far.
    #[must_use]
    pub fn revisions(&self) -> BTreeSet<String> {
        self.lock().archive.iter().filter_map(|(point, _)| (self.revision_of)(point)).collect()
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
        let revision = (self.revision_of)(point);
        let line = evaluation_line(&self.space, point, revision.as_deref(), evaluation)?;
        let mut state = self.lock();
        if state.archive.contains(point) {
            state.archive.insert(point.clone(), evaluation.clone())?;
            return Ok(());
        }
        if let Some(held) = &mut state.file {
            let write = |file: &mut File| {
                let start = file.stream_position()?;
                let written = file.write_all(line.as_bytes()).and_then(|()| file.flush());
                written.inspect_err(|_| drop(restart_at(file, start)))
            };
            write(held.file()).map_err(|source| ArchiveError::Io { path: held.path().to_owned(), source })?;
        }
        state.archive.insert(point.clone(), evaluation.clone())?;
        Ok(())
    }

    /// A thread that panicked cannot have left the map half changed, so a poisoned lock is still good.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ArchiveStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchiveStore")
            .field("opened", &self.opened)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Cuts the file to `length` bytes and continues there.
fn restart_at(file: &mut File, length: u64) -> io::Result<()> {
    file.set_len(length)?;
    file.seek(SeekFrom::Start(length)).map(drop)
}
