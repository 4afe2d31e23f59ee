//! The hypervolume in the range of a front itself.
//!
//! Measured from the worst points of a whole space, nearly every front has 99.5 % of the hypervolume: the few worst points set
//! the scale. Here the scale is the front's own range. An objective that hardly varies on the front would count as much as
//! any other then, so only those count that vary by more than [`LEAST_RANGE`].

use super::hypervolume::{ReferencePoint, hypervolume};

/// The least range of an objective that counts, as a fraction of its size: what a buyer does not tell apart. Throughput that
/// the arrivals dictate varies by less: by when the last request happens to end.
const LEAST_RANGE: f64 = 0.01;

/// How far out the reference point lies, as a fraction of the front's range. With 0 the ends of the front would add nothing.
const MARGIN: f64 = 0.1;

/// How an objective enters the volume.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Measured {
    /// Not at all: it hardly varies.
    Not,
    /// As it is.
    Plain,
    /// By its logarithm, so that equal ratios count alike: to whom 1 s instead of 2 s matters, 10 s instead of 20 s does
    /// too. What is less than `least` in size counts as that.
    Ratio { least: f64 },
}

impl Measured {
    fn forth(self, value: f64) -> f64 {
        match self {
            // It is 0 everywhere: a depth of 1 leaves volumes as they are.
            Self::Not => 0.0,
            Self::Plain => value,
            // Less is better: of what is negative, more in size.
            Self::Ratio { least } => value.signum() * value.abs().max(least).ln(),
        }
    }
}

/// What a front is measured by in its own range.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OwnRange {
    measured: [Measured; 3],
    reference: ReferencePoint,
    /// The hypervolume of the front.
    pub(crate) volume: f64,
}

impl OwnRange {
    /// Of a front (less is better), every objective as it is; none for an empty front.
    pub(crate) fn of(front: &[[f64; 3]]) -> Option<Self> {
        Self::measured_by(front, |_, _| Measured::Plain)
    }

    /// The same by ratios, for objectives of one sign.
    pub(crate) fn of_ratios(front: &[[f64; 3]]) -> Option<Self> {
        Self::measured_by(front, |best, worst| {
            let of_one_sign = best.signum() * worst.signum() > 0.0 && best.abs().min(worst.abs()) > 0.0;
            // What is guessed may have another sign. It counts as a thousandth of the least that was found.
            let least = 1e-3 * best.abs().min(worst.abs());
            if of_one_sign { Measured::Ratio { least } } else { Measured::Plain }
        })
    }

    fn measured_by(front: &[[f64; 3]], how: impl Fn(f64, f64) -> Measured) -> Option<Self> {
        let first = *front.first()?;
        let over = |pick: fn(f64, f64) -> f64| {
            [0, 1, 2].map(|axis| front.iter().fold(first[axis], |known, vector| pick(known, vector[axis])))
        };
        let (best, worst) = (over(f64::min), over(f64::max));
        let measured = [0, 1, 2].map(|axis| {
            let (best, worst) = (best[axis], worst[axis]);
            let varies = worst - best > LEAST_RANGE * best.abs().max(worst.abs());
            if varies { how(best, worst) } else { Measured::Not }
        });
        let corner = [0, 1, 2].map(|axis| match measured[axis] {
            Measured::Not => 1.0,
            scale => {
                let (best, worst) = (scale.forth(best[axis]), scale.forth(worst[axis]));
                worst + MARGIN * (worst - best)
            }
        });
        let unmeasured = Self { measured, reference: ReferencePoint(corner), volume: 1.0 };
        Some(Self { volume: unmeasured.volume_of(front), ..unmeasured })
    }

    /// The share of the front's hypervolume that some vectors have.
    pub(crate) fn share(&self, vectors: &[[f64; 3]]) -> f64 {
        self.volume_of(vectors) / self.volume
    }

    /// The hypervolume of some vectors.
    pub(crate) fn volume_of(&self, vectors: &[[f64; 3]]) -> f64 {
        let scaled = |vector: &[f64; 3]| [0, 1, 2].map(|axis| self.measured[axis].forth(vector[axis]));
        hypervolume(&vectors.iter().map(scaled).collect::<Vec<_>>(), self.reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_has_all_and_the_far_point_nothing() {
        let front = [[1.0, -100.0, 30.0], [2.0, -100.5, 20.0], [4.0, -100.2, 10.0]];
        for own in [OwnRange::of(&front), OwnRange::of_ratios(&front)] {
            let own = own.expect("three vectors");
            assert!((own.share(&front) - 1.0).abs() < 1e-12);
            assert!(own.share(&[[100.0, -200.0, 9.0]]).abs() < 1e-12, "too slow to be in the range");
        }
    }

    #[test]
    fn what_varies_by_less_than_a_hundredth_does_not_count() {
        let front = [[1.0, -100.0, 30.0], [2.0, -100.5, 20.0]];
        let own = OwnRange::of(&front).expect("two vectors");
        assert_eq!(own.measured, [Measured::Plain, Measured::Not, Measured::Plain]);
        let slower = front.map(|[ttft, _, cost]| [ttft, -99.0, cost]);
        assert!((own.share(&slower) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_front_of_one_is_reached_by_whatever_is_no_worse() {
        let own = OwnRange::of(&[[1.0, -100.0, 30.0]]).expect("a vector");
        assert!((own.share(&[[1.0, -100.0, 30.0]]) - 1.0).abs() < 1e-12);
    }

    /// From 1 to 100 s: by ratios 10 s is halfway, and as they are next to the fast end. Throughput counts by ratios too.
    #[test]
    fn ratios_count_alike() {
        let front = [[1.0, -400.0, 5.0], [100.0, -100.0, 5.0]];
        let own = OwnRange::of_ratios(&front).expect("two vectors");
        let area = |ttft: f64, throughput: f64| own.volume_of(&[[ttft, -throughput, 5.0]]);
        assert!((area(10.0, 400.0) / area(1.0, 400.0) - 0.6 / 1.1).abs() < 1e-9);
        assert!((area(1.0, 200.0) / area(1.0, 400.0) - 0.6 / 1.1).abs() < 1e-9);
        assert!(area(1.0, -1.0).abs() < 1e-9, "no throughput is beyond the reference");
    }
}
