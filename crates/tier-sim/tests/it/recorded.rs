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

/// The largest error of a figure that a replay may have \[%\].
fn holds(comparison: &Comparison, bounds: &[(&str, f64)]) {
    for (figure, bound) in bounds {
        let row = comparison.rows.iter().find(|row| row.figure == *figure).expect("a figure");
        let error = row.error_percent.expect("it was measured");
        assert!(error.abs() <= *bound, "{figure}: {error:.3} % is beyond {bound} %");
    }
}

#[test]
fn hbm_only() {
    let Some(comparison) = replay("emu-hbm-light") else { return };
    holds(
        &comparison,
        &[
            ("hit_tokens_hbm", 0.3),
            ("ttft_s_mean", 2.0),
            ("ttft_s_p99", 2.0),
            ("tpot_s_mean", 0.3),
            ("makespan_s", 0.3),
        ],
    );
}

#[test]
fn hbm_and_dram() {
    let Some(comparison) = replay("emu-dram-light") else { return };
    holds(
        &comparison,
        &[
            ("hit_tokens_hbm", 0.5),
            ("hit_tokens_lower", 0.5),
            ("ttft_s_mean", 3.0),
            ("tpot_s_mean", 0.5),
            ("makespan_s", 0.5),
        ],
    );
}

#[test]
fn saturated_gpu() {
    let Some(comparison) = replay("rtx4090-llama3.1-8b-tp1") else { return };
    println!("{:#?}", comparison.rows);
    holds(
        &comparison,
        &[("ttft_s_mean", 3.0), ("tpot_s_mean", 2.0), ("e2e_s_mean", 2.0), ("makespan_s", 1.5)],
    );
}

#[test]
fn gpu_with_room() {
    let Some(comparison) = replay("rtxpro6000-llama3.1-8b-tp1") else { return };
    println!("{:#?}", comparison.rows);
    holds(&comparison, &[("e2e_s_mean", 8.0)]);
}
