//! The driver: evaluates what a search asks, in parallel, once.
//!
//! Whatever the archive holds already is reused, so an interrupted run continues where it was killed. The points of
//! one ask are evaluated on rayon's pool; the search sees the answers when all of them are there.

use rayon::prelude::*;
use thiserror::Error;

use super::{Ask, Certificate, Reason, Search, Skipped};
use crate::archive::{Archive, ArchiveError, ArchiveStore};
use crate::evaluate::{Evaluate, EvaluateError, Evaluation};
use crate::space::{DesignSpace, Point};

/// Told what happens, as a progress bar is. Calls come from several threads.
pub trait Observer: Sync {
    /// A search asked for these points, none of them asked before; `known` of them are in the archive.
    fn on_planned(&self, _points: &[Point], _known: usize) {}
    /// A point was evaluated and kept.
    fn on_evaluated(&self, _point: &Point, _evaluation: &Evaluation) {}
    /// A point was found in the archive.
    fn on_reused(&self, _point: &Point, _evaluation: &Evaluation) {}
}

/// An observer that looks away.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Observer for Silent {}

/// A finished search.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchRun {
    /// The evaluations of the points that the search asked for, and of no other.
    pub archive: Archive,
    /// The points in the order of asking: the abscissa of "hypervolume against evaluations".
    pub order: Vec<Point>,
    /// How many of them were evaluated now.
    pub evaluated: usize,
    /// How many of them the archive held already.
    pub reused: usize,
    /// Why the search ended.
    pub reason: Reason,
    /// Why points were not asked, as far as the search has reasons.
    pub skipped: Skipped,
    /// What the points not asked could still add, if the search can tell.
    pub certificate: Option<Certificate>,
}

/// A search that had to stop. Every finished evaluation is in the archive.
#[derive(Debug, Error)]
pub enum SearchError {
    /// A point could not be evaluated.
    #[error("evaluation of {key} failed: {source}")]
    Evaluate {
        /// The point's key.
        key: String,
        /// The evaluator's error.
        source: EvaluateError,
    },
    /// An evaluation lacks a figure that is an objective.
    #[error("the evaluation of {key} has no figure `{figure}`, which is an objective")]
    NoObjective {
        /// The point's key.
        key: String,
        /// The objective.
        figure: String,
    },
    /// An evaluation could not be kept.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The search asked for a point outside the space: a fault of the search.
    #[error("the search asked for {point:?}, which is not in the design space")]
    OutsideSpace {
        /// The point.
        point: Point,
    },
}

/// Runs a search to its end.
///
/// Points of one ask run in parallel on the current rayon pool; those in the store are not run again. If several
/// evaluations of one ask fail, the error is that of the first one asked, whichever failed first.
///
/// # Errors
/// See [`SearchError`].
pub fn run_search(
    search: &mut dyn Search,
    space: &DesignSpace,
    evaluator: &dyn Evaluate,
    store: &ArchiveStore,
    observer: &dyn Observer,
) -> Result<SearchRun, SearchError> {
    let mut archive = Archive::new().with_objectives(evaluator.objectives());
    let (mut order, mut evaluated, mut reused) = (Vec::new(), 0, 0);
    let reason = loop {
        let points = match search.ask(&archive) {
            Ask::Done(reason) => break reason,
            Ask::Evaluate(points) => new_points(points, space, &archive)?,
        };
        if points.is_empty() {
            break Reason::NothingNew;
        }
        let known = points.iter().filter(|point| store.get(point).is_some()).count();
        observer.on_planned(&points, known);
        // One by one: neighbours on the grid are slow together, and halves of it are not alike.
        let one_by_one = points.par_iter().with_max_len(1);
        let answers: Vec<_> =
            one_by_one.map(|point| answer(point, space, evaluator, store, observer)).collect();
        for (point, answer) in points.iter().zip(answers) {
            let evaluation = answer?;
            if let Some(figure) = archive.objectives().missing(&evaluation) {
                let (key, figure) = (space.key(point), figure.to_owned());
                return Err(SearchError::NoObjective { key, figure });
            }
            archive.insert(point.clone(), evaluation).map_err(ArchiveError::from)?;
        }
        reused += known;
        evaluated += points.len() - known;
        order.extend(points);
    };
    let skipped = search.skipped(&archive).of_unasked(&archive);
    let certificate = search.certificate(&archive);
    Ok(SearchRun { archive, order, evaluated, reused, reason, skipped, certificate })
}

/// The points of an ask that were not asked before, each once, in the ask's order.
fn new_points(asked: Vec<Point>, space: &DesignSpace, archive: &Archive) -> Result<Vec<Point>, SearchError> {
    let mut seen = std::collections::BTreeSet::new();
    let mut points = Vec::with_capacity(asked.len());
    for point in asked {
        if !space.contains(&point) {
            return Err(SearchError::OutsideSpace { point });
        }
        if !archive.contains(&point) && seen.insert(point.clone()) {
            points.push(point);
        }
    }
    Ok(points)
}

fn answer(
    point: &Point,
    space: &DesignSpace,
    evaluator: &dyn Evaluate,
    store: &ArchiveStore,
    observer: &dyn Observer,
) -> Result<Evaluation, SearchError> {
    let mut is_new = false;
    let evaluation = store.get_or_evaluate(point, || {
        is_new = true;
        let evaluation = evaluator.evaluate(point);
        evaluation.map_err(|source| SearchError::Evaluate { key: space.key(point), source })
    })?;
    match is_new {
        true => observer.on_evaluated(point, &evaluation),
        false => observer.on_reused(point, &evaluation),
    }
    Ok(evaluation)
}
