//! What a finished search can say of the points it never evaluated, and how well its assumption held.

use crate::archive::Archive;
use crate::front::hypervolume::ReferencePoint;

/// A bound on what unexplored points could still add, and the assumption it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certificate {
    /// Where hypervolumes are measured from: the worst of each objective seen, a tenth of its range further out.
    pub reference: ReferencePoint,
    /// Hypervolume of the front found.
    pub hypervolume: f64,
    /// The most that all unexplored points together could add, if every objective is coordinatewise monotone within every box.
    pub could_add: f64,
    /// The same as a share of [`Self::hypervolume`].
    pub could_add_share: f64,
    /// How many values of evaluated points the assumption was tested on.
    pub tested: usize,
    /// How many of them lay outside the bounds of the box they were predicted in.
    pub violations: usize,
    /// The farthest of them, as a fraction of that objective's range over the archive.
    pub largest_violation: f64,
}

impl Certificate {
    /// The assumption in words, for reports.
    pub const ASSUMPTION: &str =
        "within a box of the lattice, along each axis, every objective only rises or only falls";
}

/// Tests the assumption at every new corner.
#[derive(Debug, Default)]
pub(super) struct Watch {
    tested: usize,
    violations: usize,
    /// Largest distance outside the bounds, per objective, in its unit.
    outside: [f64; 3],
}

impl Watch {
    /// Notes whether values lie within their box's bounds.
    pub(super) fn check(&mut self, bounds: &[[f64; 2]], found: &[f64]) {
        for (term, (bound, &value)) in bounds.iter().zip(found).enumerate() {
            let outside = (bound[0] - value).max(value - bound[1]);
            // Sums in another order differ in their last bits; that is not a violation.
            let rounding = 1e-12 * value.abs();
            self.tested += 1;
            if outside > rounding {
                // Terms beyond the second are parts of the cost.
                let k = term.min(2);
                self.violations += 1;
                self.outside[k] = self.outside[k].max(outside);
            }
        }
    }

    pub(super) fn certificate(
        &self,
        archive: &Archive,
        reference: ReferencePoint,
        hypervolume: f64,
        could_add: f64,
    ) -> Certificate {
        let vectors: Vec<_> =
            archive.iter().map(|(_, evaluation)| evaluation.objectives.minimised()).collect();
        let share = |k: usize| {
            let values = || vectors.iter().map(|vector| vector[k]);
            let range = values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min);
            if self.outside[k] > 0.0 { self.outside[k] / range } else { 0.0 }
        };
        Certificate {
            reference,
            hypervolume,
            could_add,
            could_add_share: if hypervolume > 0.0 { could_add / hypervolume } else { 0.0 },
            tested: self.tested,
            violations: self.violations,
            largest_violation: (0..3).map(share).fold(0.0, f64::max),
        }
    }
}
