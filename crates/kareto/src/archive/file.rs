//! The archive as JSON lines: a header that names the experiment, then one line per evaluation.
//!
//! A process killed while it appends leaves at most one torn last line; a reader drops it. A whole line that is
//! wrong is an error, for it means that something else wrote the file. Appending is [`super::ArchiveStore`]'s.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Archive, ArchiveError};
use crate::evaluate::Evaluation;
use crate::objectives::Objectives;
use crate::space::{Axis, AxisValue, DesignSpace, Point};

/// The format's name and version, first in every archive.
pub const FORMAT: &str = "kareto-archive/1";

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    format: String,
    fingerprint: String,
    axes: Vec<Axis>,
}

/// A line as it is read: `values` is for people and other tools, the key decides.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadLine {
    key: String,
    #[allow(dead_code, reason = "accepted, but the key says the same")]
    values: serde_json::Map<String, serde_json::Value>,
    objectives: Objectives,
    metrics: std::collections::BTreeMap<String, f64>,
}

/// A line as it is written.
#[derive(Serialize)]
struct WrittenLine<'a> {
    key: String,
    values: Values<'a>,
    objectives: Objectives,
    metrics: &'a std::collections::BTreeMap<String, f64>,
}

/// The settings by axis name, in the order of the axes.
struct Values<'a>(Vec<(&'a str, AxisValue<'a>)>);

impl Serialize for Values<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// An archive file's contents.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedArchive {
    /// What names trace, system and space.
    pub fingerprint: String,
    /// The space, from the header's axes.
    pub space: DesignSpace,
    /// The evaluations.
    pub archive: Archive,
    /// Length of the file without a torn last line [bytes].
    pub whole_bytes: u64,
}

/// The header line of an archive, newline included.
pub(super) fn header_line(fingerprint: &str, space: &DesignSpace) -> String {
    let header = Header {
        format: FORMAT.to_owned(),
        fingerprint: fingerprint.to_owned(),
        axes: space.axes().to_vec(),
    };
    serde_json::to_string(&header).expect("strings and integers") + "\n"
}

/// The line of one evaluation, newline included.
pub(super) fn evaluation_line(
    space: &DesignSpace,
    point: &Point,
    evaluation: &Evaluation,
) -> Result<String, ArchiveError> {
    let key = space.key(point);
    if let Err(source) = evaluation.check() {
        return Err(ArchiveError::NotFinite { key, source });
    }
    let values =
        Values(space.axes().iter().map(|axis| axis.name.as_str()).zip(space.values(point)).collect());
    let line = WrittenLine { key, values, objectives: evaluation.objectives, metrics: &evaluation.metrics };
    Ok(serde_json::to_string(&line).expect("string keys and finite numbers") + "\n")
}

/// Reads an archive without changing it; a torn last line is left out.
///
/// # Errors
/// See [`ArchiveError`]. An archive whose header is torn is [`ArchiveError::NotAnArchive`] here.
pub fn read_file(path: &Path) -> Result<LoadedArchive, ArchiveError> {
    let bytes = fs::read(path).map_err(|source| ArchiveError::Io { path: path.to_owned(), source })?;
    parse(path, &bytes)
}

/// Parses the whole lines of an archive.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<LoadedArchive, ArchiveError> {
    let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    let not_an_archive = |what: String| ArchiveError::NotAnArchive { path: path.to_owned(), what };
    let mut lines = bytes[..whole].split_inclusive(|&byte| byte == b'\n').enumerate();
    let (_, first) = lines.next().ok_or_else(|| not_an_archive("it has no header line".to_owned()))?;
    let header: Header = serde_json::from_slice(first)
        .map_err(|error| not_an_archive(format!("its first line is no header: {error}")))?;
    if header.format != FORMAT {
        return Err(not_an_archive(format!(
            "its format is `{}`, this version reads `{FORMAT}`",
            header.format
        )));
    }
    let space = DesignSpace::new(header.axes)
        .map_err(|source| ArchiveError::Space { path: path.to_owned(), source })?;
    let mut archive = Archive::new();
    for (index, line) in lines {
        let bad = |what: String| ArchiveError::BadLine { path: path.to_owned(), line: index + 1, what };
        let line: ReadLine = serde_json::from_slice(line).map_err(|error| bad(error.to_string()))?;
        let point = space.parse_key(&line.key).map_err(|error| bad(error.to_string()))?;
        archive
            .insert(point, Evaluation { objectives: line.objectives, metrics: line.metrics })
            .map_err(|_| bad(format!("an earlier line has a different evaluation of {}", line.key)))?;
    }
    Ok(LoadedArchive { fingerprint: header.fingerprint, space, archive, whole_bytes: whole as u64 })
}

/// Merges archives of one experiment, as from two machines, into `output`, one line per point in the points' order.
///
/// The output is written beside its final place and renamed, so it is whole or absent; it may be one of the inputs.
///
/// # Errors
/// Fewer than one input, archives of different experiments, or evaluations that disagree.
pub fn merge_files(inputs: &[PathBuf], output: &Path) -> Result<LoadedArchive, ArchiveError> {
    let io_error = |source| ArchiveError::Io { path: output.to_owned(), source };
    let Some((first, rest)) = inputs.split_first() else {
        return Err(io_error(std::io::Error::other("there is nothing to merge")));
    };
    let mut merged = read_file(first)?;
    for path in rest {
        let other = read_file(path)?;
        check_same(path, (&other.fingerprint, &other.space), (&merged.fingerprint, &merged.space))?;
        merged.archive.merge(&other.archive)?;
    }
    let mut text = header_line(&merged.fingerprint, &merged.space);
    for (point, evaluation) in merged.archive.iter() {
        text += &evaluation_line(&merged.space, point, evaluation)?;
    }
    merged.whole_bytes = text.len() as u64;
    let mut beside = output.as_os_str().to_owned();
    beside.push(".partial");
    let mut file = fs::File::create(&beside).map_err(io_error)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io_error)?;
    fs::rename(&beside, output).map_err(io_error)?;
    Ok(merged)
}

/// Refuses an archive of another experiment.
pub(super) fn check_same(
    path: &Path,
    found: (&str, &DesignSpace),
    expected: (&str, &DesignSpace),
) -> Result<(), ArchiveError> {
    let foreign =
        |part, found, expected| Err(ArchiveError::Foreign { path: path.to_owned(), part, found, expected });
    if found.0 != expected.0 {
        return foreign("fingerprint", found.0.to_owned(), expected.0.to_owned());
    }
    if found.1 != expected.1 {
        let names = |space: &DesignSpace| {
            let axes = space.axes().iter().map(|axis| format!("{}[{}]", axis.name, axis.len()));
            axes.collect::<Vec<_>>().join(" ")
        };
        return foreign("design space", names(found.1), names(expected.1));
    }
    Ok(())
}
