//! The Pareto front: the evaluated points that no other evaluated point dominates.
//!
//! Also how good a front is: [`hypervolume`] and [`indicators`]. What to buy from it is [`crate::picks`]'s question.

pub(crate) mod growing;
pub mod hypervolume;
pub mod indicators;
pub(crate) mod own_range;
pub(crate) mod ranking;
mod staircase;

use std::cmp::Ordering;

use crate::archive::Archive;
use crate::evaluate::Evaluation;
use crate::objectives::{ObjectiveSet, dominates};
use crate::space::Point;
use staircase::Staircase;

/// The non-dominated points of an archive, by [`Objectives::order`](crate::objectives::Objectives::order) (cheapest first), then by point.
///
/// Points with equal objectives do not dominate each other: all of them are on the front.
#[derive(Debug, Clone, PartialEq)]
pub struct Front {
    points: Vec<(Point, Evaluation)>,
    objectives: ObjectiveSet,
}

impl Front {
    /// The front of an archive.
    #[must_use]
    pub fn of(archive: &Archive) -> Self {
        let entries: Vec<_> = archive.iter().collect();
        let mut points: Vec<_> = non_dominated(&archive.vectors())
            .into_iter()
            .map(|index| (entries[index].0.clone(), entries[index].1.clone()))
            .collect();
        points.sort_by(|a, b| a.1.objectives.order(&b.1.objectives).then(a.0.cmp(&b.0)));
        Self { points, objectives: archive.objectives().clone() }
    }

    /// The points with their evaluations, cheapest first.
    #[must_use]
    pub fn points(&self) -> &[(Point, Evaluation)] {
        &self.points
    }

    /// Number of points.
    #[must_use]
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether nothing was evaluated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The objective vectors of which less is better, cheapest first.
    #[must_use]
    pub fn minimised(&self) -> Vec<[f64; 3]> {
        self.points.iter().map(|(_, evaluation)| self.objectives.minimised(evaluation)).collect()
    }

    /// The objective vector of an evaluation.
    pub(crate) fn vector(&self, evaluation: &Evaluation) -> [f64; 3] {
        self.objectives.minimised(evaluation)
    }
}

/// Positions of the vectors that no other vector dominates (less is better), increasing. O(n log n) comparisons.
#[must_use]
pub fn non_dominated(vectors: &[[f64; 3]]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..vectors.len()).collect();
    order.sort_by(|&a, &b| sweep_order(&vectors[a], &vectors[b]));
    // In this order a vector can only be dominated by an earlier one, and the third entry never speaks against it.
    let mut stairs = Staircase::default();
    let mut kept: Vec<usize> = Vec::new();
    for index in order {
        let vector = &vectors[index];
        let twin = kept.last().is_some_and(|&last| sweep_order(&vectors[last], vector).is_eq());
        if twin || !stairs.covers(vector[0], vector[1]) {
            stairs.insert(vector[0], vector[1]);
            kept.push(index);
        }
    }
    kept.sort_unstable();
    kept
}

/// By the third entry, then the first, then the second; -0 and 0 are the same, as dominance has it.
fn sweep_order(a: &[f64; 3], b: &[f64; 3]) -> Ordering {
    let compare = |entry: usize| (a[entry] + 0.0).total_cmp(&(b[entry] + 0.0));
    compare(2).then(compare(0)).then(compare(1))
}

/// The same by comparing all pairs: the definition, for tests.
#[must_use]
pub fn non_dominated_naive(vectors: &[[f64; 3]]) -> Vec<usize> {
    let free = |vector: &[f64; 3]| !vectors.iter().any(|other| dominates(other, vector));
    (0..vectors.len()).filter(|&index| free(&vectors[index])).collect()
}
