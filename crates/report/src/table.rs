//! Named columns of numbers and text, some values missing: what every file, page and chart is made from.
//!
//! No expressions, joins or groups: a caller that needs to compute does so with its own types first.

mod files;
mod text;

use std::fmt;

use crate::Error;

pub use text::aligned;
pub(crate) use text::column_texts;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Floating-point numbers, all finite.
    F64,
    /// Whole numbers.
    I64,
    /// Text.
    Text,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::F64 => "floating-point numbers",
            Kind::I64 => "whole numbers",
            Kind::Text => "text",
        })
    }
}

/// One value of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A floating-point number.
    F64(f64),
    /// A whole number.
    I64(i64),
    /// Text.
    Text(String),
    /// No value; fits a column of any kind.
    Missing,
}

impl Cell {
    /// The kind of column it needs; `None` for a missing value, which fits any.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Cell::F64(_) => Some(Kind::F64),
            Cell::I64(_) => Some(Kind::I64),
            Cell::Text(_) => Some(Kind::Text),
            Cell::Missing => None,
        }
    }
}

/// All values of one column, `None` where one is missing. Made with `into()` from a `Vec` of `f64`, `i64`, `String`,
/// `&str` or an `Option` of one of these.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Floating-point numbers.
    F64(Vec<Option<f64>>),
    /// Whole numbers.
    I64(Vec<Option<i64>>),
    /// Text.
    Text(Vec<Option<String>>),
}

impl Column {
    fn empty(kind: Kind) -> Self {
        match kind {
            Kind::F64 => Column::F64(Vec::new()),
            Kind::I64 => Column::I64(Vec::new()),
            Kind::Text => Column::Text(Vec::new()),
        }
    }

    /// What it holds.
    pub fn kind(&self) -> Kind {
        match self {
            Column::F64(_) => Kind::F64,
            Column::I64(_) => Kind::I64,
            Column::Text(_) => Kind::Text,
        }
    }

    /// Number of values, missing ones included.
    pub fn len(&self) -> usize {
        match self {
            Column::F64(v) => v.len(),
            Column::I64(v) => v.len(),
            Column::Text(v) => v.len(),
        }
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn cell(&self, row: usize) -> Option<Cell> {
        Some(match self {
            Column::F64(v) => v.get(row)?.map_or(Cell::Missing, Cell::F64),
            Column::I64(v) => v.get(row)?.map_or(Cell::Missing, Cell::I64),
            Column::Text(v) => v.get(row)?.clone().map_or(Cell::Missing, Cell::Text),
        })
    }

    /// The cell's kind was checked by the caller.
    fn push(&mut self, cell: Cell) {
        match (self, cell) {
            (Column::F64(v), Cell::F64(x)) => v.push(Some(x)),
            (Column::I64(v), Cell::I64(x)) => v.push(Some(x)),
            (Column::Text(v), Cell::Text(x)) => v.push(Some(x)),
            (Column::F64(v), _) => v.push(None),
            (Column::I64(v), _) => v.push(None),
            (Column::Text(v), _) => v.push(None),
        }
    }
}

/// Named columns of equal length. Names are distinct and floating-point numbers finite, always.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    names: Vec<String>,
    columns: Vec<Column>,
    rows: usize,
}

impl Table {
    /// A table without rows, to be filled with [`push_row`](Table::push_row).
    ///
    /// # Errors
    /// [`Error::DuplicateColumn`].
    pub fn new(columns: &[(&str, Kind)]) -> Result<Self, Error> {
        let mut table = Table::default();
        for &(name, kind) in columns {
            table.add_column(name, Column::empty(kind))?;
        }
        Ok(table)
    }

    /// Adds a column at the right. The first column decides how many rows the table has.
    ///
    /// # Errors
    /// [`Error::DuplicateColumn`], [`Error::ColumnLength`], [`Error::CellNotFinite`].
    pub fn add_column(&mut self, name: &str, values: impl Into<Column>) -> Result<(), Error> {
        let values = values.into();
        if self.names.iter().any(|n| n == name) {
            return Err(Error::DuplicateColumn { name: name.to_owned() });
        }
        if !self.columns.is_empty() && values.len() != self.rows {
            let (got, expected) = (values.len(), self.rows);
            return Err(Error::ColumnLength { name: name.to_owned(), got, expected });
        }
        if let Column::F64(numbers) = &values {
            for (row, value) in numbers.iter().enumerate() {
                check_finite(name, row, *value)?;
            }
        }
        self.rows = values.len();
        self.names.push(name.to_owned());
        self.columns.push(values);
        Ok(())
    }

    /// Adds a row at the bottom, one cell for each column.
    ///
    /// # Errors
    /// [`Error::RowLength`], [`Error::WrongKind`], [`Error::CellNotFinite`].
    pub fn push_row(&mut self, cells: impl IntoIterator<Item = Cell>) -> Result<(), Error> {
        let cells: Vec<Cell> = cells.into_iter().collect();
        if cells.len() != self.columns.len() {
            let (got, expected) = (cells.len(), self.columns.len());
            return Err(Error::RowLength { row: self.rows, got, expected });
        }
        for ((name, column), cell) in self.names.iter().zip(&self.columns).zip(&cells) {
            match cell.kind() {
                Some(got) if got != column.kind() => {
                    return Err(Error::WrongKind { column: name.clone(), got, expected: column.kind() });
                }
                _ => {}
            }
            if let Cell::F64(value) = cell {
                check_finite(name, self.rows, Some(*value))?;
            }
        }
        self.columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
        self.rows += 1;
        Ok(())
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns' names, left to right.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Names and columns, left to right.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.names.iter().map(String::as_str).zip(&self.columns)
    }

    /// The column of that name.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`], which lists the names there are.
    pub fn column(&self, name: &str) -> Result<&Column, Error> {
        match self.names.iter().position(|n| n == name) {
            Some(i) => Ok(&self.columns[i]),
            None => Err(Error::NoSuchColumn { name: name.to_owned(), known: self.names.clone() }),
        }
    }

    /// The values of a column as texts; missing ones are empty.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`].
    pub fn texts(&self, name: &str) -> Result<Vec<String>, Error> {
        Ok(column_texts(self.column(name)?, ""))
    }

    /// The values of a column of numbers; whole numbers are converted. A column without any value is one of numbers too: a
    /// file does not tell what its values would be.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; [`Error::WrongKind`] for a column of text.
    pub fn numbers(&self, name: &str) -> Result<Vec<Option<f64>>, Error> {
        match self.column(name)? {
            Column::F64(v) => Ok(v.clone()),
            Column::I64(v) => Ok(v.iter().map(|x| x.map(|x| x as f64)).collect()),
            Column::Text(v) if v.iter().all(Option::is_none) => Ok(vec![None; v.len()]),
            Column::Text(_) => {
                Err(Error::WrongKind { column: name.to_owned(), got: Kind::Text, expected: Kind::F64 })
            }
        }
    }

    /// One value; `None` outside the table.
    pub fn cell(&self, row: usize, column: usize) -> Option<Cell> {
        self.columns.get(column)?.cell(row)
    }

    /// Some of the columns in the order given, each under a new name: `(name, heading)`.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`], [`Error::DuplicateColumn`].
    pub fn select(&self, columns: &[(&str, &str)]) -> Result<Table, Error> {
        let mut table = Table::default();
        for &(name, heading) in columns {
            table.add_column(heading, self.column(name)?.clone())?;
        }
        Ok(table)
    }
}

fn check_finite(column: &str, row: usize, value: Option<f64>) -> Result<(), Error> {
    match value {
        Some(value) if !value.is_finite() => {
            Err(Error::CellNotFinite { column: column.to_owned(), row, value })
        }
        _ => Ok(()),
    }
}

/// The conversions of one type, alone and optional, single and in a column.
macro_rules! convert {
    ($($from:ty => $variant:ident by $convert:expr),+ $(,)?) => {$(
        impl From<$from> for Cell {
            fn from(value: $from) -> Self {
                Cell::$variant($convert(value))
            }
        }
        impl From<Option<$from>> for Cell {
            fn from(value: Option<$from>) -> Self {
                value.map_or(Cell::Missing, Cell::from)
            }
        }
        impl From<Vec<$from>> for Column {
            fn from(values: Vec<$from>) -> Self {
                Column::$variant(values.into_iter().map(|v| Some($convert(v))).collect())
            }
        }
        impl From<Vec<Option<$from>>> for Column {
            fn from(values: Vec<Option<$from>>) -> Self {
                Column::$variant(values.into_iter().map(|v| v.map($convert)).collect())
            }
        }
    )+};
}

convert! {
    f64 => F64 by f64::from,
    i64 => I64 by i64::from,
    i32 => I64 by i64::from,
    u32 => I64 by i64::from,
    String => Text by String::from,
    &str => Text by str::to_owned,
}
