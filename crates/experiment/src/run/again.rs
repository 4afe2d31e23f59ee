//! Points that are evaluated again, with one thing changed. The archive of the changes lies beside that of the search.

use std::collections::BTreeSet;

use deployment::Problem;
use kareto::robust::joint::prepended;
use kareto::search::SearchError;
use kareto::{Archive, ArchiveError, EvaluateError, Point, run_search};

use super::listed_points::Listed;
use crate::archive::{archive_problem, open_archive};
use crate::evaluate::{PointEvaluator, Traces, VariedEvaluator};
use crate::observer::{Counting, Observer};
use crate::plan::{self, Head, SearchPlan};
use crate::record::Folder;

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

/// What is wrong with a search, as a problem of the user or the machine.
pub(super) fn search_problem(error: SearchError) -> Problem {
    match error {
        SearchError::Archive(error) => archive_problem(error),
        // With scenarios, the evaluator has the archive.
        SearchError::Evaluate { key, source: EvaluateError(source) } => {
            match source.downcast::<ArchiveError>() {
                Ok(error) => archive_problem(*error),
                Err(source) => Problem::user(SearchError::Evaluate { key, source: EvaluateError(source) }),
            }
        }
        // A search from outside may ask for anything.
        SearchError::OutsideSpace { .. } | SearchError::NoObjective { .. } => Problem::user(error),
    }
}
