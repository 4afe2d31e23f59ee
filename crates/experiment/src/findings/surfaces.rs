//! Surfaces: a figure over a full grid of two axes, and how coupled and how smooth it is, as numbers.
//!
//! - **Coupled.** If the two axes did not act on each other, every value of the grid would be a part of its row plus a part
//!   of its column. What is left beside the best such sum is their interaction, as a share of the variance of the grid. A
//!   product of a row and a column is a sum of logarithms, so the share is told of logarithms too.
//! - **Not monotone.** A turn is a value inside a line of the grid that is above both of its neighbours or below both, by
//!   more than a percent.
//! - **Not smooth.** The bend at a value is the difference between the step behind it and the step before it. Of a smooth
//!   surface the largest bend falls to a quarter where steps are halved; at a kink it falls to a half; at a jump it stays.

use kareto::{Archive, DesignSpace, Point};

/// A turn is higher than this on both sides, in shares of the value.
const TURN: f64 = 0.01;

/// A figure over two axes. All other axes are fixed.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    /// The figure.
    pub figure: String,
    /// A point of it; its settings on the other axes are those of the whole surface.
    pub point: Point,
    /// The values: a row for each setting of the first axis, with a value for each setting of the second.
    pub rows: Vec<Vec<f64>>,
    /// Its shape in numbers.
    pub shape: Shape,
}

/// How coupled and how smooth a surface is.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Interaction of the two axes over the variance of the grid \[%\]; 0 for a constant.
    pub interaction_percent: f64,
    /// The same of the logarithms; `None` where a value is not above 0.
    pub interaction_log_percent: Option<f64>,
    /// Change \[%\] from the first column to the last, in the first row and in the last one.
    pub column_change_percent: [f64; 2],
    /// Change \[%\] from the first row to the last, in the first column and in the last one.
    pub row_change_percent: [f64; 2],
    /// Turns over both directions, as (row, column).
    pub turns: Vec<(usize, usize)>,
    /// Values inside a line, over both directions: where a turn could be.
    pub inner: usize,
    /// The largest bend over the largest one at steps twice as wide, along rows and along columns, whichever is more; `None`
    /// where lines have fewer than five values, or nothing bends.
    pub bend_ratio: Option<f64>,
}

/// The surfaces of a figure over two axes, one for each combination of the other axes, in their order. A grid that is not
/// whole has none.
#[must_use]
pub fn surfaces(
    space: &DesignSpace,
    archive: &Archive,
    [rows, columns]: [&str; 2],
    figure: &str,
) -> Vec<Surface> {
    let place = |name: &str| space.axes().iter().position(|axis| axis.name == name);
    let (Some(row_axis), Some(column_axis)) = (place(rows), place(columns)) else { return Vec::new() };
    let corners = archive.iter().map(|(point, _)| point);
    let corners = corners.filter(|point| point.0[row_axis] == 0 && point.0[column_axis] == 0);
    let surface = |corner: &Point| {
        let at = |row: usize, column: usize| {
            let mut point = corner.clone();
            (point.0[row_axis], point.0[column_axis]) = (row as u32, column as u32);
            archive.get(&point).and_then(|evaluation| evaluation.figure(figure))
        };
        let line = |row| (0..space.axes()[column_axis].len()).map(|column| at(row, column)).collect();
        let rows: Option<Vec<Vec<f64>>> = (0..space.axes()[row_axis].len()).map(line).collect();
        let rows = rows?;
        let shape = Shape::of(&rows);
        Some(Surface { figure: figure.to_owned(), point: corner.clone(), rows, shape })
    };
    corners.filter_map(surface).collect()
}

impl Shape {
    /// The shape of a grid.
    fn of(rows: &[Vec<f64>]) -> Self {
        let columns: Vec<Vec<f64>> =
            (0..rows[0].len()).map(|column| rows.iter().map(|row| row[column]).collect()).collect();
        let change = |line: &[f64]| {
            let (first, last) = (line[0], line[line.len() - 1]);
            if first == 0.0 { 0.0 } else { 100.0 * (last - first) / first }
        };
        let ends = |lines: &[Vec<f64>]| [change(&lines[0]), change(&lines[lines.len() - 1])];
        let positive = rows.iter().flatten().all(|&value| value > 0.0);
        let logs =
            || rows.iter().map(|row| row.iter().map(|value| value.ln()).collect()).collect::<Vec<Vec<f64>>>();
        let along_rows = rows.iter().enumerate().flat_map(|(row, line)| turns(line).map(move |at| (row, at)));
        let along_columns =
            columns.iter().enumerate().flat_map(|(column, line)| turns(line).map(move |at| (at, column)));
        let inside = |lines: &[Vec<f64>]| lines.len() * lines[0].len().saturating_sub(2);
        let bends = [bend_ratio(rows), bend_ratio(&columns)].into_iter().flatten();
        Self {
            interaction_percent: interaction_percent(rows),
            interaction_log_percent: positive.then(|| interaction_percent(&logs())),
            column_change_percent: ends(rows),
            row_change_percent: ends(&columns),
            turns: along_rows.chain(along_columns).collect(),
            inner: inside(rows) + inside(&columns),
            bend_ratio: bends.max_by(f64::total_cmp),
        }
    }
}

/// The share of the variance that no sum of a part of the row and a part of the column gives \[%\].
fn interaction_percent(rows: &[Vec<f64>]) -> f64 {
    let mean = |values: &mut dyn Iterator<Item = f64>| {
        let (mut sum, mut count) = (0.0, 0.0);
        values.for_each(|value| (sum, count) = (sum + value, count + 1.0));
        sum / count
    };
    let all = mean(&mut rows.iter().flatten().copied());
    let of_row: Vec<f64> = rows.iter().map(|row| mean(&mut row.iter().copied())).collect();
    let of_column: Vec<f64> =
        (0..rows[0].len()).map(|column| mean(&mut rows.iter().map(|row| row[column]))).collect();
    let (mut left, mut total) = (0.0, 0.0);
    for (row, row_mean) in rows.iter().zip(&of_row) {
        for (value, column_mean) in row.iter().zip(&of_column) {
            left += (value - row_mean - column_mean + all).powi(2);
            total += (value - all).powi(2);
        }
    }
    // What rounding leaves of a constant is no variance.
    if total <= 1e-18 * all * all { 0.0 } else { 100.0 * left / total }
}

/// The places inside a line that are above both neighbours or below both, by more than [`TURN`].
fn turns(line: &[f64]) -> impl Iterator<Item = usize> + '_ {
    (1..line.len().saturating_sub(1)).filter(|&at| {
        let least = TURN * line[at].abs();
        let (before, behind) = (line[at] - line[at - 1], line[at] - line[at + 1]);
        (before > least && behind > least) || (before < -least && behind < -least)
    })
}

/// The largest bend of all lines over the largest one at steps twice as wide.
fn bend_ratio(lines: &[Vec<f64>]) -> Option<f64> {
    const LEAST_VALUES: usize = 5;
    let largest = |step: usize| {
        let bends = lines.iter().flat_map(|line| {
            (step..line.len().saturating_sub(step))
                .map(move |at| (line[at + step] - 2.0 * line[at] + line[at - step]).abs())
        });
        bends.fold(0.0, f64::max)
    };
    let (fine, coarse) = (largest(1), largest(2));
    (lines[0].len() >= LEAST_VALUES && coarse > 0.0).then(|| fine / coarse)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(of: impl Fn(f64, f64) -> f64) -> Shape {
        let steps = || (0..9_u32).map(f64::from);
        Shape::of(&steps().map(|row| steps().map(|column| of(row, column)).collect()).collect::<Vec<_>>())
    }

    #[test]
    fn a_sum_has_no_interaction_and_a_product_has_none_of_logarithms() {
        let sum = grid(|row, column| 3.0 * row + column * column + 1.0);
        assert!(sum.interaction_percent < 1e-9, "{sum:?}");
        assert!(sum.interaction_log_percent.unwrap() > 1.0, "{sum:?}");
        let product = grid(|row, column| (row + 1.0) * (column + 2.0));
        assert!(product.interaction_percent > 1.0, "{product:?}");
        assert!(product.interaction_log_percent.unwrap() < 1e-9, "{product:?}");
        // Columns 0 and 8 of the first row are 2 and 10, of the last one 18 and 90.
        assert!(product.column_change_percent.iter().all(|it| (it - 400.0).abs() < 1e-9), "{product:?}");
        let flat = grid(|_, _| 0.1);
        assert!(flat.interaction_percent < 1e-9 && flat.bend_ratio.is_none(), "{flat:?}");
    }

    #[test]
    fn smooth_kinked_and_broken_surfaces_differ_in_the_bend_of_a_halved_step() {
        let ratio = |of: &dyn Fn(f64) -> f64| grid(|_, column| of(column)).bend_ratio.unwrap();
        assert!((ratio(&|x| x * x) - 0.25).abs() < 1e-12);
        assert!((ratio(&|x| (x - 4.0).max(0.0)) - 0.5).abs() < 1e-12);
        assert!((ratio(&|x| if x < 4.0 { 0.0 } else { 1.0 }) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_turn_is_more_than_a_percent_on_both_sides() {
        let line = [100.0, 90.0, 95.0, 94.5, 96.0, 96.0];
        assert_eq!(turns(&line).collect::<Vec<_>>(), [1]);
    }
}
