//! Archives of one experiment, as from two machines, made one.

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::ArchiveError;
use super::file::{LoadedArchive, check_same, evaluation_line, header_line, parse, read_file};
use super::held::HeldFile;

/// Merges archives of one experiment into `output`, one line per point and revision of the code, in the points' order.
///
/// The output is held as a run holds it, and replaced whole or not at all; it may be one of the inputs. What is no regular
/// file, such as a pipe, is written through.
///
/// # Errors
/// Fewer than one input, archives of different experiments, evaluations of the same code that disagree, or an output that
/// a run holds.
pub fn merge_files(inputs: &[PathBuf], output: &Path) -> Result<LoadedArchive, ArchiveError> {
    let io_error = |source| ArchiveError::Io { path: output.to_owned(), source };
    let is_held = whole_file::regular_target(output).map_err(io_error)?.is_some();
    let mut held = is_held.then(|| HeldFile::open(output)).transpose()?;
    let merged = merged(inputs, output, held.as_mut()).and_then(|mut merged| {
        let text = text(&merged)?;
        merged.whole_bytes = text.len() as u64;
        whole_file::write(output, |file| file.write_all(text.as_bytes())).map_err(io_error)?;
        Ok(merged)
    });
    if merged.is_err() {
        held.iter().for_each(HeldFile::remove_if_created);
    }
    merged
}

fn merged(
    inputs: &[PathBuf],
    output: &Path,
    mut held: Option<&mut HeldFile>,
) -> Result<LoadedArchive, ArchiveError> {
    let io_error = |source| ArchiveError::Io { path: output.to_owned(), source };
    let mut read = |path: &PathBuf| {
        let is_output = same_file::is_same_file(path, output).unwrap_or(false);
        let Some(held) = held.as_mut().filter(|_| is_output) else { return read_file(path) };
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
