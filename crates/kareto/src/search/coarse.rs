//! The coarse grid of Algorithm 1, and the steps on it that gained too little.

use kv_core::policy::{ParamKind, ParamSpec};

use super::SkipReason;
use super::parts::Corners;
use crate::archive::Archive;
use crate::space::{DesignSpace, Point};

/// The parameter that sets the width of coarse steps; the paper's coarse grid has 4 steps (512 GB, 600 s).
pub(super) const COARSE_STEPS: ParamSpec = ParamSpec {
    name: "coarse_steps",
    unit: "steps",
    kind: ParamKind::Whole,
    default: Some(4.0),
    min: 1.0,
    max: 1e6,
    doc: "steps of the coarse grid along an ordered axis",
};

/// The expansion threshold. The paper names it tau_e and does not give its value; this one is ours.
pub(super) const TAU_E: ParamSpec = ParamSpec {
    name: "tau_e",
    unit: "1",
    kind: ParamKind::Real,
    default: Some(0.005),
    min: 0.0,
    max: 1.0,
    doc: "least relative gain of a coarse step for the next step to be made",
};

/// The positions of every axis that coarse steps lead to.
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

/// A coarse step that gained too little to go on in its direction.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    pub(super) axis: usize,
    pub(super) from: Point,
    pub(super) to: Point,
    pub(super) gain: f64,
}

impl Stop {
    /// Why the points beyond the step are skipped; `tau_e` is what the step should have gained.
    pub(super) fn reason(&self, tau_e: f64) -> SkipReason {
        SkipReason::diminishing_return(self.axis, [&self.from, &self.to], self.gain, tau_e)
    }

    /// The points on the step's line, further on: the first and the last. There are some, for a coarse one is beyond every
    /// stop.
    pub(super) fn beyond(&self, space: &DesignSpace) -> Corners {
        let [mut first, mut last] = [self.to.clone(), self.to.clone()];
        let [from, to] = [&self.from, &self.to].map(|it| it.0[self.axis]);
        (first.0[self.axis], last.0[self.axis]) = match to > from {
            true => (to + 1, space.axes()[self.axis].len() as u32 - 1),
            false => (0, to.saturating_sub(1)),
        };
        [first, last]
    }
}

/// The gain of a step: the best relative improvement of any objective.
///
/// Where cost is an objective it counts too: storage that shortens the run can pay for itself, and less storage is cheaper.
pub(super) fn gain(from: [f64; 3], to: [f64; 3]) -> f64 {
    let improvement = |(before, after): (f64, f64)| {
        let size = before.abs().max(after.abs());
        if size > 0.0 { (before - after) / size } else { 0.0 }
    };
    from.into_iter().zip(to).map(improvement).fold(f64::NEG_INFINITY, f64::max)
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

    /// Steps between evaluated coarse points that gained less than `tau_e` and have a coarse point beyond them.
    pub(super) fn stops(&self, archive: &Archive, tau_e: f64) -> Vec<Stop> {
        let mut stops = Vec::new();
        for (point, _) in archive.iter() {
            for (axis, ahead) in self.directions() {
                if self.step(point, axis, ahead).is_some() {
                    stops.extend(self.stop_at(point, axis, ahead, archive, tau_e));
                }
            }
        }
        stops
    }

    /// Whether any axis says stop on the way to a point: the last step towards it, between two evaluated points, gained less
    /// than `tau_e`.
    pub(super) fn is_stopped(&self, point: &Point, archive: &Archive, tau_e: f64) -> bool {
        self.directions().any(|(axis, ahead)| {
            let before = self.step(point, axis, !ahead);
            before.is_some_and(|before| self.stop_at(&before, axis, ahead, archive, tau_e).is_some())
        })
    }

    /// The positions on an axis that coarse steps lead to, increasing: the first and the last position, and those between.
    pub(super) fn positions(&self, axis: usize) -> &[u32] {
        &self.axes[axis].positions
    }

    /// Whether all positions of a point are coarse.
    pub(super) fn has(&self, point: &Point) -> bool {
        self.axes.iter().zip(&point.0).all(|(axis, at)| axis.positions.binary_search(at).is_ok())
    }

    /// The step that ends at a point, if it was made and gained too little.
    pub(super) fn stop_at(
        &self,
        to: &Point,
        axis: usize,
        ahead: bool,
        archive: &Archive,
        tau_e: f64,
    ) -> Option<Stop> {
        let from = self.step(to, axis, !ahead)?;
        let gain = gain(archive.vector(archive.get(&from)?), archive.vector(archive.get(to)?));
        (gain < tau_e).then(|| Stop { axis, from, to: to.clone(), gain })
    }

    /// Both ways along every ordered axis.
    pub(super) fn directions(&self) -> impl Iterator<Item = (usize, bool)> + '_ {
        let ordered = self.axes.iter().enumerate().filter(|(_, axis)| axis.ordered);
        ordered.flat_map(|(axis, _)| [(axis, true), (axis, false)])
    }

    /// The coarse point one step on; none beyond the ends or from a point that is not coarse.
    pub(super) fn step(&self, point: &Point, axis: usize, ahead: bool) -> Option<Point> {
        let ranks = self.axes.iter().zip(&point.0).map(|(axis, at)| axis.positions.binary_search(at).ok());
        let ranks: Vec<usize> = ranks.collect::<Option<_>>()?;
        let rank = if ahead { ranks[axis] + 1 } else { ranks[axis].checked_sub(1)? };
        let mut next = point.clone();
        next.0[axis] = *self.axes[axis].positions.get(rank)?;
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::Axis;

    #[test]
    fn steps_both_ways_from_coarse_points_only() {
        let size = Axis::stepped("dram_gib", 0, 9, 1).unwrap();
        let space = DesignSpace::new(vec![size, Axis::categories("medium", &["a", "b"])]).unwrap();
        let grid = CoarseGrid::new(&space, 4);
        assert_eq!(grid.axes[0].positions, [0, 2, 4, 6, 8, 9]);
        let step = |at: u32, ahead: bool| grid.step(&Point(vec![at, 1]), 0, ahead).map(|it| it.0);
        assert_eq!(step(8, true), Some(vec![9, 1]));
        assert_eq!(step(8, false), Some(vec![6, 1]));
        assert_eq!((step(9, true), step(0, false), step(3, true)), (None, None, None));
        assert_eq!(grid.directions().collect::<Vec<_>>(), [(0, true), (0, false)]);
    }

    #[test]
    fn beyond_a_stop_is_what_is_further_on() {
        let size = Axis::stepped("dram_gib", 0, 9, 1).unwrap();
        let space = DesignSpace::new(vec![size, Axis::categories("medium", &["a", "b", "c", "d"])]).unwrap();
        let [at4, at8] = [4, 8].map(|position| Point(vec![position, 3]));
        let on = Stop { axis: 0, from: at4.clone(), to: at8.clone(), gain: 0.0 };
        let back = Stop { axis: 0, from: at8, to: at4, gain: 0.0 };
        let between = |first: u32, last: u32| [first, last].map(|position| Point(vec![position, 3]));
        assert_eq!((on.beyond(&space), back.beyond(&space)), (between(9, 9), between(0, 3)));
    }
}
