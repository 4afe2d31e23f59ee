//! The linear relaxation of a choice of TTLs within ranges of steps: one node of `hull`'s branch and bound.
//!
//! Walking the hulls of the ranges by slope until the budget is spent gives the bound; the segment that does not fit
//! is where to branch; and the walk itself, filled up with single steps, is an answer.

use super::curve::Curve;
use super::frontier::{Segment, hull_segments, sort_by_slope};

/// First and last step that each group may take.
pub(super) type Ranges = Vec<(usize, usize)>;

/// A solved relaxation.
#[derive(Debug)]
pub(super) struct Relaxed {
    /// No choice within the ranges has more hits.
    pub(super) bound: f64,
    /// Hits per block-ns at the end of the walk; 0 if everything fits.
    pub(super) price: f64,
    /// The steps of the walk; within the budget.
    pub(super) steps: Vec<usize>,
    /// Storage that the walk leaves [block-ns].
    pub(super) left: u128,
    /// The segment that did not fit.
    pub(super) critical: Option<Segment>,
    /// Steps and segments looked at.
    pub(super) work: usize,
}

/// Hulls of all groups over the ranges that most nodes have, so that a node computes only what it changed.
#[derive(Debug)]
pub(super) struct Hulls<'a> {
    curves: &'a [Curve],
    ranges: Ranges,
    segments: Vec<Vec<Segment>>,
}

impl<'a> Hulls<'a> {
    pub(super) fn new(curves: &'a [Curve], ranges: Ranges) -> Self {
        let hull = |(group, range): (usize, &(usize, usize))| hull_segments(&curves[group], group, *range);
        let segments = ranges.iter().enumerate().map(hull).collect();
        Self { curves, ranges, segments }
    }

    pub(super) fn ranges(&self) -> &Ranges {
        &self.ranges
    }

    /// Solves the relaxation; none if even the first steps exceed the budget.
    pub(super) fn relax(&self, ranges: &Ranges, budget: u128) -> Option<Relaxed> {
        let mut steps: Vec<usize> = ranges.iter().map(|range| range.0).collect();
        let first = || self.curves.iter().zip(ranges).map(|(curve, range)| &curve.steps()[range.0]);
        let mut left = budget.checked_sub(first().map(|step| step.storage_block_ns).sum())?;
        let mut hits: u64 = first().map(|step| step.hits).sum();
        let mut work = 0;
        let mut segments = Vec::new();
        for (group, &range) in ranges.iter().enumerate() {
            if range == self.ranges[group] {
                segments.extend_from_slice(&self.segments[group]);
            } else {
                work += range.1 - range.0;
                segments.extend(hull_segments(&self.curves[group], group, range));
            }
        }
        work += segments.len();
        sort_by_slope(&mut segments);
        for segment in segments {
            if segment.storage_block_ns > left {
                let bound = hits as f64 + segment.slope() * left as f64;
                return Some(Relaxed {
                    bound,
                    price: segment.slope(),
                    steps,
                    left,
                    critical: Some(segment),
                    work,
                });
            }
            steps[segment.group] = segment.to;
            left -= segment.storage_block_ns;
            hits += segment.hits;
        }
        Some(Relaxed { bound: hits as f64, price: 0.0, steps, left, critical: None, work })
    }
}

/// The ranges without the steps at their ends that cannot be in an answer better than `found`.
///
/// At the walk's price a step gives away its reduced cost against its group's best; what gives away more than the bound
/// exceeds `found + 1` by is out.
pub(super) fn fixed_by_reduced_cost(curves: &[Curve], relaxed: &Relaxed, found: u64) -> Ranges {
    let allowance = relaxed.bound * (1.0 + 1e-9) + 1e-6 - (found + 1) as f64;
    let keep = |curve: &Curve| {
        let value = |step: usize| {
            let step = &curve.steps()[step];
            step.hits as f64 - relaxed.price * step.storage_block_ns as f64
        };
        let steps = || 0..curve.steps().len();
        let best = steps().map(value).fold(f64::NEG_INFINITY, f64::max);
        let open = |&step: &usize| best - value(step) <= allowance;
        match (steps().find(open), steps().rev().find(open)) {
            (Some(first), Some(last)) => (first, last),
            // Nothing can be better: any range will do, for the bound stops the search.
            _ => (0, curve.steps().len() - 1),
        }
    };
    curves.iter().map(keep).collect()
}
