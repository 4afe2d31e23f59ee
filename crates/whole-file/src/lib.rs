//! Writes files so that each is there whole or not at all. All files that this project replaces are written here.
//!
//! A regular file is written under another name in its folder, brought to the disk, and then takes its name in one step.
//! A reader sees the old file or the new one. A full disk, an error or a signal leaves the old one, and nothing beside it.
//!
//! What is no regular file is written *through*: a device, a named pipe, or a descriptor such as `/dev/stdout`. It stays
//! what it was. A symbolic link stays a link, and the file behind it is written.
//!
//! A program that is ended by a signal calls [`abandon`] first. The crate itself handles no signals and prints nothing.

mod target;
mod unfinished;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use target::{Target, folder};
use unfinished::Unfinished;

pub use target::regular_target;
pub use unfinished::{Abandoned, abandon};

/// Writes to `path` what `write` writes. A regular file is replaced, or made where there is none; anything else is
/// written through. A file that is replaced keeps its mode; a new one has the mode of any file that the user creates.
///
/// # Errors
/// What `write` or the system says, with the kind of the system's error; then a regular file is as it was. The folder must
/// exist, and the path must not be a folder.
pub fn write(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let path = match Target::of(path)? {
        Target::Through(mut file) => {
            write(&mut file)?;
            return file.flush(); // a device has no disk to reach
        }
        Target::Regular(path) => path,
    };
    let mut file = Unfinished::in_folder(folder(&path))?;
    write(file.file())?;
    if let Ok(known) = fs::metadata(&path) {
        file.file().set_permissions(known.permissions())?;
    }
    file.file().sync_all()?;
    file.replace(&path)?;
    sync(folder(&path))
}

/// Writes a file that must not be there yet.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where anything has the name; else what the system says. Nothing is changed then.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = Unfinished::in_folder(folder(path))?;
    file.file().write_all(bytes)?;
    file.file().sync_all()?;
    file.take_free_name(path)?;
    sync(folder(path))
}

/// The new name must reach the disk too. Only unix lets a folder be opened and synced.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
