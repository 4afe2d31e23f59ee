//! Why `kareto` left points out: one reason for every point that is not evaluated when it ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Settings, SkipReason, known};
use crate::archive::Archive;
use crate::front::growing::GrowingFront;
use crate::search::coarse::{CoarseGrid, Stop};
use crate::search::halving::{Gap, gaps};
use crate::space::{DesignSpace, Point};

/// The reason for every point that is not in the archive.
pub(super) fn skipped(
    space: &DesignSpace,
    grid: &CoarseGrid,
    archive: &Archive,
    settings: &Settings,
) -> BTreeMap<Point, Arc<SkipReason>> {
    let Some(front) = GrowingFront::of(archive) else { return BTreeMap::new() };
    let known = known(archive);
    let explain = Explain {
        space,
        gaps: gaps(space, &known).into_iter().map(|gap| (front.adds_share(gap.hoped()), gap)).collect(),
        stops: grid.stops(archive, settings.tau_e),
        evaluated: known.into_iter().map(|(point, it)| (point, front.rests_on(it))).collect(),
        settings,
    };
    let left_out = space.points().filter(|point| !archive.contains(point));
    left_out.filter_map(|point| explain.reason(&point).map(|reason| (point, Arc::new(reason)))).collect()
}

struct Explain<'a> {
    space: &'a DesignSpace,
    /// The gaps, and what each could add to the front.
    gaps: Vec<(f64, Gap)>,
    stops: Vec<Stop>,
    /// The evaluated points, and how much the front rests on each.
    evaluated: Vec<(&'a Point, f64)>,
    settings: &'a Settings,
}

impl Explain<'_> {
    /// The stop that the point lies beyond; or the gap that it lies in; or that the nearest evaluated point is not worth
    /// following; or, where it is, the nearest gap beside the point.
    fn reason(&self, point: &Point) -> Option<SkipReason> {
        let around = self.gaps.iter().filter(|(_, gap)| gap.has(point));
        let most = around.max_by(|a, b| a.0.total_cmp(&b.0));
        // Halving does not ask what following has to say.
        if let Some(open) = most.filter(|(share, _)| *share >= self.settings.tau_curvature) {
            return Some(self.flat(open));
        }
        let stops = self.stops.iter().filter(|stop| stop.is_before(point));
        if let Some(stop) = stops.min_by_key(|stop| (stop.to.distance(point), stop.axis)) {
            return Some(stop.reason(self.settings.tau_e));
        }
        if let Some(gap) = most {
            return Some(self.flat(gap));
        }
        let like = self.evaluated.iter().filter(|(known, _)| self.same_categories(known, point));
        let nearest = like.min_by_key(|(known, _)| known.distance(point))?;
        let is_beside = |gap: &Gap| self.same_categories(&gap.lower, point) && gap.spans(point);
        let beside = self.gaps.iter().filter(|(_, gap)| is_beside(gap));
        match beside
            .min_by_key(|(_, gap)| gap.lower.distance(point))
            .filter(|_| nearest.1 >= self.settings.tau_curvature)
        {
            Some(gap) => Some(self.flat(gap)),
            None => Some(SkipReason::off_front(nearest.0, nearest.1, self.settings.tau_curvature)),
        }
    }

    fn flat(&self, (could_add_share, gap): &(f64, Gap)) -> SkipReason {
        SkipReason::flat([&gap.lower, &gap.upper], *could_add_share, self.settings.tau_curvature)
    }

    fn same_categories(&self, a: &Point, b: &Point) -> bool {
        self.space.axes().iter().enumerate().all(|(axis, kind)| kind.is_ordered() || a.0[axis] == b.0[axis])
    }
}
