//! How far figures could be off: intervals over resamples of the users, so that nobody buys noise.
//!
//! A resample is another trace of the same kind, evaluated like the recorded one; who makes them is not known here. Every
//! configuration is evaluated on the *same* resamples, so two configurations are compared resample by resample: what makes
//! one of them slow makes the other slow too, and a difference may be sure though the intervals overlap.

use crate::archive::Archive;
use crate::figures::Sense;
use crate::space::Point;

/// Fewer values than this have no 95 % interval without a guess at their distribution.
pub const LEAST_RESAMPLES: usize = 39;

/// The range that 95 % of resamples fall into, in the figure's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// From the k-th least to the k-th largest of n values, k = 0.025 (n + 1) rounded down: one more value of the same
    /// distribution, whatever that is, falls in between with probability 1 - 2 k / (n + 1). Of 39 values these are the
    /// least and the largest. None for fewer.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.len() < LEAST_RESAMPLES {
            return None;
        }
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let outside = (values.len() + 1) / 40 - 1;
        Some(Self { low: sorted[outside], high: sorted[values.len() - 1 - outside] })
    }

    /// Whether some value is in both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }
}

/// A figure of one point on every resample, each an archive; none if it is missing on one of them.
#[must_use]
pub fn figures(resamples: &[Archive], point: &Point, figure: &str) -> Option<Vec<f64>> {
    resamples.iter().map(|archive| archive.get(point)?.figure(figure)).collect()
}

/// On how many resamples the first is better than the second in a figure of this sense, given its values on the same
/// resamples. Equal is not better.
#[must_use]
pub fn better(sense: Sense, first: &[f64], second: &[f64]) -> usize {
    first.iter().zip(second).filter(|(a, b)| sense.is_better(**a, **b)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_holds_95_percent_of_what_comes_next() {
        let values = |n: u32| (1..=n).rev().map(f64::from).collect::<Vec<_>>();
        assert_eq!(Interval::of(&values(38)), None);
        // 1 - 2 / 40, 1 - 2 / 79 (two of 78 would be 94.9 %), 1 - 4 / 80, 1 - 10 / 200.
        let ends = |n: u32| Interval::of(&values(n)).map(|it| (it.low, it.high)).unwrap();
        assert_eq!(
            [ends(39), ends(78), ends(79), ends(199)],
            [(1.0, 39.0), (1.0, 78.0), (2.0, 78.0), (5.0, 195.0)]
        );
    }

    #[test]
    fn touching_intervals_overlap_and_a_paired_difference_may_still_be_sure() {
        let of = |low, high| Interval { low, high };
        assert!(of(1.0, 2.0).overlaps(&of(2.0, 3.0)) && of(0.0, 9.0).overlaps(&of(4.0, 5.0)));
        assert!(!of(1.0, 2.0).overlaps(&of(2.1, 3.0)) && !of(2.1, 3.0).overlaps(&of(1.0, 2.0)));
        let (slow, slower) = ([1.0, 5.0, 9.0], [1.5, 5.5, 9.0]);
        assert_eq!(better(Sense::Less, &slow, &slower), 2);
        assert_eq!(better(Sense::More, &slow, &slower), 0);
    }
}
