//! Tables as aligned text for a terminal, and the digits that people are shown.

use super::{Column, Table};
use crate::number::{decimals_for, significant, without_trailing_zeros};

/// Significant digits shown to people; data files have all.
const SHOWN_DIGITS: usize = 4;
/// A column shares one number of decimals up to this many; beyond, each number is shortened for itself.
const SHARED_DECIMALS: usize = 4;

impl Table {
    /// The table for a terminal: numbers to the right, about four significant digits, `-` where a value is missing.
    /// Every line ends without spaces and with a newline.
    pub fn to_text(&self) -> String {
        let columns: Vec<Vec<String>> = self.columns.iter().map(|c| column_texts(c, "-")).collect();
        let mut rows = vec![self.names.clone()];
        rows.extend((0..self.rows).map(|row| columns.iter().map(|column| column[row].clone()).collect()));
        let rule = widths(&rows).into_iter().map(|width| "-".repeat(width)).collect();
        rows.insert(1, rule);
        aligned(&rows, |column| !matches!(self.columns[column], Column::Text(_)))
    }
}

/// Lays out rows of cells in columns, two spaces between. Columns that `is_right` names are aligned to the
/// right, the others to the left. Every line ends without spaces and with a newline. A row may be shorter than
/// others.
///
/// ```
/// let rows = [["dram", "512"], ["disk", "16"]].map(|row| row.map(str::to_owned).to_vec());
/// assert_eq!(report::aligned(&rows, |column| column > 0), "dram  512\ndisk   16\n");
/// ```
pub fn aligned(rows: &[Vec<String>], is_right: impl Fn(usize) -> bool) -> String {
    let widths = widths(rows);
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            if is_right(column) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

/// Characters that each column needs.
fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    (0..columns).map(width).collect()
}

/// The values of a column as people read them, `missing` where there is none. Numbers of similar size share their
/// number of decimals, so that the points stand below each other.
pub(crate) fn column_texts(column: &Column, missing: &str) -> Vec<String> {
    let or_missing = |text: Option<String>| text.unwrap_or_else(|| missing.to_owned());
    match column {
        Column::F64(values) => {
            let needed = values.iter().flatten().map(|v| decimals_needed(*v)).max().unwrap_or(0);
            let show = |v: f64| match needed {
                0..=SHARED_DECIMALS if v.abs() < 1e15 => format!("{v:.needed$}"),
                _ => significant(v, SHOWN_DIGITS),
            };
            values.iter().map(|v| or_missing(v.map(show))).collect()
        }
        Column::I64(values) => values.iter().map(|v| or_missing(v.map(|v| v.to_string()))).collect(),
        Column::Text(values) => values.iter().map(|v| or_missing(v.clone())).collect(),
    }
}

/// Decimals that show [`SHOWN_DIGITS`] significant digits of `value`, less trailing zeros.
fn decimals_needed(value: f64) -> usize {
    let text = format!("{value:.*}", decimals_for(value, SHOWN_DIGITS));
    without_trailing_zeros(&text).split_once('.').map_or(0, |(_, decimals)| decimals.len())
}
