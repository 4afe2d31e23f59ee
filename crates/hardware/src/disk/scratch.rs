//! The scratch file. Its name is taken away as soon as it is open: the system frees it when the program ends, also by an
//! error, a signal or a crash.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::aligned::Aligned;
use crate::Error;
use crate::extent::MIB;

/// An open file without a name.
#[derive(Debug)]
pub(super) struct Scratch {
    file: File,
    folder: PathBuf,
    bytes: u64,
    direct: bool,
}

impl Scratch {
    pub(super) fn create(folder: &Path, bytes: u64) -> Result<Self, Error> {
        let known = std::fs::metadata(folder).map_err(|source| Error::unusable(folder, &source))?;
        if !known.is_dir() {
            return Err(Error::Choice(format!("{}: it is no folder", folder.display())));
        }
        let (file, direct) = match open(folder, true) {
            // Every refusal but that of O_DIRECT comes again.
            Err(_) => (open(folder, false).map_err(|source| Error::unusable(folder, &source))?, false),
            Ok(file) => (file, cfg!(target_os = "linux")),
        };
        Ok(Self { file, folder: folder.to_owned(), bytes, direct })
    }

    /// Writes all of it once, so that the disk has given its room and no later write is a first one.
    pub(super) fn fill(&self) -> Result<(), Error> {
        let buffer = Aligned::new((4 * MIB).min(self.bytes) as usize);
        let mut at = 0;
        while at < self.bytes {
            let rest = (self.bytes - at).min(buffer.bytes().len() as u64) as usize;
            super::plain::write_all(&self.file, &buffer.bytes()[..rest], at).map_err(|it| self.failed(it))?;
            at += rest as u64;
        }
        self.file.sync_all().map_err(|source| self.failed(source))
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether the page cache is left out.
    pub(super) fn is_direct(&self) -> bool {
        self.direct
    }

    pub(super) fn failed(&self, source: io::Error) -> Error {
        let what = format!("a scratch file of {} MiB", self.bytes / MIB);
        Error::File { path: self.folder.clone(), what, source }
    }
}

fn open(folder: &Path, direct: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(target_os = "linux")]
    if direct {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(libc::O_DIRECT);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = direct;
    let named =
        tempfile::Builder::new().prefix(".kareto-scratch-").make_in(folder, |path| options.open(path))?;
    let (file, path) = named.into_parts();
    path.close()?; // takes the name away
    Ok(file)
}
