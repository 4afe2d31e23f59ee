//! `kareto trace curve`: the hits of a cache by policy and capacity.

use clap::Args;
use serde_json::json;
use trace_synth::curve::{CachePolicy, hit_curve};

use super::common::Input;
use crate::error::CliError;
use crate::output::{aligned, print};

/// Arguments of `trace curve`.
#[derive(Debug, Args)]
pub(crate) struct Curve {
    #[command(flatten)]
    input: Input,
    /// Policies: lru, fifo, opt (the best prefix-closed choice with the whole trace known; exact for blocks).
    #[arg(long, value_delimiter = ',', default_value = "lru,fifo,opt", value_name = "NAMES")]
    policy: Vec<String>,
    /// Capacities [blocks]; without it, every tenth of the trace's distinct blocks.
    #[arg(long, value_delimiter = ',', value_name = "BLOCKS")]
    capacity_blocks: Vec<usize>,
    /// Print a JSON array of rows instead of a table.
    #[arg(long)]
    json: bool,
}

/// Reads a trace and prints its hit curves. They are of the whole trace from a cold start. A hit is the leading run of
/// resident blocks.
pub(super) fn curve(args: &Curve) -> Result<(), CliError> {
    let policies: Vec<CachePolicy> = args.policy.iter().map(|name| policy(name)).collect::<Result<_, _>>()?;
    let trace = args.input.read()?;
    args.input.needs_sharing(&trace)?;
    let tenths: Vec<usize> = (1..=10).map(|tenth| trace.unique_blocks() * tenth / 10).collect();
    let capacities = if args.capacity_blocks.is_empty() { &tenths } else { &args.capacity_blocks };
    let points: Vec<_> = policies.iter().flat_map(|&policy| hit_curve(&trace, policy, capacities)).collect();
    if args.json {
        return print(&format!("{:#}\n", json!(points)));
    }
    let header = ["policy", "capacity_blocks", "hit_blocks", "block_hit_ratio", "token_hit_ratio"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(points.iter().map(|point| {
        vec![
            point.policy.name().to_owned(),
            point.capacity_blocks.to_string(),
            point.hit_blocks.to_string(),
            format!("{:.6}", point.block_hit_ratio),
            format!("{:.6}", point.token_hit_ratio),
        ]
    }));
    print(&aligned(&rows))
}

fn policy(name: &str) -> Result<CachePolicy, CliError> {
    let found = CachePolicy::ALL.into_iter().find(|policy| policy.name() == name);
    let names = CachePolicy::ALL.map(CachePolicy::name).join(", ");
    found
        .ok_or_else(|| CliError::user(format!("--policy is {name:?}; expected {names}, separated by commas")))
}
