//! `kareto trace describe`: the statistics of one trace, as a table, as JSON, or as a page with plots.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::common::Input;
use crate::error::CliError;
use crate::files::replace;
use crate::output::{aligned, print};

/// Arguments of `trace describe`.
#[derive(Debug, Args)]
pub(crate) struct Describe {
    #[command(flatten)]
    input: Input,
    /// Write one JSON object instead of a table.
    #[arg(long, conflicts_with = "html")]
    json: bool,
    /// Write a page with plots instead of a table: arrivals, lengths, reuse, hit curve, working set.
    #[arg(long)]
    html: bool,
    /// File to write instead of standard output. It appears when it is complete.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Reads a trace and writes its statistics.
pub(super) fn describe(args: &Describe) -> Result<(), CliError> {
    let trace = args.input.read()?;
    let description = trace_synth::describe(&trace);
    let text = if args.html {
        let file = args.input.trace.file_name().unwrap_or(args.input.trace.as_os_str());
        pages::trace_page(&file.to_string_lossy(), &trace, &description)?
    } else {
        let value = serde_json::to_value(&description).expect("plain figures");
        if args.json { format!("{value:#}\n") } else { table(&value) }
    };
    match &args.output {
        Some(path) => replace(path, |file| file.write_all(text.as_bytes())),
        None => print(&text),
    }
}

/// One row for each figure. Lists over time are left out.
fn table(description: &Value) -> String {
    let mut rows = Vec::new();
    flatten("", description, &mut rows);
    aligned(&rows)
}

/// One row for each figure. A dot joins the key of a figure to the key of its parent.
fn flatten(prefix: &str, value: &Value, rows: &mut Vec<Vec<String>>) {
    let inner = |key: &str| if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
    match value {
        Value::Object(fields) => {
            fields
                .iter()
                .filter(|(key, _)| *key != "windows")
                .for_each(|(key, value)| flatten(&inner(key), value, rows));
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, value)| flatten(&inner(&(index + 1).to_string()), value, rows));
        }
        Value::Null => rows.push(vec![prefix.to_owned(), "-".to_owned()]),
        value => rows.push(vec![prefix.to_owned(), value.to_string()]),
    }
}
