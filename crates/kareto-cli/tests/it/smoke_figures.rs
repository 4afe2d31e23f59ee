//! What the experiments of this repository give at smoke scale: the figures that matter of every table they leave.
//!
//! Each experiment is a snapshot to review. Figures have nine digits, so that a single block that is hit or not shows.
//! Rows of public traces stand in snapshots of their own, which are compared where these traces are at hand.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use crate::program::Bench;

/// A table that an experiment may leave: its file, the column where its keys end (they are all shown), and the figures
/// shown; `*` stands for any end of a name. `curves.csv` and `assumptions.csv` are too long to review: `searches.csv`
/// and `picks.csv` rest on the same numbers.
const TABLES: [(&str, &str, &[&str]); 17] = [
    ("front.csv", "ttft_s_mean", &["ttft_s_mean", "throughput_tokens_per_s", "cost", "hit_ratio*"]),
    ("cases.csv", "ttft_s_mean", &["ttft_s_mean", "throughput_tokens_per_s", "cost", "hit_ratio*"]),
    ("picks.csv", "ttft_s_mean", &["ttft_s_mean", "throughput_tokens_per_s", "cost"]),
    ("sensitivity.csv", "ttft_s_mean", &["ttft_s_mean", "cost", "pick_changes", "pick"]),
    ("break-even.csv", "price_factor", &["price_factor"]),
    ("runs.csv", "why", &["requests", "step_law", "lower_tiers", "not_followed"]),
    ("figures.csv", "measured", &["measured", "simulated"]),
    ("regret.csv", "value", &["value", "regret_percent", "best_at"]),
    ("claims.csv", "says", &["ours", "verdict", "best_regime"]),
    ("regimes.csv", "improvement_percent", &["improvement_percent"]),
    ("surfaces.csv", "interaction_percent", &["interaction_percent", "turns", "bend_ratio"]),
    (
        "against.csv",
        "ttft_improvement_percent",
        &["ttft_improvement_percent", "queue_s_mean_without", "read_s_mean"],
    ),
    (
        "reuse.csv",
        "hits",
        &[
            "hits",
            "hit_token_percent",
            "full_blocks_for_90_hits_percent",
            "blocks_for_90_hits_percent",
            "interval_s_p50",
        ],
    ),
    ("strategies.csv", "cost", &["cost", "cost_regret_percent", "ttft_s_mean", "windows_kept"]),
    (
        "recovery.csv",
        "busy_share",
        &["busy_share", "hit_ratio_end*", "ttft_s_end*", "hits_back_min", "ttft_back_min"],
    ),
    (
        "searches.csv",
        "points",
        &["points", "reached", "evaluations_p50", "ended_p50", "share_p50", "igd_plus_p50"],
    ),
    (
        "group-ttl.csv",
        "storage_gib_hours",
        &["storage_gib_hours", "reuse_ratio", "reuse_ratio_one", "model_gain_percent"],
    ),
];

/// Traces and recorded runs that need `../shared`, as the experiments name them, in the first column of a table.
const PUBLIC: [&str; 5] = ["conversation", "agentic", "synthetic", "ragpulse", "emu-hbm-light"];

fn experiments() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../experiments");
    let entries = std::fs::read_dir(folder).expect("experiments/");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    assert!(!files.is_empty());
    files
}

/// The tables of a record as text: rows of public traces, or all others.
fn figures(record: &Path, public: bool) -> String {
    let mut text = String::new();
    for (name, keys_end, figures) in TABLES {
        let Ok(mut table) = csv::Reader::from_path(record.join(name)) else { continue };
        let header = table.headers().expect("a header").clone();
        let keys = header.iter().position(|column| column == keys_end);
        let keys = keys.unwrap_or_else(|| panic!("{name} has no column {keys_end}"));
        let shown = |(at, column): &(usize, &str)| {
            let fits = |figure: &&str| {
                figure.strip_suffix('*').map_or(column == figure, |start| column.starts_with(start))
            };
            *at < keys || figures.iter().any(fits)
        };
        let columns: Vec<(usize, &str)> = header.iter().enumerate().filter(shown).collect();
        let mut rows = vec![columns.iter().map(|(_, column)| (*column).to_owned()).collect()];
        // A claim about regimes, about cases beside one of them, or about coming back rests on all traces.
        let of_all =
            ["regimes.csv", "against.csv", "recovery.csv"].iter().any(|table| record.join(table).exists());
        let of_all_traces = name == "claims.csv" && of_all;
        for row in table.records() {
            let row = row.expect("a row");
            let is_public = of_all_traces
                || row.get(0).is_some_and(|first| PUBLIC.iter().any(|trace| is_about(first, trace)));
            if is_public == public {
                rows.push(columns.iter().map(|(at, _)| rounded(&row[*at])).collect());
            }
        }
        if rows.len() > 1 {
            write!(text, "{name}\n{}\n", aligned(&rows)).expect("a string takes all");
        }
    }
    text
}

/// A claim's id begins with the case, as in `agentic, online, reuse`.
fn is_about(first_column: &str, trace: &str) -> bool {
    first_column.strip_prefix(trace).is_some_and(|rest| rest.is_empty() || rest.starts_with(','))
}

/// A figure with nine digits; anything else as it is.
fn rounded(cell: &str) -> String {
    match cell.parse::<f64>() {
        Ok(value) if cell.contains('.') && value != 0.0 => {
            let digits_before = value.abs().log10().floor() as i32 + 1;
            format!("{value:.*}", usize::try_from(9 - digits_before).unwrap_or(0).min(12))
        }
        _ => cell.to_owned(),
    }
}

fn aligned(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

#[test]
fn the_experiments_of_this_repository_give_what_they_gave() {
    let bench = Bench::new();
    let files = experiments();
    let mut arguments = vec!["run", "--scale", "smoke", "-o", "out"];
    arguments.extend(files.iter().map(|path| path.to_str().expect("a path in UTF-8")));
    bench.stdout(&arguments);
    bench.stdout(&["report", "out"]);
    let with_public = test_data::shared("mooncake").is_some();
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    let mut compared = Vec::new();
    for file in &files {
        let name = file.file_stem().expect("a name").to_str().expect("UTF-8").to_owned();
        let record = bench.path("out").join(&name);
        let public = figures(&record, true);
        if with_public && !public.is_empty() {
            compared.push((format!("{name}-public-traces"), public));
        }
        compared.push((name, figures(&record, false)));
    }
    // A change of the simulator shows in many experiments: all are compared before the test fails.
    compared.retain(|(name, text)| {
        let compare = || settings.bind(|| insta::assert_snapshot!(name.as_str(), text));
        catch_unwind(AssertUnwindSafe(compare)).is_err()
    });
    let changed: Vec<String> = compared.into_iter().map(|(name, _)| name).collect();
    assert!(changed.is_empty(), "these have other figures than before: {}", changed.join(", "));
}
