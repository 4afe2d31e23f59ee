//! Why Algorithm 1 left points out: one reason for every point that is not evaluated when it ends.

use std::collections::BTreeMap;

use super::expand::{CoarseGrid, Stop};
use super::refine::{Gap, gaps};
use super::{KaretoSettings, SkipReason};
use crate::archive::Archive;
use crate::space::{DesignSpace, Point};

/// The reason for every point that is not in the archive.
pub(super) fn skipped(
    space: &DesignSpace,
    grid: &CoarseGrid,
    archive: &Archive,
    settings: &KaretoSettings,
) -> BTreeMap<Point, SkipReason> {
    let gaps = gaps(space, archive);
    let stops = grid.stops(archive, settings.tau_e);
    let explain = Explain { space, gaps: &gaps, stops: &stops, settings };
    space
        .points()
        .filter(|point| !archive.contains(point))
        .filter_map(|point| explain.reason(&point).map(|reason| (point, reason)))
        .collect()
}

struct Explain<'a> {
    space: &'a DesignSpace,
    gaps: &'a [Gap],
    stops: &'a [Stop],
    settings: &'a KaretoSettings,
}

impl Explain<'_> {
    /// A gap of a line through the point, else the nearest gap whose refinement would have led towards it, unless
    /// the point lies beyond a stop of the expansion.
    fn reason(&self, point: &Point) -> Option<SkipReason> {
        let nearest_gap = self
            .gaps
            .iter()
            .filter(|gap| self.same_categories(&gap.lower, point) && spans(gap, point))
            .min_by_key(|gap| (distance(&gap.lower, point), gap.lower.clone(), gap.axis));
        let on_line = nearest_gap.filter(|gap| is_on_line(gap, point));
        let stop = || {
            self.stops
                .iter()
                .filter(|stop| {
                    self.same_categories(&stop.to, point) && point.0[stop.axis] > stop.to.0[stop.axis]
                })
                .min_by_key(|stop| (distance(&stop.to, point), stop.to.clone(), stop.axis))
        };
        match (on_line, stop(), nearest_gap) {
            (Some(gap), _, _) | (None, None, Some(gap)) => Some(self.flat(gap)),
            (None, Some(stop), _) => Some(SkipReason::DiminishingReturn {
                axis: stop.axis,
                from: stop.from.clone(),
                to: stop.to.clone(),
                gain: stop.gain,
                threshold: self.settings.tau_e,
            }),
            (None, None, None) => None,
        }
    }

    fn flat(&self, gap: &Gap) -> SkipReason {
        let (lower, upper) = (gap.lower.clone(), gap.upper.clone());
        if gap.touches_front {
            SkipReason::Flat { lower, upper, bend: gap.bend, threshold: self.settings.tau_curvature }
        } else {
            SkipReason::OffFront { lower, upper }
        }
    }

    fn same_categories(&self, a: &Point, b: &Point) -> bool {
        self.space.axes().iter().enumerate().all(|(axis, kind)| kind.is_ordered() || a.0[axis] == b.0[axis])
    }
}

/// Whether the point lies between the ends along the gap's axis.
fn spans(gap: &Gap, point: &Point) -> bool {
    let position = point.0[gap.axis];
    gap.lower.0[gap.axis] < position && position < gap.upper.0[gap.axis]
}

fn is_on_line(gap: &Gap, point: &Point) -> bool {
    gap.lower.0.iter().zip(&point.0).enumerate().all(|(axis, (a, b))| axis == gap.axis || a == b)
}

/// Steps of the lattice between two points.
fn distance(a: &Point, b: &Point) -> u32 {
    a.0.iter().zip(&b.0).map(|(x, y)| x.abs_diff(*y)).sum()
}
