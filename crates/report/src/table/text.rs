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
        let widths: Vec<usize> = self
            .names
            .iter()
            .zip(&columns)
            .map(|(name, texts)| texts.iter().chain([name]).map(|t| t.chars().count()).max().unwrap_or(0))
            .collect();
        let line = |cell: &dyn Fn(usize) -> String| {
            let cells: Vec<String> = (0..self.columns.len())
                .map(|i| match self.columns[i] {
                    Column::Text(_) => format!("{:<width$}", cell(i), width = widths[i]),
                    _ => format!("{:>width$}", cell(i), width = widths[i]),
                })
                .collect();
            format!("{}\n", cells.join("  ").trim_end())
        };
        let mut out = line(&|i| self.names[i].clone());
        out += &line(&|i| "-".repeat(widths[i]));
        (0..self.rows).for_each(|row| out += &line(&|i| columns[i][row].clone()));
        out
    }
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
