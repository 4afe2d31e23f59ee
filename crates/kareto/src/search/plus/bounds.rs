//! What the corners of a box say of the points inside it.
//!
//! Objectives are sums of terms: TTFT is one, throughput is one, cost is the part known beforehand, the parts that
//! evaluations name, and what is left. Terms are bounded one by one, for each is nearly monotone where the sum is not.

use super::lattice_box::LatticeBox;
use crate::archive::Archive;
use crate::space::{DesignSpace, Point};

/// How objectives are split into terms.
#[derive(Debug)]
pub(super) struct Terms {
    pub(super) space: DesignSpace,
    /// Metrics that are parts of the cost.
    pub(super) parts: Vec<String>,
    /// By place: the part of the cost known before simulating.
    pub(super) known_cost: Vec<f64>,
    /// How far beyond its corners' range a term may go, as a fraction of that range.
    pub(super) slack: f64,
}

impl Terms {
    /// The terms of an evaluated point: TTFT, minus throughput, the named parts of the cost, and the rest of it.
    pub(super) fn at(&self, point: &Point, archive: &Archive) -> Vec<f64> {
        let evaluation = archive.get(point).expect("corners of boxes are evaluated");
        let [ttft, throughput, cost] = evaluation.objectives.minimised();
        let mut terms = vec![ttft, throughput];
        // An evaluation without the part leaves it in the rest.
        terms.extend(self.parts.iter().map(|part| evaluation.figure(part).unwrap_or(0.0)));
        let named: f64 = terms[2..].iter().sum();
        terms.push(cost - named - self.known_cost[self.space.place(point)]);
        terms
    }

    /// The minimised objectives of a point with these terms.
    pub(super) fn assemble(&self, point: &Point, terms: &[f64]) -> [f64; 3] {
        let cost = terms[2..].iter().sum::<f64>() + self.known_cost[self.space.place(point)];
        [terms[0], terms[1], cost]
    }

    /// Least and greatest value of every term in a box, as far as its corners tell.
    pub(super) fn bounds(&self, lattice_box: &LatticeBox, archive: &Archive) -> Vec<[f64; 2]> {
        let mut bounds = vec![[f64::INFINITY, f64::NEG_INFINITY]; 3 + self.parts.len()];
        for corner in lattice_box.corners() {
            for (bound, term) in bounds.iter_mut().zip(self.at(&corner, archive)) {
                *bound = [bound[0].min(term), bound[1].max(term)];
            }
        }
        let widened = bounds.into_iter().map(|[least, most]| {
            let slack = self.slack * (most - least);
            [least - slack, most + slack]
        });
        widened.collect()
    }

    /// The objectives that a point of a box may have: between interpolation of the corners (optimism 0) and the best
    /// that the bounds allow (1).
    pub(super) fn guess(
        &self,
        lattice_box: &LatticeBox,
        bounds: &[[f64; 2]],
        point: &Point,
        archive: &Archive,
        optimism: f64,
    ) -> [f64; 3] {
        let mut terms = vec![0.0; bounds.len()];
        for (corner, weight) in lattice_box.weights(point) {
            let at_corner = self.at(&corner, archive);
            terms.iter_mut().zip(at_corner).for_each(|(term, value)| *term += weight * value);
        }
        terms.iter_mut().zip(bounds).for_each(|(term, bound)| *term += optimism * (bound[0] - *term));
        self.assemble(point, &terms)
    }
}
