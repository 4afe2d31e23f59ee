//! A box of the lattice: all points between two corners, within one choice of categories.

use crate::space::{DesignSpace, Point};

/// The points `p` with `lower <= p <= upper` on every axis; equal on axes of categories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LatticeBox {
    lower: Vec<u32>,
    upper: Vec<u32>,
}

impl LatticeBox {
    /// The largest boxes: the whole of the ordered axes, once for each choice of categories.
    pub(super) fn roots(space: &DesignSpace) -> Vec<Self> {
        let ordered = |axis: usize| space.axes()[axis].is_ordered();
        let all_low = |point: &Point| (0..point.0.len()).all(|axis| !ordered(axis) || point.0[axis] == 0);
        let root = |point: Point| {
            let last = |axis: usize| space.axes()[axis].len() as u32 - 1;
            let upper = (0..point.0.len()).map(|axis| if ordered(axis) { last(axis) } else { point.0[axis] });
            Self { upper: upper.collect(), lower: point.0 }
        };
        space.points().filter(all_low).map(root).collect()
    }

    /// The corners, each once, in lexicographic order.
    pub(super) fn corners(&self) -> Vec<Point> {
        self.combinations(|axis| {
            let (lower, upper) = (self.lower[axis], self.upper[axis]);
            if lower == upper { vec![lower] } else { vec![lower, upper] }
        })
    }

    /// All points, in lexicographic order.
    pub(super) fn points(&self) -> Vec<Point> {
        self.combinations(|axis| (self.lower[axis]..=self.upper[axis]).collect())
    }

    /// The ways to cut: an axis and a position strictly between the ends.
    pub(super) fn cuts(&self) -> Vec<(usize, u32)> {
        let cuts =
            |axis: usize| (self.lower[axis] + 1..self.upper[axis]).map(move |position| (axis, position));
        (0..self.lower.len()).flat_map(cuts).collect()
    }

    /// The corners that both halves of a cut share.
    pub(super) fn slice_corners(&self, axis: usize, position: u32) -> Vec<Point> {
        let mut slice = self.clone();
        slice.lower[axis] = position;
        slice.upper[axis] = position;
        slice.corners()
    }

    /// The two halves of a cut, whose slice belongs to both; the box itself where the cut would be at an end.
    pub(super) fn cut(&self, axis: usize, position: u32) -> Vec<Self> {
        if position <= self.lower[axis] || position >= self.upper[axis] {
            return vec![self.clone()];
        }
        let (mut below, mut above) = (self.clone(), self.clone());
        below.upper[axis] = position;
        above.lower[axis] = position;
        vec![below, above]
    }

    /// The corners with the weights that interpolate linearly along every axis; the weights sum to 1.
    pub(super) fn weights(&self, point: &Point) -> Vec<(Point, f64)> {
        let weight = |corner: &Point| {
            let along = |axis: usize| {
                let (lower, upper) = (self.lower[axis], self.upper[axis]);
                if lower == upper {
                    return 1.0;
                }
                let share = f64::from(point.0[axis] - lower) / f64::from(upper - lower);
                if corner.0[axis] == upper { share } else { 1.0 - share }
            };
            (0..self.lower.len()).map(along).product()
        };
        self.corners().into_iter().map(|corner| (corner.clone(), weight(&corner))).collect()
    }

    /// The Cartesian product of some positions per axis, in lexicographic order.
    fn combinations(&self, positions: impl Fn(usize) -> Vec<u32>) -> Vec<Point> {
        let mut points = vec![Vec::new()];
        for axis in 0..self.lower.len() {
            let choices = positions(axis);
            let longer = |start: &Vec<u32>| {
                let start = start.clone();
                choices
                    .iter()
                    .map(move |&position| [start.as_slice(), &[position]].concat())
                    .collect::<Vec<_>>()
            };
            points = points.iter().flat_map(longer).collect();
        }
        points.into_iter().map(Point).collect()
    }
}
