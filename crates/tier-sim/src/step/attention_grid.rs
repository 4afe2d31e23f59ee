//! Measured attention times over (prefill chunk, context before it, decodes, mean decode context).
//!
//! Multilinear in the raw coordinates over a grid of powers of two, extrapolated beyond its ends. No chunk, and no
//! decodes, are cases of their own: nothing is interpolated between 0 and the first measured size.

use super::StepModelError;

/// Axes: chunk and context \[tokens\], decodes, mean decode context \[tokens\].
const AXES: usize = 4;
/// Whether 0 is a neighbour of the first measured size on an axis, rather than a case of its own.
const ZERO_IS_NEAR: [bool; AXES] = [false, true, false, false];

/// A full grid of times.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AttentionGrid {
    axes: [Vec<f64>; AXES],
    /// Time \[us\], last axis fastest.
    time_us: Vec<f64>,
}

impl AttentionGrid {
    pub(super) fn parse(csv: &str) -> Result<Self, StepModelError> {
        let mut rows = Vec::new();
        for (number, line) in csv.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()) {
            let fields: Option<Vec<f64>> = line.trim().split(',').map(|field| field.parse().ok()).collect();
            match fields.as_deref() {
                Some(&[a, b, c, d, us]) if [a, b, c, d, us].iter().all(|v| v.is_finite() && *v >= 0.0) => {
                    rows.push(([a, b, c, d], us));
                }
                _ => {
                    let problem = format!("line {}: `{line}` is not five numbers from 0", number + 1);
                    return Err(StepModelError::Knots { key: "attention.csv", problem });
                }
            }
        }
        // Some grids have extra points that do not make a full product; powers of two always do.
        let doubling = |v: f64| v == 0.0 || (v.log2().fract() == 0.0);
        rows.retain(|(at, _)| at.iter().all(|&v| doubling(v)));
        let axes = [0, 1, 2, 3].map(|axis| {
            let mut values: Vec<f64> = rows.iter().map(|(at, _)| at[axis]).chain([0.0]).collect();
            values.sort_by(f64::total_cmp);
            values.dedup();
            values
        });
        if let Some(axis) = axes.iter().position(|axis| axis.len() < 3) {
            let problem = format!("fewer than 2 sizes beside 0 on axis {}", axis + 1);
            return Err(StepModelError::Knots { key: "attention.csv", problem });
        }
        let size = axes.iter().map(Vec::len).product();
        let mut grid = Self { axes, time_us: vec![f64::NAN; size] };
        for (at, us) in rows {
            let index = [0, 1, 2, 3].map(|axis| grid.axes[axis].partition_point(|v| *v < at[axis]));
            let place = grid.place(index);
            grid.time_us[place] = us;
        }
        grid.fill()?;
        Ok(grid)
    }

    fn place(&self, index: [usize; AXES]) -> usize {
        index.iter().zip(&self.axes).fold(0, |place, (i, axis)| place * axis.len() + i)
    }

    /// Points too large to have been measured: the part due to decodes grows with decodes times context.
    fn fill(&mut self) -> Result<(), StepModelError> {
        let [na, nb, nc, nd] = [0, 1, 2, 3].map(|axis| self.axes[axis].len());
        for (a, b) in (0..na).flat_map(|a| (0..nb).map(move |b| (a, b))) {
            for (c, d) in (0..nc).flat_map(|c| (0..nd).map(move |d| (c, d))) {
                let place = self.place([a, b, c, d]);
                let meaningless = (a == 0 && b > 0) || (c == 0) != (d == 0);
                if !self.time_us[place].is_nan() || meaningless {
                    continue;
                }
                if c == 0 && a == 0 {
                    self.time_us[place] = 0.0;
                    continue;
                }
                let (mut c2, mut d2) = (c, d);
                while self.time_us[self.place([a, b, c2, d2])].is_nan() && (c2 > 1 || d2 > 1) {
                    // The larger of the two is halved first, so that both stay near what was measured.
                    if d2 > 1 && self.axes[3][d2] >= self.axes[2][c2] {
                        d2 -= 1
                    } else {
                        c2 = (c2 - 1).max(1)
                    }
                }
                let base =
                    Some(self.time_us[self.place([a, b, 0, 0])]).filter(|us| us.is_finite()).unwrap_or(0.0);
                let known = self.time_us[self.place([a, b, c2, d2])];
                if c == 0 || known.is_nan() {
                    let at = [self.axes[0][a], self.axes[1][b], self.axes[2][c], self.axes[3][d]];
                    let problem = format!("no measurement at or near {at:?}");
                    return Err(StepModelError::Knots { key: "attention.csv", problem });
                }
                let growth = self.axes[2][c] * self.axes[3][d] / (self.axes[2][c2] * self.axes[3][d2]);
                self.time_us[place] = base + (known - base) * growth;
            }
        }
        Ok(())
    }

    /// Time \[us\] of a step with these four sizes.
    pub(super) fn at(&self, mut sizes: [f64; AXES]) -> f64 {
        if sizes[0] == 0.0 {
            sizes[1] = 0.0;
        }
        if sizes[2] == 0.0 {
            sizes[3] = 0.0;
        }
        let cells: [_; AXES] = [0, 1, 2, 3].map(|axis| self.cell(axis, sizes[axis]));
        let mut sum = 0.0;
        for corner in 0..1 << AXES {
            let (mut weight, mut index) = (1.0, [0; AXES]);
            for (axis, &(low, above)) in cells.iter().enumerate() {
                let high = corner >> axis & 1;
                weight *= if high == 1 { above } else { 1.0 - above };
                index[axis] = low + high;
            }
            if weight != 0.0 {
                sum += weight * self.time_us[self.place(index)];
            }
        }
        sum
    }

    /// The lower neighbour on an axis, and the weight of the upper one.
    fn cell(&self, axis: usize, size: f64) -> (usize, f64) {
        if size <= 0.0 {
            return (0, 0.0);
        }
        let values = &self.axes[axis];
        let least = usize::from(!ZERO_IS_NEAR[axis]);
        let low = (values.partition_point(|v| *v <= size).max(1) - 1).clamp(least, values.len() - 2);
        (low, (size - values[low]) / (values[low + 1] - values[low]))
    }
}
