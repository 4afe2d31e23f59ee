//! What can be wrong with a table or a chart, in words that name the place.

use std::path::PathBuf;

use crate::table::Kind;

/// Why a table, chart or file could not be made. Nothing is left half written: a failed call changes neither the
/// table it was called on nor a file that was there before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two columns of one table have the same name.
    #[error("the table has two columns named `{name}`")]
    DuplicateColumn {
        /// The name used twice.
        name: String,
    },
    /// A column was asked for that the table does not have.
    #[error("the table has no column `{name}`; it has {}", list(.known))]
    NoSuchColumn {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A column is shorter or longer than the table's other columns.
    #[error("column `{name}` has {got} rows where the table has {expected}")]
    ColumnLength {
        /// The column.
        name: String,
        /// Its length.
        got: usize,
        /// The length of the other columns.
        expected: usize,
    },
    /// A row has too few or too many cells.
    #[error("row {row} has {got} cells where the table has {expected} columns")]
    RowLength {
        /// The row's index, from 0.
        row: usize,
        /// Its number of cells.
        got: usize,
        /// The number of columns.
        expected: usize,
    },
    /// A cell or a column is of another kind than is needed.
    #[error("column `{column}`: {expected} expected, {got} found")]
    WrongKind {
        /// The column.
        column: String,
        /// What is there.
        got: Kind,
        /// What is needed.
        expected: Kind,
    },
    /// A number that is not a number, or infinite, in a table. A value that is not known is a missing cell instead.
    #[error("column `{column}`, row {row}: {value} is not a finite number; leave the cell missing instead")]
    CellNotFinite {
        /// The column.
        column: String,
        /// The row's index, from 0.
        row: usize,
        /// The number.
        value: f64,
    },
    /// Text that is not a table in the format asked for.
    #[error("not a table in {format}: {why}")]
    Decode {
        /// `CSV` or `Parquet`.
        format: &'static str,
        /// What the reader found.
        why: String,
    },
    /// A table that the format's writer refused.
    #[error("the table cannot be written as {format}: {why}")]
    Encode {
        /// `Parquet`.
        format: &'static str,
        /// What the writer said.
        why: String,
    },
    /// A number that is not a number, or infinite, in a chart.
    #[error("chart `{chart}`, {series}, index {index}: {value} is not a finite number")]
    NotFinite {
        /// The chart's title.
        chart: String,
        /// The series or axis the number belongs to.
        series: String,
        /// Its position there, from 0.
        index: usize,
        /// The number.
        value: f64,
    },
    /// Zero or less on a logarithmic axis.
    #[error(
        "chart `{chart}`, {series}, index {index}: {value} has no place on the logarithmic axis `{axis}`"
    )]
    NotPositive {
        /// The chart's title.
        chart: String,
        /// The series or axis the number belongs to.
        series: String,
        /// Its position there, from 0.
        index: usize,
        /// The number.
        value: f64,
        /// The axis.
        axis: String,
    },
    /// The values of an axis lie further apart than a number can say.
    #[error("chart `{chart}`: axis `{axis}` would run from {low} to {high}")]
    TooWide {
        /// The chart's title.
        chart: String,
        /// The axis.
        axis: String,
        /// Its smallest value.
        low: f64,
        /// Its largest value.
        high: f64,
    },
    /// A chart refers to a point that it does not have.
    #[error("chart `{chart}`, {series}: there is no point {index}; there are {points}")]
    NoSuchPoint {
        /// The chart's title.
        chart: String,
        /// What refers to it.
        series: String,
        /// The index.
        index: usize,
        /// How many points there are.
        points: usize,
    },
    /// A series does not have one value for each place that the chart has.
    #[error("chart `{chart}`, {series}: {got} values for {expected} places")]
    SeriesLength {
        /// The chart's title.
        chart: String,
        /// The series.
        series: String,
        /// Its number of values.
        got: usize,
        /// The number of places.
        expected: usize,
    },
    /// The drawing is too small or too large for a chart.
    #[error("chart `{chart}`: {width} x {height} px; a chart is 320 x 240 to 4000 x 4000 px")]
    BadSize {
        /// The chart's title.
        chart: String,
        /// Width asked for [px].
        width: u32,
        /// Height asked for [px].
        height: u32,
    },
    /// A file could not be written. What was there before is still there.
    #[error("cannot write {path}: {source}", path = .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}
