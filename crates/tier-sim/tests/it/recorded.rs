//! Is it true to real engines? Replays of recorded runs, from their headers alone.

use crate::setup;
use kv_core::policy::Role;
use std::io::BufReader;
use test_data::shared;
use tier_sim::engine_run::{
    Comparison, EngineRun, ReplayPolicies, compare, read_engine_run, replay_scenario,
};
use tier_sim::step::{OperatorSetup, OperatorTimes, StepModel, StepModelError};
use tier_sim::{Scenario, simulate};

/// The step model of a folder of operator times. Both machines' all-reduce: 20 us + bytes / 16 GB/s.
fn operator_model(folder: &str) -> Result<StepModel, StepModelError> {
    let text = |file: &str| {
        let path =
            shared(&format!("op-profiles/{folder}/{file}")).expect("the profile of a run lies beside it");
        std::fs::read_to_string(path).expect("it is text")
    };
    let (layers, hidden) = if folder.contains("llama3.1-8b") { (32, 4096) } else { (64, 5120) };
    let setup = OperatorSetup {
        layers,
        hidden,
        tensor_parallel: if folder.ends_with("tp2") { 2 } else { 1 },
        all_reduce_us: 20.0,
        all_reduce_bytes_per_s: 16e9,
        scale: 1.0,
    };
    let times =
        OperatorTimes::parse(setup, &text("dense.csv"), &text("per_sequence.csv"), &text("attention.csv"))?;
    Ok(StepModel::Operators(Box::new(times)))
}

/// A recorded run, and the scenario that its header describes.
pub(crate) fn load(name: &str) -> Option<(EngineRun, Scenario)> {
    let path = shared(&format!("vllm-runs/{name}.jsonl.gz"))?;
    let file = std::fs::File::open(path).expect("it exists");
    let run =
        read_engine_run(BufReader::new(flate2::read::GzDecoder::new(file))).expect("it is a recorded run");
    let policies = ReplayPolicies {
        lru: setup::policy(Role::Eviction, "lru", &[]),
        unlimited: setup::policy(Role::Lease, "unlimited", &[]),
        scheduler: setup::scheduler("vllm-v1"),
        router: setup::router("round-robin"),
    };
    let scenario = replay_scenario(&run.header, &policies, operator_model).expect("its header is sound");
    Some((run, scenario))
}

fn replay(name: &str) -> Option<Comparison> {
    let (run, scenario) = load(name)?;
    Some(compare(&run, &simulate(&scenario, &run.trace).expect("it fits")))
}

/// Errors of all figures that were measured \[%\].
fn errors(comparison: &Comparison) -> String {
    let rows = comparison.rows.iter();
    let lines =
        rows.filter_map(|row| row.error_percent.map(|error| format!("{} {error:+.2} %\n", row.figure)));
    lines.collect()
}

/// Holds a row of the README's table: each error is what is printed there, with the digits that are printed there.
fn is_in_the_readme(comparison: &Comparison, errors: &[(&str, &str)], row: &str) {
    for (figure, printed) in errors {
        let found = comparison.rows.iter().find(|row| row.figure == *figure).expect("a figure");
        let error = found.error_percent.expect("it was measured");
        if *printed == "exact" {
            assert_eq!(Some(found.simulated), found.measured, "{figure}");
            continue;
        }
        let decimals = printed.split_once('.').map_or(0, |(_, digits)| digits.len());
        assert_eq!(format!("{error:+.decimals$}"), *printed, "{figure}: {error:.3} %");
        assert!(row.contains(&format!("{printed} %")), "{figure}: {printed} % is not in `{row}`");
    }
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).expect("README.md");
    assert!(readme.contains(row), "README.md has no row `{row}`");
}

#[test]
fn hbm_only() {
    let Some(comparison) = replay("emu-hbm-light") else { return };
    insta::assert_snapshot!(errors(&comparison), @r"
    hit_tokens_hbm +0.00 %
    ttft_s_mean +1.50 %
    ttft_s_p50 +0.38 %
    ttft_s_p99 +1.83 %
    tpot_s_mean -0.07 %
    e2e_s_mean -0.11 %
    makespan_s +0.10 %
    preemptions -33.33 %
    ");
    is_in_the_readme(
        &comparison,
        &[
            ("ttft_s_mean", "+1.5"),
            ("tpot_s_mean", "-0.1"),
            ("makespan_s", "+0.1"),
            ("hit_tokens_hbm", "exact"),
        ],
        "HBM only | +1.5 % | -0.1 % | +0.1 % | exact |",
    );
}

#[test]
fn hbm_and_dram() {
    let Some(comparison) = replay("emu-dram-light") else { return };
    insta::assert_snapshot!(errors(&comparison), @r"
    hit_tokens_hbm +0.06 %
    hit_tokens_lower -0.08 %
    ttft_s_mean -1.73 %
    ttft_s_p50 -1.85 %
    ttft_s_p99 -1.17 %
    tpot_s_mean -0.25 %
    e2e_s_mean -0.25 %
    makespan_s -0.08 %
    ");
    is_in_the_readme(
        &comparison,
        &[
            ("ttft_s_mean", "-1.7"),
            ("tpot_s_mean", "-0.2"),
            ("makespan_s", "-0.1"),
            ("hit_tokens_hbm", "+0.06"),
            ("hit_tokens_lower", "-0.08"),
        ],
        "a DRAM tier | -1.7 % | -0.2 % | -0.1 % | HBM +0.06 %, DRAM -0.08 % |",
    );
}

#[test]
fn saturated_gpu() {
    let Some(comparison) = replay("rtx4090-llama3.1-8b-tp1") else { return };
    insta::assert_snapshot!(errors(&comparison), @r"
    ttft_s_mean +0.31 %
    ttft_s_p50 +0.30 %
    ttft_s_p99 +0.05 %
    tpot_s_mean -0.13 %
    e2e_s_mean +0.21 %
    makespan_s -0.05 %
    ");
    is_in_the_readme(
        &comparison,
        &[("ttft_s_mean", "+0.3"), ("tpot_s_mean", "-0.1"), ("makespan_s", "-0.1")],
        "from operator times | +0.3 % | -0.1 % | -0.1 % | not recorded |",
    );
}

#[test]
fn gpu_with_room() {
    let Some(comparison) = replay("rtxpro6000-llama3.1-8b-tp1") else { return };
    insta::assert_snapshot!(errors(&comparison), @r"
    ttft_s_mean -11.23 %
    ttft_s_p50 -15.64 %
    ttft_s_p99 -8.73 %
    tpot_s_mean -4.33 %
    e2e_s_mean -6.11 %
    makespan_s -4.72 %
    ");
    is_in_the_readme(
        &comparison,
        &[("ttft_s_mean", "-11"), ("tpot_s_mean", "-4.3"), ("makespan_s", "-4.7")],
        "from operator times | -11 % | -4.3 % | -4.7 % | not recorded |",
    );
}
