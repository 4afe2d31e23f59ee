//! `manifest.toml`: the content of a record, and how the record was made. No other file of a record has a wall time in
//! it.
//!
//! For every table beside it, the manifest names the program that made the table, because an archive may be older than
//! the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use deployment::{Problem, Source};
use kareto::robust::Aggregate;
use serde::{Deserialize, Serialize};

use super::engine_runs_tables::Replayed;
use super::entries::{CasesEntry, RefusedEntry, ReuseEntry, ScenarioEntry, TraceEntry};
use super::{Environment, Folder, TimelineEntry};
use crate::file::Kind;
use crate::findings::Among;
use crate::plan::Head;

/// The manifest's format and version.
const FORMAT: &str = "kareto-manifest/2";

/// The content and the origin of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format and version.
    pub format: String,
    /// Name of the experiment.
    pub experiment: String,
    /// The question.
    pub question: String,
    /// The answer, in prose.
    pub analysis: String,
    /// `smoke` or `full`.
    pub scale: String,
    /// Root of all random numbers.
    pub seed: u64,
    /// The part that only this kind of experiment has.
    #[serde(flatten)]
    pub body: Body,
    /// The tables beside the manifest, each with the program that made it.
    #[serde(default)]
    pub table: Vec<TableEntry>,
    /// Each run that evaluated something, oldest first.
    #[serde(default)]
    pub run: Vec<RunEntry>,
}

/// The part of a manifest that only one kind of experiment has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "a record has one of them")]
pub enum Body {
    /// A search.
    Search(SearchEntry),
    /// Cases. Their points are those of the full grid.
    Cases {
        /// The evaluated points.
        points: SearchEntry,
        /// How they are compared.
        compared: CasesEntry,
    },
    /// A comparison of searches.
    Comparison(ComparisonEntry),
    /// Group TTL.
    GroupTtl(GroupTtlEntry),
    /// Reuse in traces.
    Reuse(ReuseEntry),
    /// A timeline.
    Timeline(TimelineEntry),
    /// Recorded runs of engines.
    EngineRuns(EngineRunsEntry),
}

/// A table of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableEntry {
    /// Its file.
    pub file: String,
    /// The version of the program that wrote it.
    pub version: String,
    /// The commit of that program's sources, with `+changes` where they differed from it.
    pub revision: Option<String>,
}

/// A search, or the points of cases: the evaluated points, and why the search ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchEntry {
    /// The name of the search. It is `cases` where nothing is searched.
    pub name: String,
    /// How the objectives combine the scenarios: `mean` or `worst`. `None` where there are no scenarios.
    pub front: Option<Aggregate>,
    /// The figures that are objectives, where they are others than mean TTFT, throughput and cost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objectives: Vec<String>,
    /// Points of the space.
    pub space_points: usize,
    /// How many points the search asked for.
    pub evaluations: usize,
    /// Why the search ended.
    pub ended: String,
    /// Currency of all amounts.
    pub currency: String,
    /// The key of the baseline.
    pub baseline: Option<String>,
    /// Names the trace and the system of the archive's evaluations.
    pub fingerprint: String,
    /// Names the code that made the evaluations of this record. The archives may also have evaluations that other code
    /// made.
    #[serde(default)]
    pub code: BTreeSet<String>,
    /// Keys of points in the archive that the search did not ask for: the baseline, the points of claims, and the
    /// points of another search.
    #[serde(default)]
    pub beside: Vec<String>,
    /// The trace that was replayed. Several traces are given by their names and sums.
    pub trace: TraceEntry,
    /// The evaluations besides the search, if there are any.
    pub uncertainty: Option<UncertaintyEntry>,
    /// The evaluations of a sensitivity analysis, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<SensitivityEntry>,
    /// The scenarios, in the order of the archive's first axis.
    #[serde(default)]
    pub scenario: Vec<ScenarioEntry>,
    /// The constraints that a recommended configuration keeps.
    #[serde(default)]
    pub constraint: Vec<kareto::picks::Constraint>,
}

/// A comparison of searches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonEntry {
    /// How many seeds the searches that draw have. The first is the seed of the manifest.
    pub seeds: u64,
    /// Share of the full grid's hypervolume to reach.
    pub reach: f64,
    /// Share of the grid after which every search is judged.
    pub budget_share: f64,
    /// Absent traces.
    #[serde(default)]
    pub absent: Vec<String>,
    /// The cases: one trace under one system each.
    pub case: Vec<ComparedEntry>,
}

/// One trace under one system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparedEntry {
    /// Name of the trace in the file.
    pub trace_name: String,
    /// Name of the system in the file.
    pub system_name: String,
    /// File of the answers, in the record's folder.
    pub archive: String,
    /// Names the trace and the system of the answers.
    pub fingerprint: String,
    /// Points of the full grid.
    pub points: usize,
    /// Points of its front.
    pub front_points: usize,
    /// What the engine refuses, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<RefusedEntry>,
    /// What was replayed.
    pub trace: TraceEntry,
}

/// An experiment of group TTL.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupTtlEntry {
    /// Currency of all amounts.
    pub currency: String,
    /// K.
    pub groups: usize,
    /// Window of the online tuner \[s\].
    pub window_s: f64,
    /// Cases whose trace is absent.
    pub absent: Vec<String>,
    /// The cases.
    pub case: Vec<TtlCaseEntry>,
}

/// One case of group TTL.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TtlCaseEntry {
    /// Its name in the file.
    pub name: String,
    /// Engine replicas.
    pub instances: u32,
    /// Names the trace and the system of the evaluations.
    pub fingerprint: String,
    /// What the engine refuses, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<RefusedEntry>,
    /// What was replayed.
    pub trace: TraceEntry,
}

/// Recorded runs of engines, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineRunsEntry {
    /// Runs that were replayed.
    pub replayed: Vec<String>,
    /// Runs whose header the replay refuses. `runs.csv` says why.
    pub refused: Vec<String>,
    /// Runs whose file is absent.
    pub absent: Vec<String>,
}

impl EngineRunsEntry {
    /// The entry of runs.
    pub(crate) fn of(runs: &[Replayed]) -> Self {
        let named = |wanted: &str| {
            let of = runs.iter().filter(|run| run.status.name() == wanted);
            of.map(|run| run.name.clone()).collect()
        };
        Self { replayed: named("replayed"), refused: named("refused"), absent: named("absent") }
    }
}

/// The evaluations besides the search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UncertaintyEntry {
    /// Resamples of the users.
    pub resamples: usize,
    /// Whether other assumptions were tried.
    pub assumptions: bool,
    /// The number of evaluations of both. `archive.jsonl` has none of them.
    pub evaluations: usize,
}

/// The evaluations of a sensitivity analysis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensitivityEntry {
    /// Which configurations were simulated under every variation.
    pub among: Among,
    /// How many those are.
    pub configurations: usize,
    /// The number of evaluations. `archive.jsonl` has none of them.
    pub evaluations: usize,
    /// The factors on the price of each part of the cost.
    pub prices: BTreeMap<String, Vec<f64>>,
}

/// One run of the program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunEntry {
    /// The arguments, the program's name first.
    pub command: Vec<String>,
    /// Version of the program.
    pub version: String,
    /// The commit of its sources, with `+changes` where they differed from it.
    pub revision: Option<String>,
    /// The compiler that built it.
    pub toolchain: String,
    /// Threads that evaluated.
    pub threads: usize,
    /// Evaluations made in this run.
    pub evaluated: usize,
    /// Evaluations that an archive had.
    pub reused: usize,
    /// The wall time of the run \[s\].
    pub wall_time_s: f64,
}

impl Manifest {
    /// A manifest of tables that are written now.
    pub(crate) fn new(
        head: &Head,
        body: Body,
        tables: &[(&str, String)],
        run: Vec<RunEntry>,
        environment: &Environment,
    ) -> Self {
        Self {
            format: FORMAT.to_owned(),
            experiment: head.name.clone(),
            question: head.question.clone(),
            analysis: head.analysis.clone(),
            scale: head.scale.name().to_owned(),
            seed: head.seed,
            body,
            table: tables.iter().map(|(file, _)| environment.table(file)).collect(),
            run,
        }
    }

    /// The kind of the experiment.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.body {
            Body::Search(_) => Kind::Search,
            Body::Cases { .. } => Kind::Cases,
            Body::Comparison(_) => Kind::Comparison,
            Body::GroupTtl(_) => Kind::GroupTtl,
            Body::Reuse(_) => Kind::Reuse,
            Body::Timeline(_) => Kind::Timeline,
            Body::EngineRuns(_) => Kind::EngineRuns,
        }
    }

    /// Whether a table of this name is a part of the record. A file may be left from an earlier one.
    pub(crate) fn has_table(&self, file: &str) -> bool {
        self.table.iter().any(|table| table.file == file)
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// The file cannot be read, or is not a manifest of this version.
    pub(crate) fn read(path: &Path) -> Result<Self, Problem> {
        let source = Source::read(path)?;
        let manifest: Self = source.parse_toml()?;
        if manifest.format != FORMAT {
            let found = &manifest.format;
            return Err(source.error_in_file(format!("format is `{found}`; this version reads `{FORMAT}`")));
        }
        Ok(manifest)
    }

    /// Earlier runs of the same evaluations, if the folder has a manifest of them.
    pub(crate) fn earlier_runs(folder: &Folder, same: impl FnOnce(&Body) -> bool) -> Vec<RunEntry> {
        // A manifest that cannot be read is replaced. The evaluations are in the archive.
        let earlier = Self::read(&folder.file(super::MANIFEST)).ok();
        earlier.filter(|manifest| same(&manifest.body)).map_or_else(Vec::new, |manifest| manifest.run)
    }

    /// The text of the file.
    pub(crate) fn to_toml(&self) -> String {
        toml::to_string(self).expect("plain texts and numbers")
    }
}
