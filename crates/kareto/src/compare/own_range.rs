//! The hypervolume in the range of a front itself.
//!
//! Measured from the worst points of a whole grid, nearly every front has 99.5 % of the hypervolume: the few worst points set
//! the scale. Here the scale is the front's own range. An objective that hardly varies on the front would count as much as
//! any other then, so only those count that vary by more than [`LEAST_RANGE`].

use crate::front::hypervolume::{ReferencePoint, hypervolume};

/// The least range of an objective that counts, as a fraction of its size: what a buyer does not tell apart. Throughput that
/// the arrivals dictate varies by less: by when the last request happens to end.
const LEAST_RANGE: f64 = 0.01;

/// How far out the reference point lies, as a fraction of the front's range. With 0 the ends of the front would add nothing.
const MARGIN: f64 = 0.1;

/// What a front is measured by in its own range.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OwnRange {
    counts: [bool; 3],
    reference: ReferencePoint,
    volume: f64,
}

impl OwnRange {
    /// Of a front (less is better); none for an empty one.
    pub(super) fn of(front: &[[f64; 3]]) -> Option<Self> {
        let first = *front.first()?;
        let over = |pick: fn(f64, f64) -> f64| {
            [0, 1, 2].map(|axis| front.iter().fold(first[axis], |known, vector| pick(known, vector[axis])))
        };
        let (best, worst) = (over(f64::min), over(f64::max));
        let range = [0, 1, 2].map(|axis| worst[axis] - best[axis]);
        let counts = [0, 1, 2].map(|axis| range[axis] > LEAST_RANGE * best[axis].abs().max(worst[axis].abs()));
        // An entry that does not count is 0 everywhere: a depth of 1 leaves volumes as they are.
        let corner = [0, 1, 2].map(|axis| if counts[axis] { worst[axis] + MARGIN * range[axis] } else { 1.0 });
        let unmeasured = Self { counts, reference: ReferencePoint(corner), volume: 1.0 };
        Some(Self { volume: unmeasured.volume_of(front), ..unmeasured })
    }

    /// The share of the front's hypervolume that some vectors have.
    pub(super) fn share(&self, vectors: &[[f64; 3]]) -> f64 {
        self.volume_of(vectors) / self.volume
    }

    fn volume_of(&self, vectors: &[[f64; 3]]) -> f64 {
        let counted = |vector: &[f64; 3]| [0, 1, 2].map(|axis| if self.counts[axis] { vector[axis] } else { 0.0 });
        hypervolume(&vectors.iter().map(counted).collect::<Vec<_>>(), self.reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_has_all_and_the_far_point_nothing() {
        let front = [[1.0, -100.0, 30.0], [2.0, -100.5, 20.0], [4.0, -100.2, 10.0]];
        let own = OwnRange::of(&front).expect("three vectors");
        assert!((own.share(&front) - 1.0).abs() < 1e-12);
        assert!(own.share(&[[100.0, -200.0, 9.0]]).abs() < 1e-12, "too slow to be in the range");
    }

    #[test]
    fn what_varies_by_less_than_a_hundredth_does_not_count() {
        let front = [[1.0, -100.0, 30.0], [2.0, -100.5, 20.0]];
        let own = OwnRange::of(&front).expect("two vectors");
        assert_eq!(own.counts, [true, false, true]);
        let slower = front.map(|[ttft, _, cost]| [ttft, -99.0, cost]);
        assert!((own.share(&slower) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_front_of_one_is_reached_by_whatever_is_no_worse() {
        let own = OwnRange::of(&[[1.0, -100.0, 30.0]]).expect("a vector");
        assert!((own.share(&[[1.0, -100.0, 30.0]]) - 1.0).abs() < 1e-12);
    }
}
