//! Files that are not finished yet, and the list of all of them, by which a dying program removes them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

/// The files of this process that are not finished.
static ALL: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A set of paths is good whenever a thread panicked.
fn all() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file under a name of its own. It goes away again unless it is given another name.
pub(crate) struct Unfinished {
    /// None once it has its name.
    file: Option<NamedTempFile>,
    path: PathBuf,
}

impl Unfinished {
    /// An empty file. Its mode is that of any file that the user creates; a temporary file's own mode would keep others
    /// from reading it.
    pub(crate) fn in_folder(folder: &Path) -> io::Result<Self> {
        let mut all = all();
        let file = tempfile::Builder::new().make_in(folder, |path| File::create_new(path))?;
        let path = file.path().to_owned();
        all.insert(path.clone());
        Ok(Self { file: Some(file), path })
    }

    pub(crate) fn file(&mut self) -> &mut File {
        self.file.as_mut().expect("it has no name yet").as_file_mut()
    }

    /// Takes a name, whoever has it.
    pub(crate) fn replace(mut self, path: &Path) -> io::Result<()> {
        self.named(|file| file.persist(path).map(drop).map_err(io::Error::from))
    }

    /// Takes a name that nobody has.
    pub(crate) fn take_free_name(mut self, path: &Path) -> io::Result<()> {
        self.named(|file| file.persist_noclobber(path).map(drop).map_err(io::Error::from))
    }

    fn named(&mut self, give: impl FnOnce(NamedTempFile) -> io::Result<()>) -> io::Result<()> {
        let mut all = all();
        let given = self.file.take().map_or(Ok(()), give);
        all.remove(&self.path);
        given
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let mut all = all();
        drop(self.file.take()); // removes the file
        all.remove(&self.path);
    }
}

/// No file is begun or finished in this process while this lives.
#[must_use = "files can be begun again once it is dropped"]
pub struct Abandoned {
    _all: MutexGuard<'static, BTreeSet<PathBuf>>,
}

/// Removes all files of this process that are not finished, for a program that is about to end at once. Whoever writes
/// one waits for as long as the result lives.
pub fn abandon() -> Abandoned {
    let mut all = all();
    for path in std::mem::take(&mut *all) {
        drop(fs::remove_file(path)); // there is nobody left to tell
    }
    Abandoned { _all: all }
}
