//! Archives of one experiment, as from two machines, made one.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::ArchiveError;
use super::file::{LoadedArchive, check_same, evaluation_line, header_line, parse, read_file};
use super::held::HeldFile;

/// Merges archives of one experiment into `output`, one line per point and revision of the code, in the points' order.
///
/// The output is held as a run holds it, written beside its final place and renamed, so it is whole or as it was; it may
/// be one of the inputs.
///
/// # Errors
/// Fewer than one input, archives of different experiments, evaluations of the same code that disagree, or an output that
/// a run holds.
pub fn merge_files(inputs: &[PathBuf], output: &Path) -> Result<LoadedArchive, ArchiveError> {
    let mut held = HeldFile::open(output)?;
    let merged = merged(inputs, output, &mut held).and_then(|mut merged| {
        let text = text(&merged)?;
        merged.whole_bytes = text.len() as u64;
        replace(output, &text).map_err(|source| ArchiveError::Io { path: output.to_owned(), source })?;
        Ok(merged)
    });
    if merged.is_err() {
        held.remove_if_created();
    }
    merged
}

fn merged(inputs: &[PathBuf], output: &Path, held: &mut HeldFile) -> Result<LoadedArchive, ArchiveError> {
    let io_error = |source| ArchiveError::Io { path: output.to_owned(), source };
    let mut read = |path: &PathBuf| {
        if !same_file::is_same_file(path, output).unwrap_or(false) {
            return read_file(path);
        }
        // Some systems let nobody else read what is held.
        let mut bytes = Vec::new();
        held.file().read_to_end(&mut bytes).map_err(io_error)?;
        parse(path, &bytes)
    };
    let Some((first, rest)) = inputs.split_first() else {
        return Err(io_error(io::Error::other("there is nothing to merge")));
    };
    let mut merged = read(first)?;
    for path in rest {
        let other = read(path)?;
        check_same(path, (&other.fingerprint, &other.space), (&merged.fingerprint, &merged.space))?;
        for (point, by_revision) in other.evaluations {
            for (revision, evaluation) in by_revision {
                merged.insert(point.clone(), revision, evaluation)?;
            }
        }
    }
    Ok(merged)
}

fn text(archive: &LoadedArchive) -> Result<String, ArchiveError> {
    let mut text = header_line(&archive.fingerprint, &archive.space);
    for (point, by_revision) in &archive.evaluations {
        for (revision, evaluation) in by_revision {
            text += &evaluation_line(&archive.space, point, revision.as_deref(), evaluation)?;
        }
    }
    Ok(text)
}

/// Writes beside the file's place, and renames; on disk when this returns.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".partial");
    let mut file = File::create(&beside)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all())?;
    fs::rename(&beside, path)?;
    // The name is the folder's, which other systems do not open.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
