//! Tables to and from files: CSV, JSON, Parquet.
//!
//! CSV and Parquet are polars' work; JSON is an array of rows, short enough to write here (polars' JSON would double
//! its share of the build).

use std::io::Cursor;

use polars::prelude as pl;
use polars::prelude::{SerReader, SerWriter};

use super::{Column, Table};
use crate::Error;

impl Table {
    /// The table as CSV: a line of names, then a line for each row. Numbers carry the fewest digits that give
    /// them back exactly; a missing value is empty, and empty text is `""`.
    pub fn to_csv(&self) -> String {
        let mut bytes = Vec::new();
        if self.columns.is_empty() {
            return String::new();
        }
        let written = pl::CsvWriter::new(&mut bytes).finish(&mut self.frame());
        written.expect("equal columns of numbers and text can be written to memory as CSV");
        String::from_utf8(bytes).expect("CSV of UTF-8 text is UTF-8")
    }

    /// Reads what [`to_csv`](Table::to_csv) wrote, or any CSV with a line of names. The kind of a column is the
    /// narrowest that all its values fit: whole numbers, numbers, text. So text that looks like numbers everywhere
    /// comes back as numbers, and a column without any value as text.
    ///
    /// # Errors
    /// [`Error::Decode`] for rows of different length and the like, [`Error::DuplicateColumn`],
    /// [`Error::CellNotFinite`].
    pub fn from_csv(text: &str) -> Result<Self, Error> {
        if text.trim().is_empty() {
            return Ok(Table::default());
        }
        let options = pl::CsvReadOptions::default().with_infer_schema_length(None).with_n_threads(Some(1));
        let reader = options.into_reader_with_file_handle(Cursor::new(text.as_bytes()));
        Table::from_frame(&reader.finish().map_err(|e| decode("CSV", e))?, "CSV")
    }

    /// The table as JSON: an array with an object for each row, a line for each object, `null` where a value is
    /// missing.
    pub fn to_json(&self) -> String {
        let names: Vec<String> = self.names.iter().map(json).collect();
        let rows = (0..self.rows).map(|row| {
            let fields = names.iter().zip(&self.columns).map(|(name, column)| {
                let value = match column {
                    Column::F64(v) => json(&v[row]),
                    Column::I64(v) => json(&v[row]),
                    Column::Text(v) => json(&v[row]),
                };
                format!("{name}: {value}")
            });
            format!("  {{{}}}", fields.collect::<Vec<_>>().join(", "))
        });
        let rows: Vec<String> = rows.collect();
        if rows.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", rows.join(",\n")) }
    }

    /// The table as a Parquet file (zstd).
    ///
    /// # Errors
    /// [`Error::Encode`] for a table without columns, which Parquet cannot hold.
    pub fn to_parquet(&self) -> Result<Vec<u8>, Error> {
        if self.columns.is_empty() {
            return Err(Error::Encode { format: "Parquet", why: "it has no columns".to_owned() });
        }
        let mut bytes = Vec::new();
        let writer = pl::ParquetWriter::new(&mut bytes).set_parallel(false);
        let written = writer.finish(&mut self.frame());
        written.map_err(|e| Error::Encode { format: "Parquet", why: e.to_string() })?;
        Ok(bytes)
    }

    /// Reads a Parquet file of numbers and text.
    ///
    /// # Errors
    /// [`Error::Decode`] for other bytes or columns of another kind, [`Error::CellNotFinite`].
    pub fn from_parquet(bytes: &[u8]) -> Result<Self, Error> {
        // Its reader wants an owner of the bytes, not a borrow.
        let reader = pl::ParquetReader::new(Cursor::new(bytes.to_vec()));
        Table::from_frame(&reader.finish().map_err(|e| decode("Parquet", e))?, "Parquet")
    }

    fn frame(&self) -> pl::DataFrame {
        let columns = self.columns().map(|(name, column)| match column {
            Column::F64(v) => pl::Column::new(name.into(), v),
            Column::I64(v) => pl::Column::new(name.into(), v),
            Column::Text(v) => pl::Column::new(name.into(), v),
        });
        pl::DataFrame::new(self.rows, columns.collect()).expect("names are distinct and lengths equal")
    }

    fn from_frame(frame: &pl::DataFrame, format: &'static str) -> Result<Self, Error> {
        let mut table = Table::default();
        for column in frame.columns() {
            table.add_column(column.name(), from_polars(column).map_err(|e| decode(format, e))?)?;
        }
        Ok(table)
    }
}

/// Narrower numbers are widened; a column of `true` and `false` is text.
fn from_polars(column: &pl::Column) -> pl::PolarsResult<Column> {
    use pl::DataType as D;
    Ok(match column.dtype() {
        D::Float64 | D::Float32 => Column::F64(column.strict_cast(&D::Float64)?.f64()?.iter().collect()),
        D::Int64 | D::Int32 | D::UInt32 | D::UInt64 => {
            Column::I64(column.strict_cast(&D::Int64)?.i64()?.iter().collect())
        }
        D::String | D::Boolean => {
            let text = column.strict_cast(&D::String)?;
            Column::Text(text.str()?.iter().map(|v| v.map(str::to_owned)).collect())
        }
        other => {
            let why = format!("column `{}` holds {other}, not numbers or text", column.name());
            return Err(pl::PolarsError::SchemaMismatch(why.into()));
        }
    })
}

fn decode(format: &'static str, error: pl::PolarsError) -> Error {
    Error::Decode { format, why: error.to_string() }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("finite numbers and text are JSON")
}
