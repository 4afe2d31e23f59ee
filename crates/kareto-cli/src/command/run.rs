//! `kareto run`: everything is validated and every trace read first; then one experiment after another is searched,
//! its points in parallel, and its record written.

use std::path::{Path, PathBuf};
use std::time::Instant;

use kareto::search::{Ask, Reason, Search, SearchError, SearchSettings, build_search};
use kareto::{Archive, ArchiveError, ArchiveStore, Point, SearchRun, run_search};
use kv_core::policy::Registry;

use super::progress::Progress;
use crate::args::RunOptions;
use crate::error::CliError;
use crate::evaluate::{PointEvaluator, known_cost};
use crate::experiment::cases::Traces;
use crate::experiment::plan::Experiment;
use crate::experiment::trace::ReadTraces;
use crate::output::complain;
use crate::record::{self, CasesEntry, Environment, Manifest, Record, SearchEntry, TraceEntry};

/// A finished experiment.
pub(super) struct Finished {
    pub(super) experiment: Experiment,
    /// What the search asked for.
    pub(super) searched: Archive,
    /// Everything in the archive.
    pub(super) kept: Archive,
}

/// Runs experiments, in the order of the files.
pub(super) fn run(
    files: &[PathBuf],
    options: &RunOptions,
    registry: &Registry,
) -> Result<Vec<Finished>, CliError> {
    let mut planned = Vec::new();
    let mut read = ReadTraces::default();
    for file in files {
        let experiment = Experiment::load(file, options.scale, options.trace.as_deref(), registry)?;
        record::check_kind(&options.out, &experiment.name, record::MANIFEST)?;
        let mut traces = Vec::new();
        for (name, plan) in &experiment.traces {
            traces.push((name.clone(), read.get(plan)?));
        }
        let traces = Traces::new(traces, &experiment.space);
        experiment
            .check(&traces, registry)
            .map_err(|m| CliError::user(format!("{}: {m}", file.display())))?;
        planned.push((Environment::of(file), experiment, traces));
    }
    let runs = planned.into_iter().map(|(environment, experiment, traces)| {
        run_one(&environment, experiment, &traces, &options.out, registry)
    });
    runs.collect()
}

fn run_one(
    environment: &Environment,
    experiment: Experiment,
    traces: &Traces,
    out: &Path,
    registry: &Registry,
) -> Result<Finished, CliError> {
    let started = Instant::now();
    let record = Record::new(out, &experiment.name);
    record.create()?;
    let fingerprint = record::fingerprint(&experiment.system, traces);
    let store =
        ArchiveStore::open(&record.archive(), &fingerprint, &experiment.space).map_err(archive_error)?;
    let evaluator = PointEvaluator { base: &experiment.system, space: &experiment.space, traces, registry };
    let progress = Progress::new(&experiment.name);
    let search_run = |search: &mut dyn Search| {
        run_search(search, &experiment.space, &evaluator, &store, &progress).map_err(search_error)
    };
    let known_cost =
        known_cost(&experiment.system, &experiment.space, traces, registry).map_err(CliError::user)?;
    let settings = SearchSettings { known_cost, ..experiment.search.settings.clone() };
    let search = build_search(&experiment.search.name, &experiment.space, &settings);
    let mut search = search.expect("checked when the file was loaded");
    let run = search_run(search.as_mut())?;
    let beside = search_run(&mut Listed(experiment.points_beside()))?;
    progress.finish();

    let kept = store.snapshot();
    let Written { points, claims, manifest } =
        written(environment, &experiment, traces, &fingerprint, &record, &run, &beside, &kept, started)?;
    let file = if experiment.cases.is_some() { record.cases() } else { record.front() };
    record::write(&file, &points)?;
    if experiment.cases.is_none() {
        let skipped = record::skipped_table(&experiment.space, &run.skipped)?;
        record::write(&record.skipped(), &skipped.to_csv())?;
    }
    record::write(&record.claims(), &claims)?;
    record::write(&record.manifest(), &manifest)?;
    complain(&format!(
        "{}: {} points, {} evaluated now, {} from the archive; {}; records in {}",
        experiment.name,
        run.archive.len(),
        run.evaluated + beside.evaluated,
        run.reused,
        run.reason,
        record.directory().display(),
    ));
    Ok(Finished { experiment, searched: run.archive, kept })
}

/// The texts of a record's files.
struct Written {
    /// The front, or all cases.
    points: String,
    claims: String,
    manifest: String,
}

#[expect(clippy::too_many_arguments, reason = "one call, everything that a record tells")]
fn written(
    environment: &Environment,
    experiment: &Experiment,
    traces: &Traces,
    fingerprint: &str,
    record: &Record,
    run: &SearchRun,
    beside: &SearchRun,
    kept: &Archive,
    started: Instant,
) -> Result<Written, CliError> {
    let mut runs = Manifest::earlier_runs(&record.manifest(), fingerprint);
    let evaluated = run.evaluated + beside.evaluated;
    if evaluated > 0 || runs.is_empty() {
        runs.push(environment.entry(evaluated, run.reused, started.elapsed().as_secs_f64()));
    }
    let space = &experiment.space;
    let not_asked = kept.iter().filter(|(point, _)| !run.archive.contains(point));
    let manifest = Manifest {
        format: record::FORMAT.to_owned(),
        experiment: experiment.name.clone(),
        question: experiment.question.clone(),
        analysis: experiment.analysis.clone(),
        scale: experiment.scale.name().to_owned(),
        currency: experiment.system.hardware.prices.currency.to_string(),
        seed: experiment.system.seed,
        baseline: experiment.baseline.as_ref().map(|point| space.key(point)),
        fingerprint: fingerprint.to_owned(),
        trace: TraceEntry::of_all(experiment, traces),
        cases: CasesEntry::new(experiment, traces),
        search: SearchEntry {
            name: if experiment.cases.is_some() {
                "cases".to_owned()
            } else {
                experiment.search.name.clone()
            },
            space_points: space.size(),
            beside: not_asked.map(|(point, _)| space.key(point)).collect(),
            evaluations: run.archive.len(),
            ended: run.reason.to_string(),
        },
        constraint: experiment.constraints.clone(),
        run: runs,
    };
    let claims = experiment.claims.iter().map(|claim| claim.row(claim.measure(kept, &run.archive)));
    Ok(Written {
        points: if experiment.cases.is_some() {
            record::cases_table(space, &run.archive)?.to_csv()
        } else {
            record::front_table(space, &run.archive)?.to_csv()
        },
        claims: record::claims_table(claims, experiment.scale)?.to_csv(),
        manifest: manifest.to_toml(),
    })
}

/// Asks for given points, once.
struct Listed(Vec<Point>);

impl Search for Listed {
    fn ask(&mut self, _archive: &Archive) -> Ask {
        match std::mem::take(&mut self.0) {
            points if points.is_empty() => Ask::Done(Reason::Converged),
            points => Ask::Evaluate(points),
        }
    }
}

pub(crate) fn search_error(error: SearchError) -> CliError {
    match error {
        SearchError::Archive(error) => archive_error(error),
        SearchError::Evaluate { .. } => CliError::user(error),
        SearchError::OutsideSpace { .. } => unreachable!("{error}"),
    }
}

pub(crate) fn archive_error(error: ArchiveError) -> CliError {
    match error {
        ArchiveError::Io { .. } => CliError::machine(error),
        error => CliError::user(error),
    }
}
