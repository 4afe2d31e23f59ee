//! `kareto tune-ttl`: one TTL for each prefix group of a trace, within a budget of storage.

use std::path::{Path, PathBuf};

use clap::Args;
use deployment::Model;
use kareto::ttl::{Answer, Count, Question, TailCharge, WAYS, Way};
use kv_core::Trace;
use trace_synth::{resolve_outputs, synth};

use super::json::as_json;
use super::show::{as_text, curve_csv};
use crate::error::CliError;
use crate::files::replace_with;
use crate::output::print;
use crate::trace::common::{Reading, needs_sharing};

/// Choose one TTL for each prefix group of a trace, for the most block hits within a budget of storage.
#[derive(Debug, Args)]
pub(crate) struct TuneTtl {
    /// Trace file, plain, .gz or .zst; without it, the trace that comes with the program.
    trace: Option<PathBuf>,
    /// Groups: the K most frequent prefix subtrees, and the rest; `auto` doubles K until hits stop growing.
    #[arg(long, value_name = "K|auto", value_parser = count)]
    groups: Count,
    /// Storage over the whole trace [GiB-hours].
    #[arg(long, value_name = "GIB_HOURS")]
    budget_gib_hours: f64,
    /// Method: hull, slsqp, uniform (one TTL), or oracle (knows every next use; no TTLs).
    #[arg(long, default_value = "hull", value_name = "NAME")]
    method: String,
    /// Model whose KV the blocks hold: a name from `datasets/models` or a .toml file.
    #[arg(long, default_value = "qwen3-32b", value_name = "NAME")]
    model: String,
    /// Count a hit only where every block before it in its prompt is alive too.
    #[arg(long)]
    whole_prefixes: bool,
    /// Charge a block after its last use until the trace's end at most, not always its whole TTL.
    #[arg(long)]
    until_trace_end: bool,
    /// Write hits against storage for all budgets, with the shadow price, as CSV.
    #[arg(long, value_name = "FILE")]
    curve: Option<PathBuf>,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: Reading,
}

fn count(text: &str) -> Result<Count, String> {
    match text.parse() {
        _ if text == "auto" => Ok(Count::Auto),
        Ok(groups @ 1..=65_535) => Ok(Count::Fixed(groups)),
        _ => Err("allowed: 1 to 65535, or auto".to_owned()),
    }
}

/// Tunes and prints.
pub(crate) fn tune_ttl(args: &TuneTtl) -> Result<(), CliError> {
    let question = Question {
        groups: args.groups,
        way: way(&args.method)?,
        budget_gib_hours: args.budget_gib_hours,
        whole_prefixes: args.whole_prefixes,
        charge: if args.until_trace_end { TailCharge::UntilTraceEnd } else { TailCharge::WholeTtl },
    };
    let model = Model::load(&args.model)?;
    let (trace, name) = read(args.trace.as_deref(), &args.reading)?;
    let block_bytes = model.kv_bytes_per_token() * u64::from(trace.block_tokens());
    let answer = Answer::new(&trace, block_bytes, &question).map_err(|error| match error {
        kareto::ttl::TtlError::Budget { gib_hours, .. } => {
            CliError::user(format!("--budget-gib-hours is {gib_hours}; allowed: a positive, finite number"))
        }
        error => CliError::user(error),
    })?;
    if let Some(path) = &args.curve {
        replace_with(path, curve_csv(&answer)?.as_bytes())?;
    }
    if args.json {
        return print(&format!("{:#}\n", as_json(&answer, &name, &model.name, &question)));
    }
    print(&as_text(&answer, &name, &question))
}

fn read(file: Option<&Path>, reading: &Reading) -> Result<(Trace, String), CliError> {
    let Some(file) = file else { return Ok((resolve_outputs(synth::default_trace()), "default".to_owned())) };
    let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
    let trace = reading.read(file)?;
    needs_sharing(file, &trace)?;
    Ok((resolve_outputs(trace), name))
}

fn way(name: &str) -> Result<Way, CliError> {
    let found = WAYS.iter().find(|(known, _)| *known == name);
    found.map(|(_, way)| *way).ok_or_else(|| {
        let names = WAYS.map(|(known, _)| known).join(", ");
        CliError::user(format!("--method is {name:?}; allowed: {names}"))
    })
}
