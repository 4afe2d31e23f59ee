//! What an experiment of group TTL leaves: an archive of each case's simulations, which grows as they finish; and
//! `group-ttl.csv`, `claims.csv` and `group-ttl.toml`, written whole at the end.

use std::path::{Path, PathBuf};

use report::{Cell, Kind, Table};
use serde::{Deserialize, Serialize};

use super::choice::change_percent;
use super::claim::{part_name, tuned_name};
use super::contest::{Measured, Row};
use crate::error::CliError;
use crate::record::{RunEntry, TraceEntry, manifest_text, read_manifest};

/// The manifest's format and version.
pub(super) const FORMAT: &str = "kareto-group-ttl/1";

/// What a record is of, and how it came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(super) format: String,
    pub(super) experiment: String,
    pub(crate) question: String,
    pub(super) analysis: String,
    pub(crate) scale: String,
    pub(super) currency: String,
    /// K.
    pub(super) groups: usize,
    /// Of the online tuner [s].
    pub(super) window_s: f64,
    /// Cases whose trace was not there.
    pub(super) absent: Vec<String>,
    pub(crate) case: Vec<CaseEntry>,
    pub(super) run: RunEntry,
}

/// One trace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseEntry {
    pub(crate) name: String,
    pub(super) instances: u32,
    /// Names the evaluations' trace and system.
    pub(super) fingerprint: String,
    pub(super) trace: TraceEntry,
}

/// The record's folder.
#[derive(Debug, Clone)]
pub(crate) struct TtlRecord {
    directory: PathBuf,
}

impl TtlRecord {
    /// The record of an experiment below `out`.
    pub(super) fn new(out: &Path, experiment: &str) -> Self {
        Self { directory: out.join(experiment) }
    }

    /// A folder that is a record.
    pub(crate) fn at(directory: PathBuf) -> Option<Self> {
        let record = Self { directory };
        record.manifest().is_file().then_some(record)
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn rows(&self) -> PathBuf {
        self.directory.join("group-ttl.csv")
    }

    pub(super) fn claims(&self) -> PathBuf {
        self.directory.join("claims.csv")
    }

    pub(super) fn manifest(&self) -> PathBuf {
        self.directory.join(crate::record::GROUP_TTL)
    }
}

impl Manifest {
    /// Reads a manifest.
    pub(super) fn read(path: &Path) -> Result<Self, CliError> {
        read_manifest(path, FORMAT, |manifest: &Self| &manifest.format)
    }

    /// The text of the file.
    pub(super) fn to_toml(&self) -> String {
        manifest_text(self)
    }
}

/// `group-ttl.csv`: a row for each comparison; what ends in `_one` is of one TTL.
pub(super) fn rows_table(rows: &[Row]) -> Result<Table, CliError> {
    let texts = ["case", "part", "tuned", "method"].map(|name| (name, Kind::Text));
    let figures = [
        "storage_share",
        "storage_gib_hours",
        "storage_gib_hours_one",
        "reuse_ratio",
        "reuse_ratio_one",
        "reuse_gain_percent",
        "model_gain_percent",
        "reuse_ratio_tier",
        "reuse_ratio_tier_one",
        "ttft_s_mean",
        "ttft_s_mean_one",
        "ttft_change_percent",
        "cost",
        "cost_one",
        "cost_change_percent",
        "peak_gib",
        "peak_gib_one",
        "ttl_s_one",
    ];
    let columns: Vec<_> = texts.into_iter().chain(figures.map(|name| (name, Kind::F64))).collect();
    let mut table = Table::new(&columns).map_err(CliError::machine)?;
    for row in rows {
        let texts = [&row.case, part_name(row.part), tuned_name(row.tuned), row.method].map(Cell::from);
        let (group, one) = (&row.group_ttl, &row.one_ttl);
        let both = |of: fn(&Measured) -> f64| [of(group), of(one)];
        let change = |of: fn(&Measured) -> f64| Cell::from(change_percent(of(one), of(group)));
        let mut cells: Vec<Cell> = texts.into();
        cells.push(row.storage_share.into());
        cells.extend(both(|it| it.storage_gib_hours).map(Cell::from));
        cells.extend(both(|it| it.reuse_ratio).map(Cell::from));
        cells.push(change(|it| it.reuse_ratio));
        cells.push(Cell::from(row.model_gain_percent));
        cells.extend(both(|it| it.reuse_ratio_tier).map(Cell::from));
        cells.extend(both(|it| it.ttft_s_mean).map(Cell::from));
        cells.push(change(|it| it.ttft_s_mean));
        cells.extend(both(|it| it.cost).map(Cell::from));
        cells.push(change(|it| it.cost));
        cells.extend(both(|it| it.peak_gib).map(Cell::from));
        cells.push(row.one_ttl_s.into());
        table.push_row(cells).map_err(CliError::machine)?;
    }
    Ok(table)
}
