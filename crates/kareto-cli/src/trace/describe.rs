//! `kareto trace describe`: the statistics of one trace.

use clap::Args;

use super::common::Input;
use crate::error::CliError;
use crate::output::{aligned, print};

/// Arguments of `trace describe`.
#[derive(Debug, Args)]
pub(crate) struct Describe {
    #[command(flatten)]
    input: Input,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

/// Reads a trace and prints its statistics.
pub(super) fn describe(args: &Describe) -> Result<(), CliError> {
    let trace = args.input.read()?;
    let description = serde_json::to_value(trace_synth::describe(&trace)).expect("plain figures");
    if args.json {
        return print(&format!("{description:#}\n"));
    }
    let mut rows = Vec::new();
    flatten("", &description, &mut rows);
    print(&aligned(&rows))
}

/// One row per figure; the key of a figure within another is joined by a dot.
fn flatten(prefix: &str, value: &serde_json::Value, rows: &mut Vec<Vec<String>>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&key, value, rows);
            }
        }
        serde_json::Value::Null => rows.push(vec![prefix.to_owned(), "-".to_owned()]),
        value => rows.push(vec![prefix.to_owned(), value.to_string()]),
    }
}
