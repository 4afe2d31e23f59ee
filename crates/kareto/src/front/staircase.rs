//! A two-dimensional front under construction: the steps that bound the region dominated so far.
//!
//! Sweeping the third objective over such a staircase gives both the three-dimensional front and its hypervolume.

/// Corners `(x, y)` with x strictly increasing and y strictly decreasing; less is better in both.
#[derive(Debug, Clone, Default)]
pub(super) struct Staircase {
    corners: Vec<(f64, f64)>,
}

impl Staircase {
    /// Whether a corner is at most `(x, y)` in both entries.
    pub(super) fn covers(&self, x: f64, y: f64) -> bool {
        let after = self.corners.partition_point(|corner| corner.0 <= x);
        after > 0 && self.corners[after - 1].1 <= y
    }

    /// Adds a corner and drops those that it covers; returns them.
    pub(super) fn insert(&mut self, x: f64, y: f64) -> Option<Insertion> {
        if self.covers(x, y) {
            return None;
        }
        let start = self.corners.partition_point(|corner| corner.0 < x);
        let covered = self.corners[start..].iter().take_while(|corner| corner.1 >= y).count();
        let y_before = start.checked_sub(1).map(|index| self.corners[index].1);
        let x_after = self.corners.get(start + covered).map(|corner| corner.0);
        let covered = self.corners.splice(start..start + covered, [(x, y)]).collect();
        Some(Insertion { y_before, covered, x_after })
    }
}

/// What surrounded a corner when it was inserted.
#[derive(Debug)]
pub(super) struct Insertion {
    /// Height of the step before it; none if it became the first.
    pub(super) y_before: Option<f64>,
    /// The corners it replaced.
    pub(super) covered: Vec<(f64, f64)>,
    /// Where the next step begins; none if it became the last.
    pub(super) x_after: Option<f64>,
}

impl Insertion {
    /// The area that the corner `(x, y)` newly dominates below and left of the reference.
    pub(super) fn area(&self, (x, y): (f64, f64), (x_reference, y_reference): (f64, f64)) -> f64 {
        // Walk right from x under the old steps: their height changes at each replaced corner.
        let x_end = self.x_after.unwrap_or(x_reference);
        let mut height = self.y_before.unwrap_or(y_reference);
        let (mut from, mut area) = (x, 0.0);
        for &(corner_x, corner_y) in &self.covered {
            area += (corner_x - from) * (height - y);
            (from, height) = (corner_x, corner_y);
        }
        area + (x_end - from) * (height - y)
    }
}
