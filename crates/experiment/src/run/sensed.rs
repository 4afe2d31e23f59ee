//! The evaluations of a sensitivity analysis: the configurations among which the choice is made, under every parameter at
//! every factor. They have an archive of their own in the record, and a run goes on from it.

use std::collections::BTreeSet;

use deployment::Problem;
use kareto::front::Front;
use kareto::{Archive, Point};

use super::again::Again;
use crate::findings::{Among, Varied};
use crate::record::{SENSITIVITY, SensitivityEntry};

/// The evaluations that were found, and how many were made.
pub(super) struct SensedAgain {
    pub(super) varied: Varied,
    pub(super) entry: SensitivityEntry,
    /// Evaluations made now.
    pub(super) evaluated: usize,
    /// Evaluations that the archive had.
    pub(super) reused: usize,
    /// Names the code that made them.
    pub(super) code: BTreeSet<String>,
}

/// Evaluates what `[sensitivity]` asks for, at points of `run`. Returns `None` where it asks for nothing.
pub(super) fn sense(again: &Again<'_>, run: &Archive) -> Result<Option<SensedAgain>, Problem> {
    let Some(plan) = &again.plan.sensitivity else { return Ok(None) };
    let mut points: Vec<Point> = match plan.among {
        Among::All => run.iter().map(|(point, _)| point.clone()).collect(),
        Among::Front => Front::of(run).points().iter().map(|(point, _)| point.clone()).collect(),
    };
    points.extend(again.plan.baseline.clone());
    points.sort();
    points.dedup();
    let (names, count) = (plan.varied.names(), plan.varied.variations.len());
    let (joint, evaluated, reused, code) =
        again.evaluate(&plan.varied, SENSITIVITY, count, &points, "sensitivity")?;
    let weighing = again.plan.weighing.as_ref();
    let varied = Varied::new(&joint, &names, plan.prices.clone(), weighing).map_err(Problem::user)?;
    let entry = SensitivityEntry {
        among: plan.among,
        configurations: points.len(),
        evaluations: evaluated + reused,
        prices: plan.prices.iter().cloned().collect(),
    };
    Ok(Some(SensedAgain { varied, entry, evaluated, reused, code }))
}
