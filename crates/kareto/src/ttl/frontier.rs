//! All budgets at once: the concave hulls of the groups' curves, merged by slope.
//!
//! Walking the segments from steep to flat spends every next block-second where it brings most; each prefix of the walk is
//! optimal for its own storage, and between two of them the straight line is an upper bound. The slope is
//! the shadow price: hits per further block-second.

use std::cmp::Ordering;

use super::curve::Curve;

/// One segment of a group's hull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) group: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) hits: u64,
    pub(super) storage_block_ns: u128,
}

impl Segment {
    fn between(curve: &Curve, group: usize, from: usize, to: usize) -> Self {
        let (low, high) = (&curve.steps()[from], &curve.steps()[to]);
        let storage_block_ns = high.storage_block_ns - low.storage_block_ns;
        Self { group, from, to, hits: high.hits - low.hits, storage_block_ns }
    }

    /// Steeper first; exact. Hits stay below 2^32 and storage below 2^96, or the comparison falls back to floats.
    fn steeper(&self, other: &Self) -> Ordering {
        let exact = |hits: u64, storage: u128| u128::from(hits).checked_mul(storage);
        match (exact(other.hits, self.storage_block_ns), exact(self.hits, other.storage_block_ns)) {
            (Some(theirs), Some(ours)) => theirs.cmp(&ours),
            _ => other.slope().total_cmp(&self.slope()),
        }
    }

    /// Hits per block-ns.
    pub(super) fn slope(&self) -> f64 {
        self.hits as f64 / self.storage_block_ns as f64
    }
}

/// A point of the merged hull.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrontierPoint {
    /// Storage spent so far [block-ns].
    pub storage_block_ns: u128,
    /// Hits so far.
    pub hits: u64,
    /// Shadow price: further hits per further block-ns; 0 at the end.
    pub hits_per_block_ns: f64,
}

/// The merged hull.
#[derive(Debug, Clone, PartialEq)]
pub struct Frontier {
    segments: Vec<Segment>,
    /// Totals before each segment, and at the end.
    totals: Vec<(u128, u64)>,
}

impl Frontier {
    /// The frontier of some curves, all budgets in one pass: O(n log n) in the number of hull segments.
    #[must_use]
    pub fn of(curves: &[Curve]) -> Self {
        let hull =
            |(group, curve): (usize, &Curve)| hull_segments(curve, group, (0, curve.steps().len() - 1));
        let mut segments: Vec<Segment> = curves.iter().enumerate().flat_map(hull).collect();
        sort_by_slope(&mut segments);
        let mut total = (0, curves.iter().map(|curve| curve.steps()[0].hits).sum());
        let mut totals = vec![total];
        for segment in &segments {
            total = (total.0 + segment.storage_block_ns, total.1 + segment.hits);
            totals.push(total);
        }
        Self { segments, totals }
    }

    /// Upper bound of the hits within a budget: the frontier, with a fraction of the segment that does not fit.
    #[must_use]
    pub fn bound(&self, budget_block_ns: u128) -> f64 {
        let fitting = self.totals.partition_point(|total| total.0 <= budget_block_ns) - 1;
        let (storage, hits) = self.totals[fitting];
        let rest = (budget_block_ns - storage) as f64;
        hits as f64 + self.segments.get(fitting).map_or(0.0, |segment| segment.slope() * rest)
    }

    /// The curve of hits against storage with the shadow price, from no storage to all that can be used.
    #[must_use]
    pub fn points(&self) -> Vec<FrontierPoint> {
        let slope = |index: usize| self.segments.get(index).map_or(0.0, Segment::slope);
        let point = |(index, &(storage_block_ns, hits)): (usize, &(u128, u64))| FrontierPoint {
            storage_block_ns,
            hits,
            hits_per_block_ns: slope(index),
        };
        self.totals.iter().enumerate().map(point).collect()
    }
}

/// Steepest first; equal slopes by group, and within a group in the order of its hull.
pub(super) fn sort_by_slope(segments: &mut [Segment]) {
    segments.sort_by(|a, b| a.steeper(b).then(a.group.cmp(&b.group)).then(a.from.cmp(&b.from)));
}

/// The upper concave hull of a range of a curve's steps as segments, steepest first.
pub(super) fn hull_segments(curve: &Curve, group: usize, (first, last): (usize, usize)) -> Vec<Segment> {
    let mut hull: Vec<Segment> = Vec::new();
    for to in first + 1..=last {
        let mut segment = Segment::between(curve, group, to - 1, to);
        // A last segment that is no steeper than the new one lies below the hull: join them.
        while let Some(last) = hull.last().filter(|last| last.steeper(&segment) != Ordering::Less) {
            segment = Segment::between(curve, group, last.from, to);
            hull.pop();
        }
        hull.push(segment);
    }
    hull
}
