//! The evaluations after a search: the listed configurations on resamples of the users, and under other assumptions.
//! Each of the two has its own archive in the record, and goes on from it.

use std::collections::BTreeSet;

use deployment::Problem;
use kareto::picks::feasible;
use kareto::recommend::next_step;
use kareto::robust::joint::prepended;
use kareto::{Archive, Point, run_search};

use super::listed_points::Listed;
use super::searched::{Searched, search_problem};
use crate::archive::open_archive;
use crate::evaluate::{PointEvaluator, Traces, VariedEvaluator};
use crate::findings::{Found, Uncertainty, listed, recommended};
use crate::observer::{Counting, Observer};
use crate::plan::{self, Head, SearchPlan};
use crate::record::{ASSUMPTIONS, Folder, RESAMPLES};

/// The evaluations that were found, and how many were made.
pub(super) struct Varied {
    pub(super) uncertainty: Uncertainty,
    /// Evaluations made now.
    pub(super) evaluated: usize,
    /// Evaluations that the archives had.
    pub(super) reused: usize,
    /// Names the code that made the evaluations in the archives.
    pub(super) code: BTreeSet<String>,
}

/// Evaluates the variations that an experiment asks for. Returns `None` where it asks for none.
pub(super) fn vary(
    plan: &SearchPlan,
    traces: &Traces,
    head: &Head,
    folder: &Folder,
    fingerprint: &str,
    searched: &Searched,
    observer: &dyn Observer,
) -> Result<Option<Varied>, Problem> {
    let Some(uncertainty) = &plan.uncertainty else { return Ok(None) };
    let (run, constraints) = (&searched.run.archive, &plan.constraints);
    let found = Found {
        space: plan.space.clone(),
        searched: run.clone(),
        kept: searched.kept.clone(),
        baseline: plan.baseline.clone(),
        constraints: constraints.clone(),
        currency: String::new(),
        scenarios: None,
        uncertainty: None,
        varied: None,
    };
    let mut points: Vec<Point> = listed(&found)?.into_iter().map(|row| row.point).collect();
    let again = Again { plan, traces, head, folder, fingerprint, observer };
    let evaluate = |varied: &plan::Varied, file: &str, first: usize, points: &[Point], what: &str| {
        again.evaluate(varied, file, first, points, what)
    };
    let resamples = uncertainty.resamples as usize;
    let (resampled, mut evaluated, mut reused, mut code) =
        evaluate(&uncertainty.of_resamples, RESAMPLES, resamples, &points, "resamples")?;
    let kept = feasible(run, constraints).map_err(Problem::user)?;
    let next = recommended(&kept, constraints).and_then(|chosen| next_step(&kept, &chosen.point));
    points.extend(next.map(|step| step.to));
    let mut assumed = Archive::new();
    if let Some(varied) = &uncertainty.of_assumptions {
        let found = evaluate(varied, ASSUMPTIONS, varied.variations.len(), &points, "assumptions")?;
        assumed = found.0;
        evaluated += found.1;
        reused += found.2;
        code.extend(found.3);
    }
    let names = uncertainty.of_assumptions.as_ref().map_or_else(Vec::new, plan::Varied::names);
    let weighing = plan.weighing.as_ref();
    let uncertainty =
        Uncertainty::new(&resampled, resamples, &assumed, names, weighing).map_err(Problem::user)?;
    let uncertainty = uncertainty.with_prices(&searched.kept, searched.scenarios.as_ref());
    Ok(Some(Varied { uncertainty, evaluated, reused, code }))
}

/// Evaluates points again, with one thing changed.
pub(super) struct Again<'a> {
    pub(super) plan: &'a SearchPlan,
    pub(super) traces: &'a Traces,
    pub(super) head: &'a Head,
    pub(super) folder: &'a Folder,
    pub(super) fingerprint: &'a str,
    pub(super) observer: &'a dyn Observer,
}

impl Again<'_> {
    /// Evaluates points under the first variations. Returns the evaluations, how many were made and how many the archive
    /// had, and the names of the code that made them.
    pub(super) fn evaluate(
        &self,
        varied: &plan::Varied,
        file: &str,
        first: usize,
        points: &[Point],
        what: &str,
    ) -> Result<(Archive, usize, usize, BTreeSet<String>), Problem> {
        let Self { plan, traces, head, folder, fingerprint, observer } = self;
        let objectives = plan.search.objectives.clone();
        let of = PointEvaluator { base: &plan.system, space: &plan.archive_space, traces, objectives };
        let evaluator = VariedEvaluator { of, variations: &varied.variations };
        let (path, revision_of) = (folder.file(file), evaluator.revision_of());
        let store = open_archive(&path, fingerprint, &varied.space, revision_of, *observer)?;
        let scenarios = plan.weighing.as_ref().map(|it| it.weights.len());
        observer.begin(&format!("{}, {what}", head.name));
        let asked = &mut Listed(asked(first, scenarios, points));
        let run = run_search(asked, &varied.space, &evaluator, &store, &Counting(*observer));
        let run = run.map_err(search_problem)?;
        observer.end();
        Ok((run.archive, run.evaluated, run.reused, store.revisions()))
    }
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
