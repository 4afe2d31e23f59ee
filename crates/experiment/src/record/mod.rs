//! The record of a run: one folder for each experiment. Everything else is drawn from it.
//!
//! Archives grow as evaluations finish, and a run resumes from them. Tables and `manifest.toml` are written whole when
//! the run is over. This module does not simulate or draw.

mod compared_tables;
mod comparison_tables;
mod engine_runs_tables;
mod entries;
mod environment;
mod group_ttl_table;
mod loaded;
mod manifest;
mod picks;
mod regimes_table;
mod reuse_tables;
mod sensitivity_tables;
mod tables;
mod timeline_entry;
mod timeline_tables;

use std::path::{Path, PathBuf};

use deployment::{Problem, Source};
use report::Table;

pub(crate) use compared_tables::{AGAINST, SURFACES, against_table, surfaces_table};
pub use comparison_tables::median;
pub(crate) use comparison_tables::{Played, curves_table, searches_table};
pub(crate) use engine_runs_tables::{
    ENGINE_FIGURES, ENGINE_REQUESTS, ENGINE_RUNS, Replayed, RunStatus, engine_figures_table,
    engine_requests_table, engine_runs_table,
};
pub use entries::{CasesEntry, RefusedEntry, ReuseEntry, ReuseTraceEntry, ScenarioEntry, TraceEntry};
pub use environment::Environment;
pub(crate) use group_ttl_table::rows_table;
pub use loaded::{
    Loaded, LoadedComparison, LoadedEngineRuns, LoadedGroupTtl, LoadedReuse, LoadedSearch, LoadedTimeline,
};
pub use manifest::{
    Body, ComparedEntry, ComparisonEntry, EngineRunsEntry, GroupTtlEntry, Manifest, RunEntry, SearchEntry,
    SensitivityEntry, TableEntry, TtlCaseEntry, UncertaintyEntry,
};
pub(crate) use picks::{assumptions_table, picks_table, regret_table};
pub(crate) use regimes_table::{REGIMES, regimes_table};
pub(crate) use reuse_tables::{
    CONCENTRATION, INTERVALS, REUSE, concentration_table, intervals_table, reuse_table,
};
pub(crate) use sensitivity_tables::{break_even_table, sensitivity_table};
pub use tables::SkippedRow;
pub(crate) use tables::{cases_table, claims_table, front_table, skipped_rows, skipped_table};
pub use tables::{setting_cells, setting_columns};
pub use timeline_entry::{ChoiceEntry, LoadEntry, RecoveryEntry, TimelineEntry};
pub(crate) use timeline_tables::{
    FollowedLoad, choices_table, recovery_table, strategies_table, windows_table,
};

use crate::file::Kind;

/// The file by which a folder is a record.
pub(crate) const MANIFEST: &str = "manifest.toml";
/// The evaluations of a search, or of cases.
pub(crate) const ARCHIVE: &str = "archive.jsonl";
/// Evaluations of the listed configurations on resamples.
pub(crate) const RESAMPLES: &str = "resamples.jsonl";
/// Evaluations of the listed configurations under other assumptions.
pub(crate) const ASSUMPTIONS: &str = "assumptions.jsonl";

/// Evaluations under every parameter of a sensitivity analysis.
pub(crate) const SENSITIVITY: &str = "sensitivity.jsonl";

/// The folder of a record.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder of an experiment below `out`.
    pub(crate) fn below(out: &Path, experiment: &str) -> Self {
        Self { path: out.join(experiment) }
    }

    /// The folder, if it is a record.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        path.join(MANIFEST).is_file().then(|| Self { path: path.to_owned() })
    }

    /// Makes the folder.
    pub(crate) fn create(&self) -> Result<(), Problem> {
        std::fs::create_dir_all(&self.path)
            .map_err(|error| Problem::machine(format!("{}: {error}", self.path.display())))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Refuses a folder with the record of an experiment of another kind: its files would stay beside the new ones.
    pub(crate) fn check_kind(&self, experiment: &str, kind: Kind) -> Result<(), Problem> {
        let path = self.file(MANIFEST);
        // A manifest that cannot be read is replaced. The evaluations are in the archive.
        let Ok(manifest) = Manifest::read(&path) else { return Ok(()) };
        if manifest.kind() == kind {
            return Ok(());
        }
        Err(Problem::user(format!(
            "{} is of another kind of experiment named `{experiment}`; allowed: another folder, or none of that name",
            path.display()
        )))
    }

    /// Reads a table back.
    pub(crate) fn table(&self, name: &str) -> Result<Table, Problem> {
        let path = self.file(name);
        let text = Source::read(&path)?;
        Table::from_csv(text.text()).map_err(|error| Problem::user(format!("{}: {error}", path.display())))
    }

    /// Writes a whole file, or leaves the old one.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), Problem> {
        report::write_atomically(&self.file(name), text.as_bytes()).map_err(Problem::machine)
    }
}
