//! What a run leaves: one folder per experiment, from which everything else is rendered.
//!
//! `archive.jsonl` grows as evaluations finish and is what a run resumes from; `front.csv` (of cases: `cases.csv`),
//! `skipped.csv` and `picks.csv` (not of cases), `regret.csv` where there are scenarios, `assumptions.csv` where some
//! were changed, `claims.csv` and `manifest.toml` are written whole when the search is over. Nothing here simulates or
//! draws.

mod fingerprint;
mod manifest;
mod picks;
mod regret;
mod tables;

use std::path::{Path, PathBuf};

use kareto::{ArchiveStore, DesignSpace, Point};
use report::Table;

pub(crate) use fingerprint::{fingerprint, fnv1a};
pub(crate) use manifest::{
    CasesEntry, Environment, FORMAT, Manifest, RunEntry, ScenarioEntry, SearchEntry, TraceEntry,
    UncertaintyEntry, manifest_text, read_manifest,
};
pub(crate) use picks::{assumptions_table, picks_table};
pub(crate) use regret::regret_table;
pub(crate) use tables::{
    cases_table, claims_table, front_table, rules, setting_cells, setting_columns, skipped_table,
};

use crate::error::{CliError, Source};
use crate::output::complain;

/// The record's folder and the files in it.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    directory: PathBuf,
}

impl Record {
    /// The record of an experiment below `out`.
    pub(crate) fn new(out: &Path, experiment: &str) -> Self {
        Self { directory: out.join(experiment) }
    }

    /// A folder that is a record.
    pub(crate) fn at(directory: PathBuf) -> Option<Self> {
        let record = Self { directory };
        record.manifest().is_file().then_some(record)
    }

    /// Makes the folder.
    pub(crate) fn create(&self) -> Result<(), CliError> {
        std::fs::create_dir_all(&self.directory)
            .map_err(|error| CliError::machine(format!("{}: {error}", self.directory.display())))
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.directory.join("archive.jsonl")
    }

    pub(crate) fn front(&self) -> PathBuf {
        self.directory.join("front.csv")
    }

    pub(crate) fn skipped(&self) -> PathBuf {
        self.directory.join("skipped.csv")
    }

    pub(crate) fn cases(&self) -> PathBuf {
        self.directory.join("cases.csv")
    }

    /// Evaluations of the listed configurations on resamples.
    pub(crate) fn resamples(&self) -> PathBuf {
        self.directory.join("resamples.jsonl")
    }

    /// Evaluations of the listed configurations under other assumptions.
    pub(crate) fn assumptions_archive(&self) -> PathBuf {
        self.directory.join("assumptions.jsonl")
    }

    pub(crate) fn assumptions(&self) -> PathBuf {
        self.directory.join("assumptions.csv")
    }

    pub(crate) fn picks(&self) -> PathBuf {
        self.directory.join("picks.csv")
    }

    pub(crate) fn regret(&self) -> PathBuf {
        self.directory.join("regret.csv")
    }

    pub(crate) fn claims(&self) -> PathBuf {
        self.directory.join("claims.csv")
    }

    pub(crate) fn manifest(&self) -> PathBuf {
        self.directory.join(MANIFEST)
    }
}

/// The file that marks the record of each kind of experiment.
pub(crate) const MANIFEST: &str = "manifest.toml";
pub(crate) const COMPARISON: &str = "comparison.toml";
pub(crate) const GROUP_TTL: &str = "group-ttl.toml";

/// Refuses a folder below `out` that has the record of an experiment of another kind: only one of them would be shown.
pub(crate) fn check_kind(out: &Path, experiment: &str, mark: &str) -> Result<(), CliError> {
    let folder = out.join(experiment);
    let other = [MANIFEST, COMPARISON, GROUP_TTL].into_iter().filter(|other| *other != mark);
    match other.map(|other| folder.join(other)).find(|other| other.is_file()) {
        Some(other) => Err(CliError::user(format!(
            "{} is of another kind of experiment named `{experiment}`; allowed: another folder, or none of that name",
            other.display()
        ))),
        None => Ok(()),
    }
}

/// Opens an archive to go on with, and says how much of it other code made.
pub(crate) fn open_archive(
    path: &Path,
    fingerprint: &str,
    space: &DesignSpace,
    revision_of: impl Fn(&Point) -> Option<String> + Send + Sync + 'static,
) -> Result<ArchiveStore, CliError> {
    let store = ArchiveStore::open(path, fingerprint, space, revision_of)?;
    let opened = store.opened();
    if opened.stale > 0 {
        complain(&format!(
            "{}: {} of {} evaluations were made by other code; those that are needed are run again",
            path.display(),
            opened.stale,
            opened.points
        ));
    }
    Ok(store)
}

/// Reads a table back.
pub(crate) fn read_table(path: &Path) -> Result<Table, CliError> {
    let text = Source::read(path)?;
    Table::from_csv(text.text()).map_err(|error| CliError::user(format!("{}: {error}", path.display())))
}

/// Writes a whole file, or leaves the old one.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), CliError> {
    report::write_atomically(path, text.as_bytes()).map_err(CliError::machine)
}
