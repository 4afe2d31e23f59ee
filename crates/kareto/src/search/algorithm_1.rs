//! `algorithm-1`: the paper's Algorithm 1 in the paper's order (arXiv 2603.08739, "diminishing-return-guided pruning").
//!
//! 1. **Coarse grid.** Every point of a coarse grid over the ordered axes is evaluated: 25 points of DRAM 0 to 2048 GB in
//!    steps of 512 GB and disk TTL 0 to 2400 s in steps of 600 s, in the paper.
//! 2. **Expansion.** Every axis is followed outward in coarse steps. Where the gain of a step falls below the threshold
//!    `tau_e`, the axis ends for that line: more storage there only costs. Nothing beyond is evaluated any more.
//! 3. **Refinement.** Where the objectives bend most, the step is halved, again and again.
//!
//! The paper's text is known here from a digest. The digest does not say the following; each is a parameter or a rule of ours:
//!
//! - the value of `tau_e`. The default is that of `kareto`.
//! - what the gain of a step is. Here: the best relative improvement of any objective.
//! - how much of an axis the coarse grid covers, so that there is something to expand into: `coarse_share`. The paper's coarse
//!   grid ends where our experiments' axes end, so the default is all of it. Expansion then evaluates nothing and prunes only.
//! - how curvature is measured, and when it is high: `tau_curvature`. Here: how far a point lies from the straight line between
//!   its two evaluated neighbours, relative to the largest of the three values, in the objective that bends most.
//! - how fine the steps become: `least_step`, in steps of the lattice.
//! - in which lines an axis ends. Here each coarse line has its own end. A point between coarse lines is beyond the end
//!   where it is beyond the end of all coarse lines around it.
//!
//! Unlike [`super::kareto`], this search never asks what a point could add to the front.

use std::collections::{BTreeMap, BTreeSet};

use kv_core::policy::{ParamKind, ParamSpec, Params};

use super::coarse::{COARSE_STEPS, CoarseGrid, Stop, TAU_E, gain};
use super::halving::{BATCH, Known, bend, lines};
use super::parts::parts;
use super::{Ask, Reason, Search, SearchContext, SearchSpec, SkipReason, Skipped, SkippedBox};
use crate::archive::Archive;
use crate::space::{DesignSpace, Point};

/// The row for the registry.
pub(super) const SPEC: SearchSpec = SearchSpec {
    name: "algorithm-1",
    summary: "the paper's Algorithm 1 in its order: coarse grid, expansion, halving where objectives bend",
    source: "arXiv 2603.08739, Algorithm 1",
    draws: false,
    params: &[
        COARSE_STEPS,
        ParamSpec {
            name: "coarse_share",
            unit: "1",
            kind: ParamKind::Real,
            default: Some(1.0),
            min: 0.0,
            max: 1.0,
            doc: "share of every ordered axis that the coarse grid covers; expansion goes on from there",
        },
        TAU_E,
        ParamSpec {
            name: "tau_curvature",
            unit: "1",
            kind: ParamKind::Real,
            default: Some(0.03),
            min: 0.0,
            max: 1.0,
            doc: "least relative bend of some objective for the steps beside it to be halved",
        },
        ParamSpec {
            name: "least_step",
            unit: "lattice steps",
            kind: ParamKind::Whole,
            default: Some(1.0),
            min: 1.0,
            max: 1e6,
            doc: "finest step that halving makes",
        },
    ],
    build: |params, context| Box::new(Algorithm1::new(params, context)),
};

#[derive(Debug)]
struct Algorithm1 {
    space: DesignSpace,
    grid: CoarseGrid,
    coarse_share: f64,
    tau_e: f64,
    tau_curvature: f64,
    least_step: u32,
}

/// A line of points along an axis: the axis, and the positions on all others.
type Line = (usize, Vec<u32>);

/// Two evaluated neighbours with lattice points between them, and the largest relative bend at either.
struct Gap {
    lower: Point,
    upper: Point,
    middle: Point,
    bend: f64,
}

impl Algorithm1 {
    fn new(params: &Params, context: &SearchContext<'_>) -> Self {
        Self {
            space: context.space.clone(),
            grid: CoarseGrid::new(context.space, params.get("coarse_steps") as u32),
            coarse_share: params.get("coarse_share"),
            tau_e: params.get("tau_e"),
            tau_curvature: params.get("tau_curvature"),
            least_step: params.get("least_step") as u32,
        }
    }

    /// Step 1: all combinations of the coarse positions within the share of each axis.
    fn coarse(&self) -> Vec<Point> {
        let mut points = vec![Vec::new()];
        for (index, axis) in self.space.axes().iter().enumerate() {
            let last = match axis.is_ordered() {
                true => (self.coarse_share * (axis.len() - 1) as f64).floor() as u32,
                false => axis.len() as u32 - 1,
            };
            let covered = self.grid.positions(index).iter().filter(|&&position| position <= last);
            let extended = |point: Vec<u32>| {
                covered.clone().map(move |&position| [point.as_slice(), &[position]].concat())
            };
            points = points.into_iter().flat_map(extended).collect();
        }
        points.into_iter().map(Point).collect()
    }

    /// Step 2: where each coarse line ends, and the next points outward on lines that do not end yet.
    fn expansion(&self, archive: &Archive) -> (BTreeMap<Line, Stop>, BTreeSet<Point>) {
        let (mut stops, mut next) = (BTreeMap::new(), BTreeSet::new());
        for (from, evaluation) in archive.iter().filter(|(point, _)| self.grid.has(point)) {
            for axis in self.ordered() {
                let Some(to) = self.grid.step(from, axis, true) else { continue };
                let line = line(axis, from);
                // Points come in the order of the space, so the first stop of a line is the nearest one.
                if stops.contains_key(&line) {
                    continue;
                }
                let Some(there) = archive.get(&to) else {
                    next.insert(to);
                    continue;
                };
                let gain = gain(archive.vector(evaluation), archive.vector(there));
                if gain < self.tau_e {
                    stops.insert(line, Stop { axis, from: from.clone(), to, gain });
                }
            }
        }
        next.retain(|point| self.stop_before(&stops, point).is_none());
        (stops, next)
    }

    fn ordered(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.space.axes().len()).filter(|&axis| self.space.axes()[axis].is_ordered())
    }

    /// A stop that the point is beyond: along some axis, every coarse line around the point ends before it.
    fn stop_before<'a>(&self, stops: &'a BTreeMap<Line, Stop>, point: &Point) -> Option<&'a Stop> {
        self.ordered().find_map(|axis| {
            let mut around = self
                .lines_around(axis, point)
                .into_iter()
                .map(|line| stops.get(&(axis, line)).filter(|stop| stop.to.0[axis] < point.0[axis]));
            let first = around.next()??;
            around.all(|stop| stop.is_some()).then_some(first)
        })
    }

    /// The coarse lines around a point along an axis: the positions on the other axes, rounded down and up.
    fn lines_around(&self, along: usize, point: &Point) -> Vec<Vec<u32>> {
        let mut lines = vec![Vec::new()];
        for (axis, at) in point.0.iter().enumerate().filter(|(axis, _)| *axis != along) {
            let positions = self.grid.positions(axis);
            let above = positions.partition_point(|position| position < at);
            let rounded = match positions.get(above) {
                Some(exact) if exact == at => vec![*at],
                _ => [above.checked_sub(1), Some(above)]
                    .into_iter()
                    .flatten()
                    .filter_map(|i| positions.get(i).copied())
                    .collect(),
            };
            lines = lines
                .into_iter()
                .flat_map(|line: Vec<u32>| {
                    rounded
                        .iter()
                        .map(move |&position| [line.as_slice(), &[position]].concat())
                        .collect::<Vec<_>>()
                })
                .collect();
        }
        lines
    }

    /// All gaps between evaluated neighbours that halving may still divide.
    fn gaps(&self, archive: &Archive) -> Vec<Gap> {
        let known: Vec<Known<'_>> = archive.iter().map(|(point, it)| (point, archive.vector(it))).collect();
        let mut gaps = Vec::new();
        for axis in self.ordered() {
            for line in lines(&known, axis) {
                // A point without neighbours on both sides has no bend that is known.
                let mut bends = vec![0.0; line.len()];
                for (index, three) in line.windows(3).enumerate() {
                    bends[index + 1] = relative_bend(three, axis);
                }
                for (index, pair) in line.windows(2).enumerate() {
                    let (lower, upper) = (pair[0].0, pair[1].0);
                    if upper.0[axis] - lower.0[axis] < 2 * self.least_step {
                        continue;
                    }
                    let mut middle = lower.clone();
                    middle.0[axis] = lower.0[axis].midpoint(upper.0[axis]);
                    let bend = bends[index].max(bends[index + 1]);
                    gaps.push(Gap { lower: lower.clone(), upper: upper.clone(), middle, bend });
                }
            }
        }
        gaps
    }

    /// Step 3: the middles where the objectives bend most, within the ends of the axes.
    fn finer(&self, archive: &Archive, stops: &BTreeMap<Line, Stop>) -> Vec<Point> {
        let mut gaps = self.gaps(archive);
        gaps.retain(|gap| gap.bend >= self.tau_curvature && gap.bend > 0.0 && !archive.contains(&gap.middle));
        gaps.retain(|gap| self.stop_before(stops, &gap.middle).is_none());
        gaps.sort_by(|a, b| b.bend.total_cmp(&a.bend).then_with(|| a.middle.cmp(&b.middle)));
        let mut middles: Vec<Point> = gaps.into_iter().map(|gap| gap.middle).collect();
        middles.dedup();
        middles.truncate(BATCH);
        middles
    }

    /// The boxes that lie beyond stops: for every axis, those between coarse lines that all end before them.
    fn beyond(&self, stops: &BTreeMap<Line, Stop>) -> Vec<SkippedBox> {
        let mut boxes = Vec::new();
        for ((along, _), stop) in stops {
            let end = self.space.axes()[*along].len() as u32 - 1;
            let mut cells = vec![[stop.to.clone(), stop.to.clone()]];
            for axis in (0..stop.to.0.len()).filter(|axis| axis != along) {
                // On the coarse position itself, or between it and the next one.
                let (at, positions) = (stop.to.0[axis], self.grid.positions(axis));
                let next = positions.get(positions.partition_point(|position| *position <= at));
                let between = next.filter(|next| **next > at + 1).map(|next| {
                    let wider = cells.iter().cloned().map(move |[mut first, mut last]| {
                        (first.0[axis], last.0[axis]) = (at + 1, next - 1);
                        [first, last]
                    });
                    wider.collect::<Vec<_>>()
                });
                cells.extend(between.unwrap_or_default());
            }
            for [mut first, mut last] in cells {
                let around = self.lines_around(*along, &first).into_iter();
                let ends = around.map(|line| stops.get(&(*along, line)).map(|stop| stop.to.0[*along]));
                let Some(Some(furthest)) = ends.reduce(|a, b| Some(a?.max(b?))) else { continue };
                if furthest < end {
                    (first.0[*along], last.0[*along]) = (furthest + 1, end);
                    boxes.push(SkippedBox::new([first, last], stop.reason(self.tau_e)));
                }
            }
        }
        boxes
    }

    /// Why the points around the middle of a gap were not asked for.
    fn straight(&self, Gap { lower, upper, bend, .. }: &Gap) -> SkipReason {
        let sentence = format!(
            "around the step from {lower} to {upper}, where no objective bends by more than {:.3} % and {:.3} % is asked",
            100.0 * bend,
            100.0 * self.tau_curvature
        );
        SkipReason {
            neighbours: Some([lower.clone(), upper.clone()]),
            figures: vec![("bend", *bend), ("threshold", self.tau_curvature)],
            is_final: *bend < self.tau_curvature,
            ..SkipReason::new("straight", sentence)
        }
    }
}

fn line(axis: usize, point: &Point) -> Line {
    let mut others = point.0.clone();
    others.remove(axis);
    (axis, others)
}

/// How far the middle one of three points lies from the straight line between the others, relative to the largest of the
/// three values, in the objective that bends most.
fn relative_bend(three: &[Known<'_>], axis: usize) -> f64 {
    let bends = bend(three, axis);
    let size = |entry: usize| three.iter().map(|(_, vector)| vector[entry].abs()).fold(0.0, f64::max);
    (0..3).map(|entry| if size(entry) > 0.0 { bends[entry] / size(entry) } else { 0.0 }).fold(0.0, f64::max)
}

impl Search for Algorithm1 {
    fn ask(&mut self, archive: &Archive) -> Ask {
        if archive.is_empty() {
            return Ask::Evaluate(self.coarse());
        }
        let (stops, next) = self.expansion(archive);
        if !next.is_empty() {
            return Ask::Evaluate(next.into_iter().collect());
        }
        let finer = self.finer(archive, &stops);
        if !finer.is_empty() {
            return Ask::Evaluate(finer);
        }
        Ask::Done(if archive.len() == self.space.size() { Reason::Exhausted } else { Reason::Converged })
    }

    /// Beyond stops; elsewhere the space is parted by the middles of gaps.
    fn skipped(&self, archive: &Archive) -> Skipped {
        let ((stops, _), gaps) = (self.expansion(archive), self.gaps(archive));
        let mut boxes = self.beyond(&stops);
        let middles: Vec<&Point> = gaps.iter().map(|gap| &gap.middle).collect();
        let around = parts(self.space.corners(), &middles).into_iter();
        boxes.extend(around.map(|(corners, place)| SkippedBox::new(corners, self.straight(&gaps[place]))));
        if gaps.is_empty() {
            // The step is as fine as it may become everywhere.
            let why = "beside steps as fine as `least_step` allows".to_owned();
            boxes.push(SkippedBox::new(self.space.corners(), SkipReason::new("least-step", why)));
        }
        Skipped::new(boxes)
    }
}
