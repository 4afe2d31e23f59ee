//! Halving: the point in the middle of two evaluated neighbours, and how good it may be at best.

use std::collections::{BTreeMap, BTreeSet};

use super::first_of_best;
use super::parts::Corners;
use crate::front::growing::GrowingFront;
use crate::space::{DesignSpace, Point};

/// Points of one ask of Algorithm 1: every answer moves the front, so the next ones are chosen better after it. Two, for two cores;
/// fixed, so that results do not depend on their number.
pub(super) const BATCH: usize = 2;

/// What may be hoped for in the middle, as a share of what bends, or changes, around it. Of a parabola over even
/// steps the middle lies a quarter of the neighbours' bend off the straight line: this is twice that. Where nothing is
/// known of a bend, half of the change makes the middle as good as the better end.
const HOPE: f64 = 0.5;

/// Two neighbouring evaluated points on a line along one ordered axis, with lattice points between them.
#[derive(Debug, Clone)]
pub(super) struct Gap {
    pub(super) axis: usize,
    pub(super) lower: Point,
    pub(super) upper: Point,
    /// The point halfway; of two, the lower.
    pub(super) middle: Point,
    /// The middle's values, if they lie on the straight line between the ends.
    pub(super) straight: [f64; 3],
    /// How far from there they may lie.
    pub(super) bend: [f64; 3],
}

impl Gap {
    /// All values as much below the straight line as may be hoped.
    pub(super) fn hoped(&self) -> [f64; 3] {
        [0, 1, 2].map(|entry| self.straight[entry] - self.bend[entry])
    }

    /// The points between the ends: the first and the last.
    pub(super) fn inside(&self) -> Corners {
        let [mut first, mut last] = [self.lower.clone(), self.upper.clone()];
        first.0[self.axis] += 1;
        last.0[self.axis] -= 1;
        [first, last]
    }
}

/// A point with what is known of it.
pub(super) type Known<'a> = (&'a Point, [f64; 3]);

/// All gaps between evaluated neighbours; the points in the order of the space.
///
/// The bend at a point is how far a value lies from the straight line between the point's two neighbours; a gap's is half
/// the larger of its ends'. On a line of two points nothing is known of the shape between them, and half of
/// the change counts.
pub(super) fn gaps(space: &DesignSpace, points: &[Known<'_>]) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for axis in (0..space.axes().len()).filter(|&axis| space.axes()[axis].is_ordered()) {
        for line in lines(points, axis) {
            let at = |index: usize| f64::from(line[index].0.0[axis]);
            let inner = |index: usize| bend(&line[index - 1..=index + 1], axis);
            for (index, pair) in line.windows(2).enumerate() {
                let ((lower, below), (upper, above)) = (pair[0], pair[1]);
                if upper.0[axis] - lower.0[axis] < 2 {
                    continue;
                }
                let mut middle = lower.clone();
                middle.0[axis] = lower.0[axis].midpoint(upper.0[axis]);
                let share = (f64::from(middle.0[axis]) - at(index)) / (at(index + 1) - at(index));
                let first = (index > 0).then(|| inner(index));
                let second = (index + 2 < line.len()).then(|| inner(index + 1));
                let around = match (first, second) {
                    (Some(a), Some(b)) => [0, 1, 2].map(|entry| a[entry].max(b[entry])),
                    (Some(one), None) | (None, Some(one)) => one,
                    (None, None) => [0, 1, 2].map(|entry| (above[entry] - below[entry]).abs()),
                };
                gaps.push(Gap {
                    axis,
                    lower: lower.clone(),
                    upper: upper.clone(),
                    middle,
                    straight: between(below, above, share),
                    bend: around.map(|bend| HOPE * bend),
                });
            }
        }
    }
    gaps
}

/// The middles that could add most to the front, at least the threshold as a share of its hypervolume; each with the
/// objectives that are hoped for. The second is chosen as if the first had kept its promise.
pub(super) fn midpoints(
    candidates: &[(Point, [f64; 3])],
    front: &GrowingFront,
    threshold: f64,
) -> Vec<Point> {
    let mut front = front.clone();
    let (mut chosen, mut taken) = (Vec::new(), BTreeSet::new());
    while chosen.len() < BATCH {
        let open = candidates.iter().filter(|(point, _)| !taken.contains(point));
        let best = first_of_best(open.map(|candidate| (front.adds_share(candidate.1), candidate)));
        let Some((_, (point, hoped))) = best.filter(|(share, _)| *share > 0.0 && *share >= threshold) else {
            break;
        };
        taken.insert(point);
        chosen.push(point.clone());
        front.believe(*hoped);
    }
    chosen
}

/// The points by line along an axis, each line in the order of the axis.
pub(super) fn lines<'a>(points: &[Known<'a>], axis: usize) -> impl Iterator<Item = Vec<Known<'a>>> + use<'a> {
    let mut lines: BTreeMap<Vec<u32>, Vec<Known<'a>>> = BTreeMap::new();
    for &(point, vector) in points {
        let mut others = point.0.clone();
        others.remove(axis);
        lines.entry(others).or_default().push((point, vector));
    }
    // Points come in lexicographic order, so on a line they come in the order of the axis.
    lines.into_values()
}

/// How far the middle one of three points lies from the straight line between the others.
pub(super) fn bend(three: &[Known<'_>], axis: usize) -> [f64; 3] {
    let [below, here, above] = [0, 1, 2].map(|index| f64::from(three[index].0.0[axis]));
    let straight = between(three[0].1, three[2].1, (here - below) / (above - below));
    [0, 1, 2].map(|entry| (three[1].1[entry] - straight[entry]).abs())
}

fn between(below: [f64; 3], above: [f64; 3], share: f64) -> [f64; 3] {
    [0, 1, 2].map(|entry| below[entry] + share * (above[entry] - below[entry]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::Axis;

    /// A parabola at 0, 4 and 8: the middles lie a quarter of the bend below the line, and twice that is hoped.
    #[test]
    fn of_a_parabola() {
        let space = DesignSpace::new(vec![Axis::stepped("dram_gib", 0, 8, 1).unwrap()]).unwrap();
        let value = |position: u32| f64::from(position).powi(2);
        let points = [0, 4, 8].map(|position| Point(vec![position]));
        let known: Vec<Known<'_>> = points.iter().map(|it| (it, [value(it.0[0]), 0.0, 1.0])).collect();
        let found = gaps(&space, &known);
        assert_eq!(found.iter().map(|gap| gap.middle.0[0]).collect::<Vec<_>>(), [2, 6]);
        let hoped = |gap: &Gap| gap.hoped().map(|value| value as i64);
        assert_eq!(found[0].straight.map(|value| value as i64), [8, 0, 1]);
        assert_eq!(hoped(&found[0]), [0, 0, 1]);
        assert_eq!(hoped(&found[1]), [32, 0, 1]);
        let two = gaps(&space, &known[1..]);
        assert_eq!(hoped(&two[0]), [16, 0, 1], "as good as the better end");
        assert!(gaps(&space, &[(&Point(vec![3]), [1.0; 3]), (&Point(vec![4]), [2.0; 3])]).is_empty());
    }
}
