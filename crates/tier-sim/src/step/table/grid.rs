//! Times over one or two sizes, linear between the sizes that were measured, in integers.
//!
//! A size may lie between two whole numbers, such as a mean context, so it comes as a ratio. Beyond either end the
//! line through the two nearest knots goes on. Quotients are rounded down, so the result is exact at the knots, and
//! it never falls where the knots do not.

use super::super::{StepModelError, fs};
use super::GridMs;

/// A size \[tokens or sequences\] as `over / under`; `under` is positive, `over` may be negative.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ratio {
    pub(super) over: i128,
    pub(super) under: i128,
}

impl Ratio {
    pub(super) fn whole(size: u64) -> Self {
        Self { over: i128::from(size), under: 1 }
    }
}

/// (size, time \[fs\]), size increasing, two at least.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line(Vec<(i128, i128)>);

impl Line {
    /// Quantises `ms` at `sizes`.
    pub(super) fn new(
        key: &'static str,
        sizes: &[u32],
        ms: &[f64],
        scale: f64,
    ) -> Result<Self, StepModelError> {
        if sizes.len() != ms.len() {
            let problem = format!("{} sizes and {} times", sizes.len(), ms.len());
            return Err(StepModelError::Knots { key, problem });
        }
        increasing(key, sizes)?;
        let knot =
            |(&size, &ms): (&u32, &f64)| Ok((i128::from(size), i128::from(fs(key, ms * scale / 1e3)?)));
        Ok(Self(sizes.iter().zip(ms).map(knot).collect::<Result<_, _>>()?))
    }

    /// Time \[fs\]; below 0 only beyond the ends.
    pub(super) fn at(&self, size: Ratio) -> i128 {
        let Ratio { over, under } = size;
        let after = self.0.partition_point(|&(at, _)| at * under <= over).clamp(1, self.0.len() - 1);
        let ((x0, y0), (x1, y1)) = (self.0[after - 1], self.0[after]);
        y0 + ((y1 - y0) * (over - x0 * under)).div_euclid(under * (x1 - x0))
    }
}

/// A line for each of two or more sizes. The lines need not be of one length: the largest sizes of both kinds
/// together are often not measured, and each line goes on beyond its own end.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grid(Vec<(i128, Line)>);

impl Grid {
    /// Quantises a grid.
    pub(super) fn new(key: &'static str, grid: &GridMs<'_>, scale: f64) -> Result<Self, StepModelError> {
        let GridMs { rows, columns, ms } = *grid;
        if rows.len() != ms.len() {
            let problem = format!("{} sizes and {} rows of times", rows.len(), ms.len());
            return Err(StepModelError::Knots { key, problem });
        }
        increasing(key, rows)?;
        let line = |(&row, ms): (&u32, &Vec<f64>)| {
            if ms.len() > columns.len() || ms.len() < 2 {
                let problem =
                    format!("the row of {row} has {} times; allowed: 2 to {}", ms.len(), columns.len());
                return Err(StepModelError::Knots { key, problem });
            }
            Ok((i128::from(row), Line::new(key, &columns[..ms.len()], ms, scale)?))
        };
        Ok(Self(rows.iter().zip(ms).map(line).collect::<Result<_, _>>()?))
    }

    /// Time \[fs\] at a size of the rows and one of the columns; below 0 only beyond the ends.
    pub(super) fn at(&self, row: u64, column: Ratio) -> i128 {
        let row = i128::from(row);
        let after = self.0.partition_point(|&(at, _)| at <= row).clamp(1, self.0.len() - 1);
        let ((x0, low), (x1, high)) = (&self.0[after - 1], &self.0[after]);
        let y0 = low.at(column);
        if row == *x0 {
            return y0;
        }
        y0 + ((high.at(column) - y0) * (row - x0)).div_euclid(x1 - x0)
    }
}

fn increasing(key: &'static str, sizes: &[u32]) -> Result<(), StepModelError> {
    let problem = match sizes.windows(2).find(|pair| pair[0] >= pair[1]) {
        Some(pair) => format!("sizes must increase; {} is followed by {}", pair[0], pair[1]),
        None if sizes.len() < 2 => "at least 2 sizes are needed".to_owned(),
        None => return Ok(()),
    };
    Err(StepModelError::Knots { key, problem })
}
