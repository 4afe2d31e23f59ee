//! The expected hypervolume improvement of three independent normal predictions, in closed form.
//!
//! What the front does not dominate is cut into boxes: cells of the grid of the front's first two entries, each
//! open downwards in the third. A vector y adds to the box from l to u the product of max(0, u - max(y, l)) over
//! the entries, and the mean of such a factor is g(u) - g(l) with g(b) the mean of max(0, b - y).

use statrs::function::erf::erfc;

use super::surrogate::Prediction;
use crate::front::hypervolume::ReferencePoint;

/// The boxes that a front leaves.
pub(super) struct Improvement {
    /// Upper ends along the first two entries, rising; the last is the reference.
    ends: [Vec<f64>; 2],
    /// Distinct upper ends along the third entry, rising.
    floors: Vec<f64>,
    /// Position in `floors` for every cell, row by row of the first entry.
    cells: Vec<usize>,
}

impl Improvement {
    /// Vectors that are not below the reference in all entries do not count.
    pub(super) fn over(front: &[[f64; 3]], ReferencePoint(corner): ReferencePoint) -> Self {
        let inside: Vec<&[f64; 3]> =
            front.iter().filter(|it| it.iter().zip(&corner).all(|(value, worst)| value < worst)).collect();
        let [x, y, floors] = [0, 1, 2].map(|entry| {
            let mut ends: Vec<f64> = inside.iter().map(|it| it[entry]).chain([corner[entry]]).collect();
            ends.sort_by(f64::total_cmp);
            ends.dedup();
            ends
        });
        let place = |ends: &[f64], value: f64| ends.partition_point(|&end| end < value);
        // Cell (i, j) lies above ends i-1 and j-1, so a vector at ends i and j bounds the cells after it.
        let width = y.len();
        let mut cells = vec![floors.len() - 1; x.len() * width];
        for it in inside {
            let cell = (place(&x, it[0]) + 1) * width + place(&y, it[1]) + 1;
            cells[cell] = cells[cell].min(place(&floors, it[2]));
        }
        for i in 0..x.len() {
            for j in 0..width {
                let cell = i * width + j;
                let before = if i > 0 { cells[cell - width] } else { floors.len() - 1 };
                let beside = if j > 0 { cells[cell - 1] } else { floors.len() - 1 };
                cells[cell] = cells[cell].min(before).min(beside);
            }
        }
        Self { ends: [x, y], floors, cells }
    }

    pub(super) fn boxes(&self) -> usize {
        self.cells.len()
    }

    /// By how much the hypervolume is expected to grow.
    pub(super) fn expected(&self, predictions: &[Prediction; 3]) -> f64 {
        let widths = |entry: usize| {
            let mut before = 0.0;
            let width = |&end: &f64| {
                let below = predictions[entry].mean_below(end);
                let width = (below - before).max(0.0);
                before = below;
                width
            };
            self.ends[entry].iter().map(width).collect::<Vec<f64>>()
        };
        let (x, y) = (widths(0), widths(1));
        let depth: Vec<f64> = self.floors.iter().map(|&floor| predictions[2].mean_below(floor)).collect();
        let row = |cells: &[usize]| cells.iter().zip(&y).map(|(&cell, y)| y * depth[cell]).sum::<f64>();
        self.cells.chunks(y.len()).zip(&x).map(|(cells, x)| x * row(cells)).sum()
    }
}

impl Prediction {
    /// The mean of max(0, end - y).
    fn mean_below(&self, end: f64) -> f64 {
        let gap = end - self.mean;
        if self.deviation <= 0.0 {
            return gap.max(0.0);
        }
        let z = gap / self.deviation;
        let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let share = 0.5 * erfc(-z / std::f64::consts::SQRT_2);
        (gap * share + self.deviation * density).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;
    use crate::front::hypervolume::hypervolume;

    const REFERENCE: ReferencePoint = ReferencePoint([1.0, 2.0, 3.0]);

    fn front(random: &mut Xoshiro256PlusPlus, size: usize) -> Vec<[f64; 3]> {
        // Coarse, so that entries tie; up to a fifth beyond the reference.
        let entry =
            |random: &mut Xoshiro256PlusPlus, worst: f64| worst * random.random_range(0..12) as f64 / 10.0;
        (0..size).map(|_| REFERENCE.0.map(|worst| entry(random, worst))).collect()
    }

    fn gain(front: &[[f64; 3]], vector: [f64; 3]) -> f64 {
        let with: Vec<_> = front.iter().copied().chain([vector]).collect();
        hypervolume(&with, REFERENCE) - hypervolume(front, REFERENCE)
    }

    /// Without doubt the expectation is what the exact hypervolume says.
    #[test]
    fn certain_predictions_improve_by_the_exact_hypervolume() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
        for size in 0..30 {
            let front = front(&mut random, size);
            let vector = REFERENCE.0.map(|worst| worst * random.random_range(-0.2..1.2));
            let certain = vector.map(|mean| Prediction { mean, deviation: 0.0 });
            let expected = Improvement::over(&front, REFERENCE).expected(&certain);
            assert!((expected - gain(&front, vector)).abs() < 1e-9, "{size}: {expected}");
        }
    }

    /// With doubt it is the mean over draws, here within 2 %.
    #[test]
    fn doubtful_predictions_improve_by_the_mean_over_draws() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(6);
        let front = front(&mut random, 6);
        let predictions = REFERENCE.0.map(|worst| Prediction { mean: 0.3 * worst, deviation: 0.3 * worst });
        let draws = 100_000;
        let mut normal = |it: &Prediction| {
            let (u, v): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
            it.mean + it.deviation * (-2.0 * u.ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos()
        };
        let drawn = (0..draws).map(|_| gain(&front, [0, 1, 2].map(|k| normal(&predictions[k])))).sum::<f64>();
        let (drawn, expected) =
            (drawn / f64::from(draws), Improvement::over(&front, REFERENCE).expected(&predictions));
        assert!((drawn / expected - 1.0).abs() < 0.02, "{drawn} drawn, {expected} expected");
    }
}
