//! Where the bytes for a path belong: into a regular file that is replaced, or through what is there.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Links behind one another, at most, as many as Linux follows.
const MOST_LINKS: usize = 40;

/// What a path leads to.
pub(crate) enum Target {
    /// A regular file, or a name that is free. No link.
    Regular(PathBuf),
    /// Something that is written through, open for writing.
    Through(File),
}

impl Target {
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        match End::of(path)? {
            End::Regular(path) => Ok(Self::Regular(path)),
            End::Descriptor(path) => descriptor_file(&path).map(Self::Through),
            End::Device(path) => OpenOptions::new().write(true).open(path).map(Self::Through),
        }
    }
}

/// The regular file that would be replaced by what is written to a path, links followed; the file need not be there. None
/// where the bytes would go through a device, a pipe or a descriptor.
///
/// # Errors
/// A folder, a circle of links, or what the system says.
pub fn regular_target(path: &Path) -> io::Result<Option<PathBuf>> {
    Ok(match End::of(path)? {
        End::Regular(path) => Some(path),
        End::Descriptor(_) | End::Device(_) => None,
    })
}

/// The end of a chain of links.
enum End {
    Regular(PathBuf),
    Device(PathBuf),
    /// A descriptor of a process, which looks like a link and is none.
    Descriptor(PathBuf),
}

impl End {
    fn of(path: &Path) -> io::Result<Self> {
        let mut path = path.to_owned();
        for _ in 0..=MOST_LINKS {
            if path.file_name().is_none() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
                return Err(io::Error::new(io::ErrorKind::IsADirectory, "the path names no file"));
            }
            if is_descriptor(&path) {
                return Ok(Self::Descriptor(path));
            }
            let kind = match fs::symlink_metadata(&path) {
                Ok(known) => known.file_type(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Regular(path)),
                Err(error) => return Err(error),
            };
            if kind.is_symlink() {
                path = folder(&path).join(fs::read_link(&path)?);
            } else if kind.is_dir() {
                return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
            } else {
                return Ok(if kind.is_file() { Self::Regular(path) } else { Self::Device(path) });
            }
        }
        Err(io::Error::other(format!("more than {MOST_LINKS} symbolic links, one behind the other")))
    }
}

/// The folder that a file is in.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Whether a path names a descriptor of a process, as `/dev/stdout` and `/dev/fd/1` do by way of links.
fn is_descriptor(path: &Path) -> bool {
    let is_number = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
    let Some(true) = path.file_name().and_then(|name| name.to_str()).map(is_number) else { return false };
    let folder = fs::canonicalize(folder(path)).unwrap_or_default();
    folder == Path::new("/dev/fd") || (folder.starts_with("/proc") && folder.ends_with("fd"))
}

/// A descriptor for writing. Behind one may lie a regular file that somebody else is writing: our own descriptors are
/// shared with their place in it, and others are appended to.
#[cfg(unix)]
fn descriptor_file(path: &Path) -> io::Result<File> {
    use std::os::fd::AsFd as _;
    let folder = fs::canonicalize(folder(path))?;
    let ours = folder == Path::new("/dev/fd") || folder.starts_with(format!("/proc/{}", std::process::id()));
    let shared = match path.file_name().and_then(|name| name.to_str()) {
        Some("1") if ours => io::stdout().as_fd().try_clone_to_owned()?,
        Some("2") if ours => io::stderr().as_fd().try_clone_to_owned()?,
        _ => return OpenOptions::new().append(true).open(path),
    };
    Ok(File::from(shared))
}

#[cfg(not(unix))]
fn descriptor_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).open(path)
}
