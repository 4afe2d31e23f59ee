//! Steps 1 and 2 of Algorithm 1: the coarse grid, and how far each axis is followed.

use crate::archive::Archive;
use crate::objectives::Objectives;
use crate::space::{DesignSpace, Point};

/// Which positions of every axis belong to the coarse grid.
#[derive(Debug)]
pub(super) struct CoarseGrid {
    axes: Vec<CoarseAxis>,
}

#[derive(Debug)]
struct CoarseAxis {
    /// Increasing; first and last position are always in.
    positions: Vec<u32>,
    ordered: bool,
}

/// A step outward that gained too little to go on.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    pub(super) axis: usize,
    pub(super) from: Point,
    pub(super) to: Point,
    pub(super) gain: f64,
}

/// The gain of a step: the best relative improvement of any objective.
///
/// Cost counts too: storage that shortens the run can pay for itself.
pub(super) fn gain(from: &Objectives, to: &Objectives) -> f64 {
    let improvement = |(before, after): (f64, f64)| {
        let size = before.abs().max(after.abs());
        if size > 0.0 { (before - after) / size } else { 0.0 }
    };
    from.minimised().into_iter().zip(to.minimised()).map(improvement).fold(f64::NEG_INFINITY, f64::max)
}

impl CoarseGrid {
    pub(super) fn new(space: &DesignSpace, steps: u32) -> Self {
        let coarse = |axis: &crate::space::Axis| {
            let last = axis.len() as u32 - 1;
            let stride = if axis.is_ordered() { (last / steps.max(1)).max(1) } else { 1 };
            let mut positions: Vec<u32> = (0..=last).step_by(stride as usize).collect();
            if positions.last() != Some(&last) {
                positions.push(last);
            }
            CoarseAxis { positions, ordered: axis.is_ordered() }
        };
        Self { axes: space.axes().iter().map(coarse).collect() }
    }

    /// The coarse points to evaluate next; empty when expansion is over.
    ///
    /// The first step along every axis is always taken, for without it there is no gain to look at. Any other
    /// point is wanted when the point before it along some ordered axis is evaluated, and no axis says stop: where the
    /// two points before it along an axis are evaluated, the step between them gained at least `tau_e`. A line that
    /// was not followed so far says nothing: a slow disk behind no DRAM must not stop a disk behind much of it.
    pub(super) fn expansion(&self, archive: &Archive, tau_e: f64) -> Vec<Point> {
        let mut wanted = Vec::new();
        let mut ranks = vec![0_usize; self.axes.len()];
        loop {
            let point = self.point(&ranks);
            if !archive.contains(&point) && self.is_wanted(&ranks, archive, tau_e) {
                wanted.push(point);
            }
            // Count up in mixed radix: the last axis moves fastest.
            let Some(axis) =
                (0..ranks.len()).rev().find(|&axis| ranks[axis] + 1 < self.axes[axis].positions.len())
            else {
                return wanted;
            };
            ranks[axis] += 1;
            ranks[axis + 1..].fill(0);
        }
    }

    /// Steps between evaluated coarse points that gained less than `tau_e` and have coarse points beyond them.
    pub(super) fn stops(&self, archive: &Archive, tau_e: f64) -> Vec<Stop> {
        let mut stops = Vec::new();
        for (point, evaluation) in archive.iter() {
            for (axis, coarse) in self.axes.iter().enumerate().filter(|(_, coarse)| coarse.ordered) {
                let rank = coarse.positions.iter().position(|&position| position == point.0[axis]);
                let Some(rank) = rank.filter(|&rank| rank > 0 && rank + 1 < coarse.positions.len()) else {
                    continue;
                };
                let mut from = point.clone();
                from.0[axis] = coarse.positions[rank - 1];
                let Some(before) = archive.get(&from) else { continue };
                let gain = gain(&before.objectives, &evaluation.objectives);
                if gain < tau_e {
                    stops.push(Stop { axis, from, to: point.clone(), gain });
                }
            }
        }
        stops
    }

    fn is_wanted(&self, ranks: &[usize], archive: &Archive, tau_e: f64) -> bool {
        let ordered = || (0..ranks.len()).filter(|&axis| self.axes[axis].ordered);
        if ordered().all(|axis| ranks[axis] <= 1) {
            return true;
        }
        let behind = |axis: usize, steps: usize| {
            let mut before = ranks.to_vec();
            before[axis] = before[axis].checked_sub(steps)?;
            archive.get(&self.point(&before))
        };
        // Whether the line along an axis says to go on; none where it has nothing to say.
        let says = |axis: usize| match (behind(axis, 1), behind(axis, 2)) {
            (None, _) => None,
            (Some(_), None) => (ranks[axis] == 1).then_some(true),
            (Some(last), Some(before)) => Some(gain(&before.objectives, &last.objectives) >= tau_e),
        };
        let said: Vec<bool> = ordered().filter(|&axis| ranks[axis] > 0).filter_map(says).collect();
        !said.is_empty() && said.into_iter().all(|go_on| go_on)
    }

    fn point(&self, ranks: &[usize]) -> Point {
        Point(ranks.iter().zip(&self.axes).map(|(&rank, axis)| axis.positions[rank]).collect())
    }
}
