//! Least squares with coefficients that may not be negative, after Lawson and Hanson (1974), "Solving Least Squares
//! Problems", chapter 23.
//!
//! It is meant for a few dozen coefficients. It works on normal equations of columns that are scaled to length 1. A
//! small ridge (1e-12) settles columns that say the same thing.

/// Rows of a linear system `matrix * x = target`.
#[derive(Debug, Clone, Default)]
pub(crate) struct System {
    rows: Vec<Vec<f64>>,
    target: Vec<f64>,
}

impl System {
    /// Adds one equation with a weight on both sides.
    pub(crate) fn push(&mut self, coefficients: Vec<f64>, target: f64, weight: f64) {
        self.rows.push(coefficients.into_iter().map(|c| c * weight).collect());
        self.target.push(target * weight);
    }

    /// The non-negative `x` with the least sum of squared residuals. Columns of zeros get 0.
    #[must_use]
    pub(crate) fn solve(&self) -> Vec<f64> {
        let columns = self.rows.first().map_or(0, Vec::len);
        let length = |c: usize| self.rows.iter().map(|r| r[c] * r[c]).sum::<f64>().sqrt();
        let scale: Vec<f64> =
            (0..columns).map(|c| Some(length(c)).filter(|&l| l > 0.0).unwrap_or(1.0)).collect();
        let mut gram = vec![vec![0.0; columns]; columns];
        let mut moment = vec![0.0; columns];
        for (row, target) in self.rows.iter().zip(&self.target) {
            for i in 0..columns {
                moment[i] += row[i] / scale[i] * target;
                for j in 0..columns {
                    gram[i][j] += row[i] / scale[i] * row[j] / scale[j];
                }
            }
        }
        for (i, row) in gram.iter_mut().enumerate() {
            row[i] += 1e-12;
        }
        active_set(&gram, &moment).iter().zip(&scale).map(|(x, s)| x / s).collect()
    }
}

/// Adds the steepest coefficient to the set of positive ones, and removes coefficients that would turn negative.
fn active_set(gram: &[Vec<f64>], moment: &[f64]) -> Vec<f64> {
    let n = moment.len();
    let mut x = vec![0.0; n];
    let mut positive: Vec<usize> = Vec::new();
    // Each pass adds one coefficient; 3 n passes are the customary bound.
    for _ in 0..3 * n {
        let gradient = |i: usize| moment[i] - (0..n).map(|j| gram[i][j] * x[j]).sum::<f64>();
        let steepest = (0..n)
            .filter(|i| !positive.contains(i))
            .map(|i| (i, gradient(i)))
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        match steepest {
            Some((i, slope)) if slope > 1e-10 => positive.push(i),
            _ => break,
        }
        loop {
            let wanted = solve_cholesky(gram, moment, &positive);
            if wanted.iter().all(|&w| w > 0.0) {
                for (&i, &w) in positive.iter().zip(&wanted) {
                    x[i] = w;
                }
                break;
            }
            // Go towards `wanted` until the first coefficient reaches 0. Coefficients at 0 leave the set.
            let step = positive
                .iter()
                .zip(&wanted)
                .filter(|&(_, &w)| w <= 0.0)
                .map(|(&i, &w)| x[i] / (x[i] - w))
                .fold(1.0, f64::min);
            for (&i, &w) in positive.iter().zip(&wanted) {
                x[i] += step * (w - x[i]);
            }
            positive.retain(|&i| {
                let stays = x[i] > 1e-14;
                if !stays {
                    x[i] = 0.0;
                }
                stays
            });
        }
    }
    x
}

/// Solves the normal equations over the coefficients in `set`.
fn solve_cholesky(gram: &[Vec<f64>], moment: &[f64], set: &[usize]) -> Vec<f64> {
    let n = set.len();
    let mut lower = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let sum = gram[set[i]][set[j]] - (0..j).map(|k| lower[i][k] * lower[j][k]).sum::<f64>();
            // The ridge keeps the diagonal positive, except for rounding.
            lower[i][j] = if i == j { sum.max(1e-15).sqrt() } else { sum / lower[j][j] };
        }
    }
    let mut y = vec![0.0; n];
    for i in 0..n {
        y[i] = (moment[set[i]] - (0..i).map(|k| lower[i][k] * y[k]).sum::<f64>()) / lower[i][i];
    }
    for i in (0..n).rev() {
        y[i] = (y[i] - (i + 1..n).map(|k| lower[k][i] * y[k]).sum::<f64>()) / lower[i][i];
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    fn solve(rows: &[([f64; 2], f64)]) -> Vec<f64> {
        let mut system = System::default();
        for (row, target) in rows {
            system.push(row.to_vec(), *target, 1.0);
        }
        system.solve()
    }

    #[test]
    fn an_exact_system_is_solved() {
        // y = 3 + 2 x at x = 0, 1, 2
        let x = solve(&[([1.0, 0.0], 3.0), ([1.0, 1.0], 5.0), ([1.0, 2.0], 7.0)]);
        assert!((x[0] - 3.0).abs() < 1e-9 && (x[1] - 2.0).abs() < 1e-9, "{x:?}");
    }

    #[test]
    fn a_negative_slope_becomes_zero_and_the_rest_is_refitted() {
        // y falls with x; without a slope the best constant is the mean, 4.
        let x = solve(&[([1.0, 0.0], 5.0), ([1.0, 1.0], 4.0), ([1.0, 2.0], 3.0)]);
        assert!((x[0] - 4.0).abs() < 1e-9 && x[1].abs() < 1e-12, "{x:?}");
    }

    #[test]
    fn a_column_of_zeros_gets_zero() {
        let x = solve(&[([2.0, 0.0], 4.0), ([1.0, 0.0], 2.0)]);
        assert!((x[0] - 2.0).abs() < 1e-9 && x[1].abs() < 1e-12, "{x:?}");
    }

    #[test]
    fn no_coefficient_can_be_improved() {
        // Optimality: the gradient is 0 where x > 0 and not positive where x = 0.
        let rows = [([1.0, 3.0], 1.0), ([2.0, 1.0], -1.0), ([0.5, 2.0], 2.0), ([1.5, 1.0], 0.3)];
        let x = solve(&rows);
        let gradient =
            |c: usize| rows.iter().map(|(r, t)| r[c] * (t - r[0] * x[0] - r[1] * x[1])).sum::<f64>();
        for c in 0..2 {
            assert!(if x[c] > 0.0 { gradient(c).abs() < 1e-8 } else { gradient(c) <= 1e-8 }, "{x:?}");
        }
    }
}
