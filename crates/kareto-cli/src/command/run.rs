//! `kareto run`: everything is validated and every trace read first; then one experiment after another is searched,
//! its points in parallel, and its record written.

use std::path::{Path, PathBuf};
use std::time::Instant;

use kareto::picks::feasible;
use kareto::{Archive, ArchiveStore};
use kv_core::policy::Registry;

use super::searched::{self, Searched};
use super::uncertainty::{Doubted, doubt};
use crate::Registries;
use crate::args::RunOptions;
use crate::error::CliError;
use crate::experiment::cases::Traces;
use crate::experiment::plan::Experiment;
use crate::experiment::trace::ReadTraces;
use crate::output::complain;
use crate::record::{
    self, CasesEntry, Environment, Manifest, Record, ScenarioEntry, SearchEntry, TraceEntry, UncertaintyEntry,
};
use crate::render::{Scenarios, Uncertainty, listed, regretted};

/// A finished experiment.
pub(super) struct Finished {
    pub(super) experiment: Experiment,
    /// What the search asked for.
    pub(super) searched: Archive,
    /// Everything in the archive.
    pub(super) kept: Archive,
    /// Where there are several; what was searched and kept is then what they are made.
    pub(super) scenarios: Option<Scenarios>,
    /// Where variations were evaluated.
    pub(super) uncertainty: Option<Uncertainty>,
}

/// Runs experiments, in the order of the files.
pub(super) fn run(
    files: &[PathBuf],
    options: &RunOptions,
    registries: &Registries,
) -> Result<Vec<Finished>, CliError> {
    let registry = &registries.policies;
    let mut planned = Vec::new();
    let mut read = ReadTraces::default();
    for file in files {
        let experiment = Experiment::load(file, options.scale, options.trace.as_deref(), registries)?;
        record::check_kind(&options.out, &experiment.name, record::MANIFEST)?;
        let mut traces = Vec::new();
        for (name, plan) in &experiment.traces {
            traces.push((name.clone(), read.get(plan)?));
        }
        let traces = Traces::new(traces, &experiment.archive_space);
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
    let store = ArchiveStore::open(&record.archive(), &fingerprint, &experiment.archive_space)?;
    let searched = searched::search(&experiment, traces, registry, &store)?;
    let doubted = doubt(&experiment, traces, registry, &record, &fingerprint, &searched)?;
    let Written { points, claims, manifest } = written(
        environment,
        &experiment,
        traces,
        &fingerprint,
        &record,
        &searched,
        doubted.as_ref(),
        started,
    )?;
    let uncertainty = doubted.map(|it| it.uncertainty);
    if experiment.cases.is_none() {
        listed_files(&experiment, &record, &searched, uncertainty.as_ref())?;
    }
    let file = if experiment.cases.is_some() { record.cases() } else { record.front() };
    record::write(&file, &points)?;
    if experiment.cases.is_none() {
        let skipped = record::skipped_table(&experiment.space, &searched.run.skipped)?;
        record::write(&record.skipped(), &skipped.to_csv())?;
    }
    record::write(&record.claims(), &claims)?;
    record::write(&record.manifest(), &manifest)?;
    complain(&format!(
        "{}: {} points, {} evaluated now, {} from the archive; {}; records in {}",
        experiment.name,
        searched.run.archive.len(),
        searched.evaluated,
        searched.reused,
        searched.run.reason,
        record.directory().display(),
    ));
    let Searched { run, kept, scenarios, .. } = searched;
    Ok(Finished { experiment, searched: run.archive, kept, scenarios, uncertainty })
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
    searched: &Searched,
    doubted: Option<&Doubted>,
    started: Instant,
) -> Result<Written, CliError> {
    let mut runs = Manifest::earlier_runs(&record.manifest(), fingerprint);
    let Searched { run, kept, .. } = searched;
    let evaluated = searched.evaluated + doubted.map_or(0, |it| it.evaluated);
    let reused = searched.reused + doubted.map_or(0, |it| it.reused);
    if evaluated > 0 || runs.is_empty() {
        runs.push(environment.entry(evaluated, reused, started.elapsed().as_secs_f64()));
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
        scenario: ScenarioEntry::of_all(experiment, traces),
        search: SearchEntry {
            name: if experiment.cases.is_some() {
                "cases".to_owned()
            } else {
                experiment.search.spec.name.to_owned()
            },
            front: experiment.weighing.as_ref().map(|it| it.front),
            objectives: experiment.search.other_objectives(),
            space_points: space.size(),
            beside: not_asked.map(|(point, _)| space.key(point)).collect(),
            evaluations: run.archive.len(),
            ended: run.reason.to_string(),
        },
        uncertainty: doubted.map(|it| UncertaintyEntry {
            resamples: it.uncertainty.resamples.len(),
            assumptions: !it.uncertainty.assumptions.is_empty(),
            evaluations: it.evaluated + it.reused,
        }),
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

/// Writes what is told of the baseline and the picks: `picks.csv`, `regret.csv` and `assumptions.csv`.
fn listed_files(
    experiment: &Experiment,
    record: &Record,
    searched: &Searched,
    uncertainty: Option<&Uncertainty>,
) -> Result<(), CliError> {
    let (space, run, constraints) = (&experiment.space, &searched.run, &experiment.constraints);
    let listed = listed(&run.archive, &searched.kept, experiment.baseline.as_ref(), constraints)?;
    let mut files = vec![(record.picks(), record::picks_table(space, &listed, uncertainty)?)];
    if let Some(scenarios) = &searched.scenarios {
        let choices = feasible(&run.archive, constraints).map_err(CliError::user)?;
        let rows = regretted(scenarios, &choices, &listed);
        files.push((record.regret(), record::regret_table(space, &rows)?));
    }
    if let Some(uncertainty) = uncertainty.filter(|it| !it.assumptions.is_empty()) {
        let rows = uncertainty.assumed(&searched.kept, constraints);
        files.push((record.assumptions(), record::assumptions_table(space, &rows)?));
    }
    files.iter().try_for_each(|(path, table)| record::write(path, &table.to_csv()))
}
