//! Runs of experiments. First everything is validated and every trace is read. Then one experiment after another is
//! run, and its record is written.
//!
//! The kinds share one course. Each kind evaluates, and hands over its tables and its part of the manifest. This module
//! decides which files are written, and in which order.

mod again;
mod against;
mod comparison;
mod engine_runs;
mod group_ttl;
mod listed_points;
mod reuse;
mod searched;
mod sensed;
mod timeline;
mod varied;

use std::path::{Path, PathBuf};

use deployment::Problem;

use crate::file::Kind;
use crate::findings::{Findings, Found};
use crate::observer::{Expected, Observer};
use crate::plan::{Experiment, Head, Plan, ReadTraces, Scale, TraceFile, distinct};
use crate::record::{Body, Environment, Folder, MANIFEST, Manifest};
use crate::registries::Registries;

/// The scale and the trace of a run, and the folder of its records.
#[derive(Debug, Clone)]
pub struct Options {
    /// How much of each experiment.
    pub scale: Scale,
    /// A trace that takes the place of the files' own.
    pub trace: Option<TraceFile>,
    /// The folder below which each experiment has a folder of its name.
    pub out: PathBuf,
    /// Seconds since any fixed moment: what records say of the time that a run took. A library has no clock of its own.
    pub seconds: fn() -> f64,
}

/// A finished search: its evaluations, and the findings that follow from them.
pub struct Finished {
    /// The evaluations.
    pub found: Found,
    /// The findings that follow from them.
    pub findings: Findings,
    /// Whether all its traces say what prompts share. Without that, nothing about storage follows.
    pub sharing_known: bool,
}

/// The result of a run of one kind of experiment.
struct Done {
    body: Body,
    /// Texts by file name.
    tables: Vec<(&'static str, String)>,
    evaluated: usize,
    reused: usize,
    /// The line for the user at the end.
    summary: String,
    finished: Option<Finished>,
}

/// A validated experiment with its traces, ready to run.
enum Ready {
    Search(Box<searched::Ready>),
    Comparison(comparison::Ready),
    GroupTtl(group_ttl::Ready),
    Reuse(reuse::Ready),
    Timeline(Box<timeline::Ready>),
    EngineRuns(Box<engine_runs::Ready>),
}

impl Ready {
    fn expected(&self) -> Expected {
        match self {
            Self::Search(ready) => ready.expected(),
            Self::Comparison(ready) => ready.expected(),
            Self::GroupTtl(ready) => ready.expected(),
            Self::Reuse(ready) => ready.expected(),
            Self::Timeline(ready) => ready.expected(),
            Self::EngineRuns(ready) => ready.expected(),
        }
    }
}

/// Runs experiments in the order of the files. `environment` says for each file how the program was called.
///
/// Returns what the searches among the experiments found.
///
/// # Errors
/// A file or a trace has a mistake; then nothing has run. Or a point cannot be evaluated, or a file cannot be written;
/// then everything that was finished is kept.
pub fn run(
    files: &[PathBuf],
    options: &Options,
    registries: &Registries,
    environment: &dyn Fn(&Path) -> Environment,
    observer: &dyn Observer,
) -> Result<Vec<Finished>, Problem> {
    distinct(files)?;
    let mut planned = Vec::new();
    let mut read = ReadTraces::default();
    for file in files {
        let experiment = Experiment::load(file, options.scale, options.trace.as_ref(), registries)?;
        let folder = Folder::below(&options.out, &experiment.head.name);
        folder.check_kind(&experiment.head.name, experiment.kind())?;
        planned.push((environment(file), folder, experiment));
    }
    let mut ready = Vec::new();
    for (environment, folder, experiment) in planned {
        let Experiment { file, head, plan } = experiment;
        let plan = match plan {
            Plan::Search(plan) => {
                Ready::Search(Box::new(searched::Ready::new(&file, plan, None, &mut read)?))
            }
            Plan::Cases(plan, cases) => {
                Ready::Search(Box::new(searched::Ready::new(&file, plan, Some(cases), &mut read)?))
            }
            Plan::Comparison(plan) => Ready::Comparison(comparison::Ready::new(plan, &mut read)?),
            Plan::GroupTtl(plan) => Ready::GroupTtl(group_ttl::Ready::new(plan, &mut read)?),
            Plan::Reuse(plan) => Ready::Reuse(reuse::Ready::new(&file, plan, &mut read)?),
            Plan::Timeline(plan) => Ready::Timeline(Box::new(timeline::Ready::new(plan, &mut read)?)),
            Plan::EngineRuns(plan) => Ready::EngineRuns(Box::new(engine_runs::Ready::new(plan)?)),
        };
        ready.push((environment, folder, head, plan));
    }
    read.remarks.iter().for_each(|remark| observer.say(remark));
    observer.plan(&ready.iter().map(|(.., ready)| ready.expected()).collect::<Vec<_>>());
    let mut finished = Vec::new();
    for (environment, folder, head, ready) in ready {
        finished.extend(run_one(&environment, options.seconds, &folder, &head, ready, observer)?);
    }
    Ok(finished)
}

/// Runs one experiment and writes its record. The manifest names the tables, so it is written last.
fn run_one(
    environment: &Environment,
    seconds: fn() -> f64,
    folder: &Folder,
    head: &Head,
    ready: Ready,
    observer: &dyn Observer,
) -> Result<Option<Finished>, Problem> {
    let started_s = seconds();
    folder.create()?;
    let Done { body, tables, evaluated, reused, summary, finished } = match ready {
        Ready::Search(ready) => ready.run(folder, head, observer)?,
        Ready::Comparison(ready) => ready.run(folder, head, observer)?,
        Ready::GroupTtl(ready) => ready.run(folder, head, observer)?,
        Ready::Reuse(ready) => ready.run(head, observer)?,
        Ready::Timeline(ready) => ready.run(folder, head, observer)?,
        Ready::EngineRuns(ready) => ready.run(head, observer)?,
    };
    // A run that evaluated nothing adds no entry about evaluations.
    let mut runs = Manifest::earlier_runs(folder, |earlier| same_evaluations(earlier, &body));
    if evaluated > 0 || runs.is_empty() {
        runs.push(environment.run(evaluated, reused, seconds() - started_s));
    }
    let manifest = Manifest::new(head, body, &tables, runs, environment);
    for (name, text) in &tables {
        folder.write(name, text)?;
    }
    folder.write(MANIFEST, &manifest.to_toml())?;
    observer.finish();
    observer.say(&format!("{}: {summary}; records in {}", head.name, folder.path().display()));
    Ok(finished)
}

/// Whether two manifests have the same evaluations, so that the earlier runs belong to the later manifest too.
fn same_evaluations(earlier: &Body, now: &Body) -> bool {
    match (earlier, now) {
        (Body::Search(earlier), Body::Search(now)) => earlier.fingerprint == now.fingerprint,
        (Body::Cases { points: earlier, .. }, Body::Cases { points: now, .. }) => {
            earlier.fingerprint == now.fingerprint
        }
        (Body::Comparison(_), Body::Comparison(_)) => true,
        (Body::GroupTtl(earlier), Body::GroupTtl(now)) => earlier.case == now.case,
        (Body::Reuse(earlier), Body::Reuse(now)) => earlier.trace == now.trace,
        (Body::Timeline(earlier), Body::Timeline(now)) => earlier.load == now.load,
        // Replays of recorded runs are made anew each time: they take a second.
        _ => false,
    }
}

/// The kind of a file. The file is not resolved.
///
/// # Errors
/// The file cannot be read, or is not an experiment.
pub fn kind_of(file: &Path) -> Result<Kind, Problem> {
    let source = deployment::Source::read(file)?;
    source.parse_toml::<crate::file::File>()?.kind(&source)
}
