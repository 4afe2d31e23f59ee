//! The folder that a comparison leaves, and `comparison.toml` in it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::CliError;
use crate::record::{RunEntry, TraceEntry, manifest_text, read_manifest};

/// The manifest's format and version.
pub(super) const FORMAT: &str = "kareto-comparison/1";

/// What a record is of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) format: String,
    pub(crate) experiment: String,
    pub(crate) question: String,
    pub(crate) analysis: String,
    pub(crate) scale: String,
    /// First seed of the searches that draw.
    pub(crate) seed: u64,
    /// How many seeds.
    pub(crate) seeds: u64,
    /// Share of the full grid's hypervolume to reach.
    pub(crate) reach: f64,
    /// Traces that were not there.
    #[serde(default)]
    pub(crate) absent: Vec<String>,
    pub(crate) case: Vec<CaseEntry>,
    /// Each run that evaluated something, oldest first.
    #[serde(default)]
    pub(crate) run: Vec<RunEntry>,
}

/// One trace under one system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseEntry {
    pub(crate) trace_name: String,
    pub(crate) system_name: String,
    /// File of the answers, in the record's folder.
    pub(crate) archive: String,
    /// Names the trace and system that the answers are of.
    pub(crate) fingerprint: String,
    /// Points of the full grid.
    pub(crate) points: usize,
    /// Points of its front.
    pub(crate) front_points: usize,
    pub(crate) trace: TraceEntry,
}

/// The record's folder and the files in it.
#[derive(Debug, Clone)]
pub(crate) struct ComparisonRecord {
    directory: PathBuf,
}

impl ComparisonRecord {
    /// The record of a comparison below `out`.
    pub(crate) fn new(out: &Path, name: &str) -> Self {
        Self { directory: out.join(name) }
    }

    /// A folder that is such a record.
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

    pub(crate) fn archive(&self, case: &str) -> PathBuf {
        self.directory.join(format!("{case}.jsonl"))
    }

    pub(crate) fn searches(&self) -> PathBuf {
        self.directory.join("searches.csv")
    }

    pub(crate) fn curves(&self) -> PathBuf {
        self.directory.join("curves.csv")
    }

    pub(crate) fn manifest(&self) -> PathBuf {
        self.directory.join(crate::record::COMPARISON)
    }
}

impl Manifest {
    /// Reads a manifest.
    pub(crate) fn read(path: &Path) -> Result<Self, CliError> {
        read_manifest(path, FORMAT, |manifest: &Self| &manifest.format)
    }

    /// Earlier runs of the same comparison, where there is a manifest of them.
    pub(super) fn earlier_runs(path: &Path) -> Vec<RunEntry> {
        // A manifest that cannot be read is written anew; the evaluations are in the archives.
        Self::read(path).map_or_else(|_| Vec::new(), |manifest| manifest.run)
    }

    /// The text of the file.
    pub(super) fn to_toml(&self) -> String {
        manifest_text(self)
    }
}
