//! Step 3 of Algorithm 1: halve the step where the objectives bend.

use std::collections::{BTreeMap, BTreeSet};

use crate::archive::Archive;
use crate::front::non_dominated;
use crate::space::{DesignSpace, Point};

/// Two neighbouring evaluated points on a line along one ordered axis, with lattice points between them.
#[derive(Debug, Clone)]
pub(super) struct Gap {
    pub(super) axis: usize,
    pub(super) lower: Point,
    pub(super) upper: Point,
    /// How much the objectives bend at either end, as a fraction of the objective's range; see [`gaps`].
    pub(super) bend: f64,
    /// Whether an end is on the front.
    pub(super) touches_front: bool,
}

impl Gap {
    fn midpoint(&self) -> Point {
        let mut middle = self.lower.clone();
        middle.0[self.axis] = self.lower.0[self.axis].midpoint(self.upper.0[self.axis]);
        middle
    }
}

/// Midpoints of one ask: every answer moves the front, so the next ones are chosen better after it. Two, for two cores;
/// fixed, so that results do not depend on their number.
const BATCH: usize = 2;

/// The midpoints of the gaps that touch the front and bend most, by at least the threshold, largest bend first.
pub(super) fn midpoints(space: &DesignSpace, archive: &Archive, threshold: f64) -> Vec<Point> {
    let mut gaps = gaps(space, archive);
    gaps.retain(|gap| gap.touches_front && gap.bend >= threshold);
    gaps.sort_by(|a, b| {
        b.bend.total_cmp(&a.bend).then_with(|| a.lower.cmp(&b.lower)).then(a.axis.cmp(&b.axis))
    });
    let mut seen = BTreeSet::new();
    gaps.iter().map(Gap::midpoint).filter(|middle| seen.insert(middle.clone())).take(BATCH).collect()
}

/// All gaps between evaluated neighbours.
///
/// The bend at a point is how far an objective lies from the straight line between the point's two neighbours,
/// as a fraction of that objective's range over the archive; the largest over the objectives. The bend of a gap is
/// the larger of its ends'. On a line of two points nothing is known of the shape between them, so the whole
/// change counts as bend.
pub(super) fn gaps(space: &DesignSpace, archive: &Archive) -> Vec<Gap> {
    let points: Vec<(&Point, [f64; 3])> =
        archive.iter().map(|(p, e)| (p, e.objectives.minimised())).collect();
    let vectors: Vec<[f64; 3]> = points.iter().map(|entry| entry.1).collect();
    let on_front: BTreeSet<&Point> =
        non_dominated(&vectors).into_iter().map(|index| points[index].0).collect();
    let range = ranges(&vectors);
    let mut gaps = Vec::new();
    for axis in (0..space.axes().len()).filter(|&axis| space.axes()[axis].is_ordered()) {
        for line in lines(&points, axis) {
            let bends = bends(&line, axis, &range);
            for (index, pair) in line.windows(2).enumerate() {
                let ((lower, _), (upper, _)) = (pair[0], pair[1]);
                if upper.0[axis] - lower.0[axis] > 1 {
                    gaps.push(Gap {
                        axis,
                        lower: lower.clone(),
                        upper: upper.clone(),
                        bend: bends[index].max(bends[index + 1]),
                        touches_front: on_front.contains(lower) || on_front.contains(upper),
                    });
                }
            }
        }
    }
    gaps
}

/// A point with its minimised objectives.
type Known<'a> = (&'a Point, [f64; 3]);

/// The evaluated points by line along an axis, each line in the order of the axis.
fn lines<'a>(points: &[Known<'a>], axis: usize) -> impl Iterator<Item = Vec<Known<'a>>> + use<'a> {
    let mut lines: BTreeMap<Vec<u32>, Vec<Known<'a>>> = BTreeMap::new();
    for &(point, vector) in points {
        let mut others = point.0.clone();
        others.remove(axis);
        lines.entry(others).or_default().push((point, vector));
    }
    // Points come in lexicographic order, so on a line they come in the order of the axis.
    lines.into_values()
}

/// The bend at every point of a line; 0 at ends, whose gaps take their other end's.
fn bends(line: &[Known<'_>], axis: usize, range: &[f64; 3]) -> Vec<f64> {
    let largest = |deviation: [f64; 3]| (0..3).map(|k| deviation[k].abs() / range[k]).fold(0.0, f64::max);
    if let [(_, from), (_, to)] = line {
        return vec![largest([0, 1, 2].map(|k| to[k] - from[k])); 2];
    }
    let mut bends = vec![0.0; line.len()];
    for (index, triple) in line.windows(3).enumerate() {
        let [below, here, above] = [0, 1, 2].map(|k| f64::from(triple[k].0.0[axis]));
        let share = (here - below) / (above - below);
        let (low, value, high) = (triple[0].1, triple[1].1, triple[2].1);
        bends[index + 1] = largest([0, 1, 2].map(|k| value[k] - (low[k] + share * (high[k] - low[k]))));
    }
    bends
}

/// Range of each objective; 1 for a constant, whose deviations are 0 anyway.
fn ranges(vectors: &[[f64; 3]]) -> [f64; 3] {
    [0, 1, 2].map(|k| {
        let least = vectors.iter().map(|v| v[k]).fold(f64::INFINITY, f64::min);
        let most = vectors.iter().map(|v| v[k]).fold(f64::NEG_INFINITY, f64::max);
        if most > least { most - least } else { 1.0 }
    })
}
