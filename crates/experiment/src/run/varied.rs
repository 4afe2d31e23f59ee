//! The evaluations after a search: the listed configurations on resamples of the users, and under other assumptions.
//! Each of the two has its own archive in the record, and goes on from it.

use std::collections::BTreeSet;

use deployment::Problem;
use kareto::picks::feasible;
use kareto::recommend::next_step;
use kareto::{Archive, Point};

use super::again::Again;
use super::searched::Searched;
use crate::evaluate::Traces;
use crate::findings::{Found, Uncertainty, listed, recommended};
use crate::observer::Observer;
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
