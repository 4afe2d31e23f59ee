//! The figures of an evaluation by name, unit last. Archives hold them; claims and constraints may name them.
//!
//! Every point of an experiment has the same figures. Where a point lacks a tier, the hits, sizes and costs of that
//! tier are truly 0.

use std::collections::BTreeMap;

use kv_core::figures::{Figure, Figures};
use kv_core::units::{GIB, s_from_ns};
use tier_sim::{RunStats, Summary};

use super::settle::figures;
use super::{Bill, Outcome};
use crate::deployment::Deployment;

/// Every figure of an evaluation, with its unit and whether more or less of it is better. A figure that this file computes has
/// its declaration here.
pub const FIGURES: Figures = Figures(&[
    Figure::less("ttft_s_*", "s"),
    Figure::more("throughput_tokens_per_s", "tokens/s"),
    Figure::less("cost", "currency"),
    Figure::less("tpot_s_*", "s"),
    Figure::less("e2e_s_*", "s"),
    Figure::less("queue_s_*", "s"),
    Figure::less("load_s_*", "s"),
    Figure::less("makespan_s", "s"),
    Figure::more("hit_ratio", "1"),
    Figure::more("hit_ratio_*", "1"),
    Figure::less("recomputed_tokens", "tokens"),
    Figure::less("preemptions", "1"),
    Figure::less("rejected_requests", "1"),
    Figure::more("longest_request_tokens", "tokens"),
    Figure::less("gpu_hours", "h"),
    Figure::less("peak_gib_*", "GiB"),
    Figure::more("read_blocks_*", "1"),
    Figure::less("bought_gib_*", "GiB"),
    Figure::less("cost_*", "currency"),
]);

const QUANTILES: [&str; 4] = ["mean", "p50", "p90", "p99"];

/// The figures of a run by name.
pub(super) fn all(plan: &Deployment, outcome: &Outcome) -> BTreeMap<String, f64> {
    figures_of(plan, &outcome.stats, &outcome.bought_bytes, &outcome.bill)
}

fn figures_of(
    plan: &Deployment,
    stats: &RunStats,
    bought_bytes: &[u64],
    bill: &Bill,
) -> BTreeMap<String, f64> {
    let mut metrics = BTreeMap::new();
    let mut put = |name: String, value: f64| {
        metrics.insert(name, value);
    };
    for (name, summary) in [
        ("ttft_s", stats.ttft_s()),
        ("tpot_s", stats.tpot_s()),
        ("e2e_s", stats.e2e_s()),
        ("queue_s", stats.queue_s()),
        ("load_s", stats.load_s()),
    ] {
        for (quantile, value) in QUANTILES.iter().zip(values(&summary)) {
            put(format!("{name}_{quantile}"), value);
        }
    }
    let recomputed: u64 = stats.requests.iter().map(|r| u64::from(r.recomputed_tokens)).sum();
    let prompt_tokens = stats.prompt_tokens().max(1) as f64;
    put("throughput_tokens_per_s".to_owned(), stats.throughput_tokens_per_s());
    put("cost".to_owned(), bill.total());
    put("makespan_s".to_owned(), s_from_ns(stats.makespan_ns));
    put("hit_ratio".to_owned(), stats.hit_ratio());
    put("recomputed_tokens".to_owned(), recomputed as f64);
    put("preemptions".to_owned(), stats.preemptions() as f64);
    put("rejected_requests".to_owned(), stats.rejected() as f64);
    put("longest_request_tokens".to_owned(), f64::from(stats.longest_request_tokens));
    put("gpu_hours".to_owned(), bill.gpu_hours);
    let names = std::iter::once("hbm").chain(plan.tiers.iter().map(|tier| tier.name.as_str()));
    for name in names {
        let hits = figures(stats, name).map_or(0, |tier| tier.hit_tokens);
        let peak = figures(stats, name).map_or(0, |tier| tier.peak_bytes);
        put(format!("hit_ratio_{name}"), hits as f64 / prompt_tokens);
        put(format!("peak_gib_{name}"), peak as f64 / GIB as f64);
    }
    for tier in &plan.tiers {
        let read = figures(stats, &tier.name).map_or(0, |figures| figures.read_blocks);
        put(format!("read_blocks_{}", tier.name), read as f64);
    }
    for (tier, bytes) in plan.tiers.iter().zip(bought_bytes) {
        put(format!("bought_gib_{}", tier.name), *bytes as f64 / GIB as f64);
    }
    for (part, amount) in &bill.parts {
        put(format!("cost_{part}"), *amount);
    }
    metrics
}

/// The names of all figures that evaluations of this deployment have.
pub(super) fn names(plan: &Deployment) -> Vec<String> {
    let parts = std::iter::once("gpu").chain(plan.tiers.iter().map(|tier| tier.name.as_str()));
    let bill = Bill {
        gpu_hours: 0.0,
        currency: String::new(),
        parts: parts.map(|part| (part.to_owned(), 0.0)).collect(),
    };
    let nothing = RunStats::default();
    figures_of(plan, &nothing, &vec![0; plan.tiers.len()], &bill).into_keys().collect()
}

fn values(summary: &Summary) -> [f64; 4] {
    [summary.mean, summary.p50, summary.p90, summary.p99]
}
