//! What is evaluated once a search is over: the listed configurations on resamples of the users, and under other
//! assumptions. Each kind has an archive of its own in the record, and goes on from it.

use std::path::Path;

use kareto::picks::feasible;
use kareto::recommend::next_step;
use kareto::robust::joint::prepended;
use kareto::{Archive, ArchiveStore, Point, run_search};
use kv_core::policy::Registry;

use super::progress::Progress;
use super::searched::{Listed, Searched, search_error};
use crate::error::CliError;
use crate::evaluate::{PointEvaluator, VariedEvaluator};
use crate::experiment::cases::Traces;
use crate::experiment::plan::Experiment;
use crate::experiment::uncertainty::Varied;
use crate::record::Record;
use crate::render::{Uncertainty, listed, recommended};

/// What was found, and how many evaluations it took.
pub(super) struct Doubted {
    pub(super) uncertainty: Uncertainty,
    /// Evaluations made now.
    pub(super) evaluated: usize,
    /// Evaluations that the archives had.
    pub(super) reused: usize,
}

/// Evaluates the variations that an experiment asks for; none where it asks for none.
pub(super) fn doubt(
    experiment: &Experiment,
    traces: &Traces,
    registry: &Registry,
    record: &Record,
    fingerprint: &str,
    searched: &Searched,
) -> Result<Option<Doubted>, CliError> {
    let Some(plan) = &experiment.uncertainty else { return Ok(None) };
    let (run, constraints) = (&searched.run.archive, &experiment.constraints);
    let rows = listed(run, &searched.kept, experiment.baseline.as_ref(), constraints)?;
    let mut points: Vec<Point> = rows.into_iter().map(|row| row.point).collect();
    let vary = |varied: &Varied, path: &Path, first: usize, points: &[Point], what: &str| {
        let of = PointEvaluator {
            base: &experiment.system,
            space: &experiment.archive_space,
            traces,
            registry,
            objectives: experiment.search.objectives.clone(),
        };
        let evaluator = VariedEvaluator { of, variations: &varied.variations };
        let store = ArchiveStore::open(path, fingerprint, &varied.space)?;
        let scenarios = experiment.weighing.as_ref().map(|it| it.weights.len());
        let asked = asked(first, scenarios, points);
        let progress = Progress::new(&format!("{}, {what}", experiment.name));
        let run = run_search(&mut Listed(asked), &varied.space, &evaluator, &store, &progress);
        let run = run.map_err(search_error)?;
        progress.finish();
        Ok::<_, CliError>((run.archive, run.evaluated, run.reused))
    };
    let resamples = plan.resamples as usize;
    let path = record.resamples();
    let (resampled, mut evaluated, mut reused) =
        vary(&plan.of_resamples, &path, resamples, &points, "resamples")?;
    let kept = feasible(run, constraints).map_err(CliError::user)?;
    let next = recommended(&kept, constraints).and_then(|chosen| next_step(&kept, &chosen.point));
    points.extend(next.map(|step| step.to));
    let mut assumed = Archive::new();
    if let Some(varied) = &plan.of_assumptions {
        let path = record.assumptions_archive();
        let found = vary(varied, &path, varied.variations.len(), &points, "assumptions")?;
        assumed = found.0;
        evaluated += found.1;
        reused += found.2;
    }
    let names = plan.of_assumptions.as_ref().map_or_else(Vec::new, Varied::names);
    let weighing = experiment.weighing.as_ref();
    let uncertainty =
        Uncertainty::new(&resampled, resamples, &assumed, names, weighing).map_err(CliError::user)?;
    let uncertainty = uncertainty.with_prices(&searched.kept, searched.scenarios.as_ref());
    Ok(Some(Doubted { uncertainty, evaluated, reused }))
}

/// Points under the first variations, and under each scenario where there are any.
fn asked(first: usize, scenarios: Option<usize>, points: &[Point]) -> Vec<Point> {
    let each = |point: &Point| match scenarios {
        Some(count) => (0..).take(count).map(|scenario| prepended(scenario, point)).collect(),
        None => vec![point.clone()],
    };
    let points: Vec<Point> = points.iter().flat_map(each).collect();
    (0..)
        .take(first)
        .flat_map(|variation| points.iter().map(move |point| prepended(variation, point)))
        .collect()
}
