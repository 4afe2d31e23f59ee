//! Rows of a record's table, by column.

use deployment::Problem;
use report::Table;

use crate::parts;

/// A table whose columns are read by name.
pub(super) struct Rows<'a> {
    table: &'a Table,
    axes: Vec<(&'a str, Vec<String>)>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(table: &'a Table, axes: &'a [String]) -> Result<Self, Problem> {
        let column = |name: &'a String| Ok((name.as_str(), parts::texts(table, name)?));
        Ok(Self { table, axes: axes.iter().map(column).collect::<Result<_, Problem>>()? })
    }

    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, Problem> {
        parts::texts(self.table, name)
    }

    pub(super) fn numbers(&self, name: &str) -> Result<Vec<Option<f64>>, Problem> {
        parts::numbers(self.table, name)
    }

    /// The rows in which all of these columns have these texts.
    pub(super) fn with(&self, wanted: &[(&str, &str)]) -> Result<Vec<usize>, Problem> {
        let mut rows: Vec<usize> = (0..self.table.rows()).collect();
        for (name, text) in wanted {
            let column = self.texts(name)?;
            rows.retain(|&row| column[row] == *text);
        }
        Ok(rows)
    }

    /// The configuration of a row in words.
    pub(super) fn configuration(&self, row: usize) -> String {
        let told = self.axes.iter().map(|(name, values)| told(name, &values[row]));
        told.collect::<Vec<_>>().join(", ")
    }
}

/// A setting as a person would say it.
fn told(axis: &str, value: &str) -> String {
    match (axis, axis.strip_suffix("_gib"), axis.strip_suffix("_lease_s")) {
        ("configuration", ..) => value.to_owned(),
        ("instances", ..) if value == "1" => "1 instance".to_owned(),
        ("instances", ..) => format!("{value} instances"),
        (_, Some(tier), _) | (_, _, Some(tier)) if value == "0" => format!("no {tier}"),
        (_, Some(tier), _) => format!("{value} GiB of {tier}"),
        (_, _, Some(tier)) => format!("{tier} for {value} s"),
        _ => format!("{} {value}", axis.replace('_', " ")),
    }
}
