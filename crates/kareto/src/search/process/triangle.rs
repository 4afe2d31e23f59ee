//! The Cholesky factor of a matrix of correlations, and what is solved with it.
//!
//! Searches spend most of their own time here. So a column lies in one piece, and the inner loops run down columns, where
//! the compiler computes several rows at once. Each entry still has its terms subtracted one by one, in the order of the
//! textbook: the result is the textbook's to the last bit. The test has the textbook's loops.

/// Columns that are taken from another at once. Fewer writes for the same terms in the same order.
const AT_ONCE: usize = 4;

/// A lower triangle, column by column: each from its diagonal down.
#[derive(Debug, Clone)]
pub(super) struct Triangle {
    size: usize,
    entries: Vec<f64>,
}

impl Triangle {
    /// From entries at (row, column), asked for in the order in which they lie.
    pub(super) fn new(size: usize, mut entry: impl FnMut(usize, usize) -> f64) -> Self {
        let places = (0..size).flat_map(|column| (column..size).map(move |row| (row, column)));
        Self { size, entries: places.map(|(row, column)| entry(row, column)).collect() }
    }

    /// From all entries, column by column.
    pub(super) fn of_entries(size: usize, entries: Vec<f64>) -> Self {
        debug_assert_eq!(entries.len(), size * (size + 1) / 2, "a triangle of this size");
        Self { size, entries }
    }

    /// All entries, column by column.
    pub(super) fn entries(&self) -> &[f64] {
        &self.entries
    }

    /// The same shape with other entries.
    pub(super) fn with(&self, entries: Vec<f64>) -> Self {
        Self::of_entries(self.size, entries)
    }

    /// Adds to the diagonal.
    pub(super) fn add_to_diagonal(&mut self, value: f64) {
        for column in 0..self.size {
            self.entries[start(self.size, column)] += value;
        }
    }

    /// Where a column begins, and the column from there down.
    fn column(&self, column: usize) -> &[f64] {
        &self.entries[start(self.size, column)..][..self.size - column]
    }

    /// Twice the sum of the logarithms of the diagonal.
    pub(super) fn log_determinant(&self) -> f64 {
        (0..self.size).map(|column| 2.0 * self.column(column)[0].ln()).sum()
    }

    /// Puts the Cholesky factor of the matrix in its place.
    pub(super) fn factorise(&mut self) {
        let size = self.size;
        for column in 0..size {
            let (done, rest) = self.entries.split_at_mut(start(size, column));
            let rows = size - column;
            let current = &mut rest[..rows];
            let below = |before: usize| &done[start(size, before) + column - before..][..rows];
            let mut before = 0;
            while before + AT_ONCE <= column {
                let [a, b, c, d] = [0, 1, 2, 3].map(|next| below(before + next));
                let (fa, fb, fc, fd) = (a[0], b[0], c[0], d[0]);
                for ((((entry, a), b), c), d) in current.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                    *entry = *entry - a * fa - b * fb - c * fc - d * fd;
                }
                before += AT_ONCE;
            }
            for before in before..column {
                let other = below(before);
                let factor = other[0];
                for (entry, other) in current.iter_mut().zip(other) {
                    *entry -= other * factor;
                }
            }
            let diagonal = current[0].max(1e-12).sqrt();
            current[0] = diagonal;
            for entry in &mut current[1..] {
                *entry /= diagonal;
            }
        }
    }

    /// Solves `L x = b` for several `b` at once: one row for each row of the triangle.
    pub(super) fn forward<const N: usize>(&self, mut right: Vec<[f64; N]>) -> Vec<[f64; N]> {
        let mut sums = vec![[-0.0; N]; self.size];
        for column in 0..self.size {
            let entries = self.column(column);
            let values: [f64; N] =
                std::array::from_fn(|lane| (right[column][lane] - sums[column][lane]) / entries[0]);
            right[column] = values;
            for (sums, entry) in sums[column + 1..].iter_mut().zip(&entries[1..]) {
                for (sum, value) in sums.iter_mut().zip(&values) {
                    *sum += entry * value;
                }
            }
        }
        right
    }

    /// Solves `L^T x = b`.
    pub(super) fn backward(&self, mut right: Vec<f64>) -> Vec<f64> {
        for column in (0..self.size).rev() {
            let entries = self.column(column);
            let (before, known) = right.split_at_mut(column + 1);
            let value = &mut before[column];
            for (entry, known) in entries[1..].iter().zip(known).rev() {
                *value -= entry * *known;
            }
            *value /= entries[0];
        }
        right
    }
}

/// Where a column begins among the entries.
fn start(size: usize, column: usize) -> usize {
    // The columns before have size, size - 1, ... entries.
    (2 * size + 1 - column) * column / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A full matrix as the textbook has it.
    type Matrix = Vec<Vec<f64>>;

    fn matrix(size: usize) -> Matrix {
        let entry = |row: usize, column: usize| {
            (-0.3 * row.abs_diff(column) as f64).exp() + 0.1 * (row * column % 7) as f64 / 7.0
        };
        let with_diagonal =
            |row, column| entry(row, column) + f64::from(u8::from(row == column)) * 0.7 * size as f64;
        (0..size).map(|row| (0..size).map(|column| with_diagonal(row, column)).collect()).collect()
    }

    fn textbook_factor(of: &Matrix) -> Matrix {
        let mut factor = vec![vec![0.0; of.len()]; of.len()];
        for row in 0..of.len() {
            for column in 0..=row {
                let less = |sum: f64, before: usize| sum - factor[row][before] * factor[column][before];
                let sum = (0..column).fold(of[row][column], less);
                factor[row][column] =
                    if row == column { sum.max(1e-12).sqrt() } else { sum / factor[column][column] };
            }
        }
        factor
    }

    fn textbook_forward(factor: &Matrix, right: &[f64]) -> Vec<f64> {
        let mut solution: Vec<f64> = Vec::new();
        for (row, value) in right.iter().enumerate() {
            let known: f64 = factor[row].iter().zip(&solution).map(|(entry, x)| entry * x).sum();
            solution.push((value - known) / factor[row][row]);
        }
        solution
    }

    fn textbook_backward(factor: &Matrix, mut right: Vec<f64>) -> Vec<f64> {
        for row in (0..right.len()).rev() {
            right[row] /= factor[row][row];
            for column in 0..row {
                right[column] -= factor[row][column] * right[row];
            }
        }
        right
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn same_bits_as_the_textbook() {
        for size in [1, 2, 3, 4, 5, 9, 16, 37] {
            let full = matrix(size);
            let mut fast = Triangle::new(size, |row, column| full[row][column]);
            fast.factorise();
            let slow = textbook_factor(&full);
            let slow_entries = Triangle::new(size, |row, column| slow[row][column]);
            assert_eq!(bits(fast.entries()), bits(slow_entries.entries()), "factor of {size}");
            let right: Vec<f64> = (0..size).map(|row| (row as f64).sin()).collect();
            let twice = fast.forward(right.iter().map(|&value| [value, value * 0.7]).collect());
            let [halfway, other] = [0, 1].map(|lane| twice.iter().map(|it| it[lane]).collect::<Vec<f64>>());
            let slower: Vec<f64> = right.iter().map(|value| value * 0.7).collect();
            assert_eq!(bits(&halfway), bits(&textbook_forward(&slow, &right)), "forward of {size}");
            assert_eq!(bits(&other), bits(&textbook_forward(&slow, &slower)), "forward of {size}");
            let solution = fast.backward(halfway.clone());
            assert_eq!(bits(&solution), bits(&textbook_backward(&slow, halfway)), "backward of {size}");
        }
    }

    #[test]
    fn the_diagonal_alone_grows() {
        let mut one = Triangle::new(3, |_, _| 1.0);
        one.add_to_diagonal(0.5);
        assert_eq!(one.entries(), [1.5, 1.0, 1.0, 1.5, 1.0, 1.5]);
        let twos = one.with(vec![2.0; 6]).log_determinant();
        assert_eq!(twos.to_bits(), (6.0 * 2.0_f64.ln()).to_bits());
    }
}
