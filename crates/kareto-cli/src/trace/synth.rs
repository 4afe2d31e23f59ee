//! `kareto trace synth`, `calibration`, `fit`: traces from recipes, and recipes from traces.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use trace_synth::fit;
use trace_synth::synth::{CalibrationRow, DEFAULT_SEED, Synthesis, calibration, embedded_names, synthesise};
use trace_synth::transform::curve_error;
use trace_synth::write::write_synthesis;

use super::common::{Input, Output, recipe};
use crate::error::CliError;
use crate::files::replace;
use crate::output::{aligned, print};

/// Arguments of `trace synth`.
#[derive(Debug, Args)]
pub(crate) struct Synth {
    /// Recipe: chat, api, agent, coder, toolagent, or a .toml file.
    recipe: String,
    #[command(flatten)]
    output: Output,
    /// Same recipe, same seed, same trace. Without it, the recipe's, or else 1.
    #[arg(long)]
    seed: Option<u64>,
    /// Length of the trace [s] instead of the recipe's.
    #[arg(long, value_name = "SECONDS")]
    duration_s: Option<f64>,
    /// Tokens in a block instead of the recipe's.
    #[arg(long, value_name = "TOKENS")]
    block_tokens: Option<u32>,
}

/// Arguments of `trace calibration`.
#[derive(Debug, Args)]
pub(crate) struct CalibrationArgs {
    /// Recipes that come with the program; without any, all.
    recipes: Vec<String>,
    /// Seed of the traces.
    #[arg(long, default_value_t = DEFAULT_SEED)]
    seed: u64,
    /// Print a JSON array instead of tables.
    #[arg(long)]
    json: bool,
}

/// Arguments of `trace fit`.
#[derive(Debug, Args)]
pub(crate) struct Fit {
    #[command(flatten)]
    input: Input,
    /// Recipe to write. It holds quantiles and chances, no prompt and no id of the trace.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Name of the recipe.
    #[arg(long, default_value = "fitted")]
    name: String,
    /// Seed that the recipe names, for its synthetic twin. Without it, the one of the first 8 whose twin is nearest.
    #[arg(long)]
    seed: Option<u64>,
}

/// Writes the trace of a recipe, request by request.
pub(super) fn synth(args: &Synth) -> Result<(), CliError> {
    let mut recipe = recipe(&args.recipe)?;
    recipe.duration_s = args.duration_s.unwrap_or(recipe.duration_s);
    recipe.block_tokens = args.block_tokens.unwrap_or(recipe.block_tokens);
    recipe.check().map_err(CliError::user)?;
    let seed = args.seed.or(recipe.seed).unwrap_or(DEFAULT_SEED);
    let mut requests = Synthesis::new(&recipe, seed).peekable();
    if requests.peek().is_none() {
        let message = format!("{}: no session begins within {} s", args.recipe, recipe.duration_s);
        return Err(CliError::user(message));
    }
    args.output.write_with(|form, file| write_synthesis(requests, recipe.block_tokens, form, file))
}

/// Prints target, ours and error of recipes.
pub(super) fn calibrate(args: &CalibrationArgs) -> Result<(), CliError> {
    let all: Vec<String> = embedded_names().map(str::to_owned).collect();
    let names = if args.recipes.is_empty() { &all } else { &args.recipes };
    let table = |name: &String| {
        let known = all.join(", ");
        calibration(name, args.seed)
            .ok_or_else(|| CliError::user(format!("no targets for {name:?}; expected one of {known}")))
    };
    let tables: Vec<_> = names.iter().map(table).collect::<Result<_, _>>()?;
    if args.json {
        return print(&format!("{:#}\n", json!(tables)));
    }
    let mut text = String::new();
    for table in &tables {
        let header = [table.recipe.as_str(), "target", "ours", "error", "within", ""];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        rows.extend(table.rows.iter().map(row));
        text += &format!("{}{}\n\n", aligned(&rows), table.source);
    }
    print(text.trim_end_matches('\n')).and_then(|()| print("\n"))
}

fn row(row: &CalibrationRow) -> Vec<String> {
    vec![
        row.figure.to_owned(),
        format!("{}", row.target),
        format!("{:.4}", row.ours),
        format!("{:+.2} {}", row.error, row.unit()),
        row.within.map_or_else(|| "shown only".to_owned(), |within| format!("{within} {}", row.unit())),
        if row.met() { String::new() } else { "missed".to_owned() },
    ]
}

/// Writes a recipe of a trace and prints how near its trace comes.
pub(super) fn fit(args: &Fit) -> Result<(), CliError> {
    let real = args.input.read()?;
    args.input.needs_sharing(&real)?;
    let name = args.input.trace.display();
    let mut recipe = fit::fit(&real, &args.name).ok_or_else(|| {
        CliError::user(format!("{name}: all requests arrive at once; a fit needs a trace of some length"))
    })?;
    let (seed, error, others) = match args.seed {
        Some(seed) => {
            let twin = synthesise(&recipe, seed).map_err(CliError::user)?;
            (seed, curve_error(&real, &twin), String::new())
        }
        None => {
            let (seed, errors) = fit::nearest_draw(&real, &recipe).map_err(CliError::user)?;
            let each: Vec<String> = errors.iter().map(|error| format!("{:.2}", error.max_pp)).collect();
            let others = format!("; seeds 1 to {} at most: {} pp", fit::DRAWS, each.join(", "));
            (seed, errors[(seed - DEFAULT_SEED) as usize], others)
        }
    };
    recipe.seed = Some(seed);
    replace(&args.output, |file| file.write_all(recipe.to_toml().as_bytes()))?;
    print(&format!(
        "LRU curve of the synthetic twin (seed {seed}) off by {:.2} pp at most, {:.2} pp on average, over every tenth of \
         the distinct blocks{others}\n",
        error.max_pp, error.mean_pp
    ))
}
