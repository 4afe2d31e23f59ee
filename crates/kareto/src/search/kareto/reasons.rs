//! Why `kareto` left points out: boxes of the lattice with a reason each, which together have every point.

use std::collections::BTreeMap;

use super::{Settings, SkipReason, known};
use crate::archive::Archive;
use crate::front::growing::GrowingFront;
use crate::search::coarse::{CoarseGrid, Stop};
use crate::search::halving::{Gap, gaps};
use crate::search::parts::parts;
use crate::search::{Skipped, SkippedBox};
use crate::space::{DesignSpace, Point};

/// The reasons for the points that are not in the archive.
///
/// First speaks a gap that halving could still divide, for halving does not ask what following has to say; then the stop
/// that a point lies beyond; then any gap that the point lies in. Elsewhere it is the evaluated point around which the
/// space is parted.
pub(super) fn skipped(
    space: &DesignSpace,
    grid: &CoarseGrid,
    archive: &Archive,
    settings: &Settings,
) -> Skipped {
    let Some(front) = GrowingFront::of(archive) else { return Skipped::default() };
    let known = known(archive);
    let mut gaps: Vec<(f64, Gap)> =
        gaps(space, &known).into_iter().map(|gap| (front.adds_share(gap.hoped()), gap)).collect();
    gaps.sort_by(|a, b| b.0.total_cmp(&a.0));
    let open = gaps.partition_point(|(share, _)| *share >= settings.tau_curvature);
    let evaluated = known.into_iter().map(|(point, it)| (point, front.rests_on(it))).collect();
    let explain = Explain { space, gaps, evaluated, settings };
    let mut boxes: Vec<SkippedBox> = explain.gaps[..open].iter().map(|gap| explain.gap(gap)).collect();
    boxes.extend(explain.stops(grid.stops(archive, settings.tau_e)));
    boxes.extend(explain.gaps[open..].iter().map(|gap| explain.gap(gap)));
    boxes.extend(explain.around());
    Skipped::new(boxes)
}

struct Explain<'a> {
    space: &'a DesignSpace,
    /// The gaps, and what each could add to the front; most first.
    gaps: Vec<(f64, Gap)>,
    /// The evaluated points, and how much the front rests on each.
    evaluated: Vec<(&'a Point, f64)>,
    settings: &'a Settings,
}

impl Explain<'_> {
    /// The points between the ends of a gap.
    fn gap(&self, gap: &(f64, Gap)) -> SkippedBox {
        SkippedBox::new(gap.1.inside(), self.flat(gap))
    }

    /// The points beyond each stop, the shorter way to the end of the axis first: of two stops one behind the other, the
    /// nearer one speaks.
    fn stops(&self, stops: Vec<Stop>) -> impl Iterator<Item = SkippedBox> {
        let beyond = |stop: Stop| SkippedBox::new(stop.beyond(self.space), stop.reason(self.settings.tau_e));
        let mut boxes: Vec<SkippedBox> = stops.into_iter().map(beyond).collect();
        boxes.sort_by_key(SkippedBox::points);
        boxes.into_iter()
    }

    /// The space in parts around the evaluated points, for each combination of categories alone.
    ///
    /// A point that is not worth following is the reason for its part. Where it is worth following, its part was left
    /// because of the gap beside it that could add most.
    fn around(&self) -> Vec<SkippedBox> {
        let [first, last] = self.space.corners();
        let mut alike: BTreeMap<Vec<u32>, Vec<usize>> = BTreeMap::new();
        for (place, (point, _)) in self.evaluated.iter().enumerate() {
            alike.entry(self.categories(point)).or_default().push(place);
        }
        let mut boxes = Vec::new();
        for (categories, places) in alike {
            let mut within = [first.clone(), last.clone()];
            let axes = self.space.axes().iter().enumerate().filter(|(_, axis)| !axis.is_ordered());
            for ((axis, _), at) in axes.zip(categories) {
                within.iter_mut().for_each(|corner| corner.0[axis] = at);
            }
            let points: Vec<&Point> = places.iter().map(|&place| self.evaluated[place].0).collect();
            let parts = parts(within, &points).into_iter();
            boxes.extend(
                parts.map(|(corners, place)| {
                    SkippedBox::new(corners, self.part(&self.evaluated[places[place]]))
                }),
            );
        }
        boxes
    }

    fn part(&self, (point, rests_on_share): &(&Point, f64)) -> SkipReason {
        let threshold = self.settings.tau_curvature;
        let beside = |(_, gap): &&(f64, Gap)| gap.lower == **point || gap.upper == **point;
        match self.gaps.iter().find(beside).filter(|_| *rests_on_share >= threshold) {
            Some(gap) => self.flat(gap),
            None => SkipReason::off_front(point, *rests_on_share, threshold),
        }
    }

    fn flat(&self, (could_add_share, gap): &(f64, Gap)) -> SkipReason {
        SkipReason::flat([&gap.lower, &gap.upper], *could_add_share, self.settings.tau_curvature)
    }

    fn categories(&self, point: &Point) -> Vec<u32> {
        let axes = self.space.axes().iter().zip(&point.0).filter(|(axis, _)| !axis.is_ordered());
        axes.map(|(_, at)| *at).collect()
    }
}
