//! The archive as JSON lines: a header that names the experiment, then one line per evaluation.
//!
//! A line names the code that made it. A point may have several lines, each made by other code: none is lost when code is
//! changed and changed back.
//!
//! A process killed while it appends leaves at most one torn last line; a reader drops it. A whole line that is
//! wrong is an error, for it means that something else wrote the file. Appending is [`super::ArchiveStore`]'s.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Archive, ArchiveError, Conflict};
use crate::evaluate::Evaluation;
use crate::objectives::Objectives;
use crate::space::{Axis, AxisValue, DesignSpace, Point};

/// The format's name and version, first in every archive.
pub const FORMAT: &str = "kareto-archive/2";

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
    revision: Option<String>,
    #[allow(dead_code, reason = "accepted, but the key says the same")]
    values: serde_json::Map<String, serde_json::Value>,
    objectives: Objectives,
    metrics: BTreeMap<String, f64>,
}

/// A line as it is written.
#[derive(Serialize)]
struct WrittenLine<'a> {
    key: String,
    revision: Option<&'a str>,
    values: Values<'a>,
    objectives: Objectives,
    metrics: &'a BTreeMap<String, f64>,
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
    /// The evaluations of each point, by the revision of the code that made them; without one where nothing names it.
    pub evaluations: BTreeMap<Point, BTreeMap<Option<String>, Evaluation>>,
    /// Length of the file without a torn last line [bytes].
    pub whole_bytes: u64,
}

impl LoadedArchive {
    /// The evaluations whose code is wanted, given the point and the code's revision. What no revision names is not.
    #[must_use]
    pub fn made_by(&self, wanted: impl Fn(&Point, &str) -> bool) -> Archive {
        let mut archive = Archive::new();
        for (point, by_revision) in &self.evaluations {
            let known = |revision: &Option<String>| revision.as_ref().is_some_and(|it| wanted(point, it));
            if let Some((_, evaluation)) = by_revision.iter().find(|(revision, _)| known(revision)) {
                archive.insert(point.clone(), evaluation.clone()).expect("a point occurs once");
            }
        }
        archive
    }

    /// How many evaluations there are, those of one point by several revisions of the code each counted.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.evaluations.values().map(BTreeMap::len).sum()
    }

    /// Keeps an evaluation. Of those that no revision names, the later one stays.
    pub(super) fn insert(
        &mut self,
        point: Point,
        revision: Option<String>,
        evaluation: Evaluation,
    ) -> Result<(), Conflict> {
        let by_revision = self.evaluations.entry(point.clone()).or_default();
        match by_revision.get(&revision) {
            Some(known) if revision.is_some() && *known != evaluation => Err(Conflict { point }),
            _ => {
                by_revision.insert(revision, evaluation);
                Ok(())
            }
        }
    }
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
    revision: Option<&str>,
    evaluation: &Evaluation,
) -> Result<String, ArchiveError> {
    let key = space.key(point);
    if let Err(source) = evaluation.check() {
        return Err(ArchiveError::NotFinite { key, source });
    }
    let values =
        Values(space.axes().iter().map(|axis| axis.name.as_str()).zip(space.values(point)).collect());
    let Evaluation { objectives, metrics } = evaluation;
    let line = WrittenLine { key, revision, values, objectives: *objectives, metrics };
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
            "its format is `{}`, this version reads `{FORMAT}`, whose lines name the code that made them; name another \
             file, or remove this one",
            header.format
        )));
    }
    let space = DesignSpace::new(header.axes)
        .map_err(|source| ArchiveError::Space { path: path.to_owned(), source })?;
    let (fingerprint, whole_bytes) = (header.fingerprint, whole as u64);
    let mut loaded = LoadedArchive { fingerprint, space, evaluations: BTreeMap::new(), whole_bytes };
    for (index, line) in lines {
        let bad = |what: String| ArchiveError::BadLine { path: path.to_owned(), line: index + 1, what };
        let line: ReadLine = serde_json::from_slice(line).map_err(|error| bad(error.to_string()))?;
        let point = loaded.space.parse_key(&line.key).map_err(|error| bad(error.to_string()))?;
        let evaluation = Evaluation { objectives: line.objectives, metrics: line.metrics };
        loaded
            .insert(point, line.revision, evaluation)
            .map_err(|_| bad(format!("an earlier line has a different evaluation of {}", line.key)))?;
    }
    Ok(loaded)
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
