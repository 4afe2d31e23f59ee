//! `manifest.toml`: what a record is of, and how it came about. The only file of a record with a wall time in it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use kareto::robust::Aggregate;
use kv_core::Trace;
use kv_core::units::s_from_ns;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{CliError, Source};
use crate::experiment::cases::{CasesPlan, Traces};
use crate::experiment::plan::Experiment;
use crate::experiment::trace::TracePlan;

/// The manifest's format and version.
pub(crate) const FORMAT: &str = "kareto-manifest/1";

/// What a record is of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) format: String,
    pub(crate) experiment: String,
    pub(crate) question: String,
    pub(crate) analysis: String,
    pub(crate) scale: String,
    pub(crate) currency: String,
    pub(crate) seed: u64,
    /// Key of the configuration that others are compared with.
    pub(crate) baseline: Option<String>,
    /// Names the trace and system that the archive's evaluations are of.
    pub(crate) fingerprint: String,
    pub(crate) trace: TraceEntry,
    pub(crate) search: SearchEntry,
    /// What is compared, if the experiment is one of cases; `trace` then sums up its traces.
    pub(crate) cases: Option<CasesEntry>,
    /// The scenarios of load, in the order of the archive's first axis; `trace` then sums up their traces.
    #[serde(default)]
    pub(crate) scenario: Vec<ScenarioEntry>,
    /// What was evaluated beside the search, if anything.
    pub(crate) uncertainty: Option<UncertaintyEntry>,
    #[serde(default)]
    pub(crate) constraint: Vec<kareto::picks::Constraint>,
    /// Each run that evaluated something, oldest first.
    #[serde(default)]
    pub(crate) run: Vec<RunEntry>,
}

/// The trace that was replayed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TraceEntry {
    pub(crate) name: String,
    pub(crate) fingerprint: String,
    pub(crate) requests: usize,
    pub(crate) duration_s: f64,
    pub(crate) prompt_tokens: u64,
}

impl TraceEntry {
    /// What is said of a trace that was loaded as planned.
    pub(crate) fn of(plan: &TracePlan, trace: &Trace) -> Self {
        Self {
            name: plan.name(),
            fingerprint: format!("{:016x}", trace.fingerprint()),
            requests: trace.len(),
            duration_s: s_from_ns(trace.arrivals_ns().last().copied().unwrap_or(0)),
            prompt_tokens: trace.requests().map(|request| u64::from(request.prompt_tokens)).sum(),
        }
    }

    /// The trace of an experiment; of several, their names and sums.
    pub(crate) fn of_all(experiment: &Experiment, traces: &Traces) -> Self {
        let entries = experiment.traces.iter().zip(&traces.all);
        let entries = entries.map(|((_, plan), (_, trace))| Self::of(plan, trace));
        let join = |sum: Self, entry: Self| Self {
            name: format!("{}; {}", sum.name, entry.name),
            fingerprint: format!("{} {}", sum.fingerprint, entry.fingerprint),
            requests: sum.requests + entry.requests,
            duration_s: sum.duration_s + entry.duration_s,
            prompt_tokens: sum.prompt_tokens + entry.prompt_tokens,
        };
        entries.reduce(join).expect("an experiment has a trace")
    }
}

/// The cases of an experiment that compares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CasesEntry {
    /// The axis whose values are compared.
    pub(crate) compare: String,
    /// The axis along which they are.
    pub(crate) along: Option<String>,
    /// Values of `compare` that are no choice.
    #[serde(default)]
    pub(crate) reference: Vec<String>,
    /// The traces by their name on the axis `trace`; none where there is no such axis.
    #[serde(default)]
    pub(crate) traces: BTreeMap<String, TraceEntry>,
}

impl CasesEntry {
    /// What an experiment of cases compares, and its traces if there is an axis of them.
    pub(crate) fn new(experiment: &Experiment, traces: &Traces) -> Option<Self> {
        let CasesPlan { compare, along, reference } = experiment.cases.clone()?;
        let named = experiment.traces.iter().zip(&traces.all).filter(|((name, _), _)| !name.is_empty());
        let traces = named.map(|((name, plan), (_, trace))| (name.clone(), TraceEntry::of(plan, trace)));
        Some(Self { compare, along, reference, traces: traces.collect() })
    }
}

/// A scenario of load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScenarioEntry {
    pub(crate) name: String,
    /// Only the ratios of the weights matter.
    pub(crate) weight: f64,
    pub(crate) trace: TraceEntry,
}

impl ScenarioEntry {
    /// The scenarios of an experiment, if it has any.
    pub(crate) fn of_all(experiment: &Experiment, traces: &Traces) -> Vec<Self> {
        let Some(weighing) = &experiment.weighing else { return Vec::new() };
        let traces = experiment.traces.iter().zip(&traces.all);
        let entries = traces.zip(&weighing.weights).map(|(((name, plan), (_, trace)), weight)| Self {
            name: name.clone(),
            weight: *weight,
            trace: TraceEntry::of(plan, trace),
        });
        entries.collect()
    }
}

/// What was evaluated beside the search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UncertaintyEntry {
    /// Resamples of the users.
    pub(crate) resamples: usize,
    /// Whether other assumptions were tried.
    pub(crate) assumptions: bool,
    /// Evaluations that both took; `archive.jsonl` has none of them.
    pub(crate) evaluations: usize,
}

/// The search and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchEntry {
    pub(crate) name: String,
    /// What of the scenarios the objectives are: `mean` or `worst`; none where there are no scenarios.
    pub(crate) front: Option<Aggregate>,
    /// The figures that are objectives, where they are others than mean TTFT, throughput and cost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) objectives: Vec<String>,
    /// Points of the space.
    pub(crate) space_points: usize,
    /// Keys of points in the archive that the search did not ask for: the baseline, those of claims, and those of
    /// another search.
    #[serde(default)]
    pub(crate) beside: Vec<String>,
    /// How many points the search asked for.
    pub(crate) evaluations: usize,
    /// Why it ended.
    pub(crate) ended: String,
}

/// One run of the program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunEntry {
    pub(crate) command: Vec<String>,
    pub(crate) version: String,
    pub(crate) revision: Option<String>,
    pub(crate) toolchain: String,
    pub(crate) threads: usize,
    pub(crate) evaluated: usize,
    pub(crate) reused: usize,
    pub(crate) wall_time_s: f64,
}

/// How this process was called.
#[derive(Debug, Clone)]
pub(crate) struct Environment {
    command: Vec<String>,
    revision: Option<String>,
}

impl Environment {
    /// Looks around: the arguments, and the git revision of the folder that `file` is in.
    pub(crate) fn of(file: &Path) -> Self {
        // The program by its name only: where it lies says nothing about what it did.
        let command = std::env::args().enumerate().map(|(place, argument)| match place {
            0 => "kareto".to_owned(),
            _ => argument,
        });
        Self { command: command.collect(), revision: revision(file) }
    }

    /// The entry of a run that took `wall_time_s`.
    pub(crate) fn entry(&self, evaluated: usize, reused: usize, wall_time_s: f64) -> RunEntry {
        RunEntry {
            command: self.command.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            revision: self.revision.clone(),
            toolchain: env!("KARETO_RUSTC").to_owned(),
            threads: rayon::current_num_threads(),
            evaluated,
            reused,
            wall_time_s,
        }
    }
}

/// The commit, with `+changes` where the files differ from it; none without git or outside a repository.
fn revision(file: &Path) -> Option<String> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "HEAD"])?;
    let changes = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changes.is_empty() { commit } else { format!("{commit}+changes") })
}

/// Reads a manifest of one kind of record, whose `format` and version it must have.
pub(crate) fn read_manifest<M: DeserializeOwned>(
    path: &Path,
    format: &str,
    format_of: fn(&M) -> &String,
) -> Result<M, CliError> {
    let source = Source::read(path)?;
    let manifest: M = source.parse_toml()?;
    let found = format_of(&manifest);
    if found != format {
        return Err(source.error_in_file(format!("format is `{found}`; this version reads `{format}`")));
    }
    Ok(manifest)
}

/// The text of a manifest's file.
pub(crate) fn manifest_text(manifest: &impl Serialize) -> String {
    toml::to_string(manifest).expect("plain texts and numbers")
}

impl Manifest {
    /// Reads a manifest.
    pub(crate) fn read(path: &Path) -> Result<Self, CliError> {
        read_manifest(path, FORMAT, |manifest: &Self| &manifest.format)
    }

    /// Earlier runs of the same evaluations, where there is a manifest of them.
    pub(crate) fn earlier_runs(path: &Path, fingerprint: &str) -> Vec<RunEntry> {
        // A manifest that cannot be read is written anew; the evaluations are in the archive.
        let earlier = Self::read(path).ok().filter(|manifest| manifest.fingerprint == fingerprint);
        earlier.map_or_else(Vec::new, |manifest| manifest.run)
    }

    /// The text of the file.
    pub(crate) fn to_toml(&self) -> String {
        manifest_text(self)
    }
}
