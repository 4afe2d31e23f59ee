//! What do leases cost? Storage and computing of every block on its own, in a tier without other bounds.

use crate::traces::{conversation, made, public};
use kv_core::policy::{Access, Build, Context, Lease, Role};
use kv_core::{Group, Trace};
use policies::registry;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Seconds of storage that cost as much as computing a block.
const BREAK_EVENS_S: [f64; 4] = [1.0, 10.0, 100.0, 1000.0];

/// Cost in computations of a block, and the different durations that leases had.
struct Bill {
    cost: f64,
    durations: usize,
}

fn bill(policy: &str, trace: &Trace, break_even_s: f64) -> Bill {
    let registry = registry();
    let spec = registry.find(Role::Lease, policy).expect("registered");
    // 1 s of GPU at 1 an hour, against 1 GiB at 1 / break-even an hour.
    let mut given = vec![
        ("block_compute_s".to_owned(), 1.0),
        ("gpu_price_per_h".to_owned(), 1.0),
        ("block_gib".to_owned(), 1.0),
        ("price_per_gib_h".to_owned(), 1.0 / break_even_s),
    ];
    given.retain(|(key, _)| spec.params.iter().any(|param| param.name == key));
    let params = spec.params(&given).expect("valid");
    let Build::Lease(build) = spec.build else { unreachable!("found by role") };
    let context = Context { trace, capacity_blocks: None, seed: 1, group_leases: &[] };
    let mut policy = build(&params, &context);
    // Time of the last use and lease of each block.
    let mut last: Vec<Option<(u64, Lease)>> = vec![None; trace.unique_blocks()];
    let mut durations = BTreeSet::new();
    // Blocks without an end are kept 2^64 ns each: the sum needs more bits.
    let (mut computed, mut kept_ns) = (0_u64, 0_u128);
    for (request, view) in trace.requests().enumerate() {
        for (depth, &block) in view.prompt_blocks.iter().enumerate().rev() {
            let (depth, request, now_ns) = (depth as u32, request as u32, view.arrival_ns);
            let access = Access { block, depth, group: Group::REST, request, now_ns };
            let found = last[block.index()].is_some_and(|(used, lease)| {
                kept_ns += u128::from(idle_kept_ns(lease, now_ns - used));
                survives(lease, now_ns - used)
            });
            computed += u64::from(!found);
            let lease = if found { policy.on_hit(&access) } else { policy.on_insert(&access) };
            durations.extend(match lease {
                Lease::For(ns) => Some(ns),
                _ => None,
            });
            last[block.index()] = Some((now_ns, lease));
        }
    }
    // After the last use a lease is paid to its end, though the trace has ended.
    kept_ns +=
        last.iter().flatten().map(|&(_, lease)| u128::from(idle_kept_ns(lease, u64::MAX))).sum::<u128>();
    Bill { cost: computed as f64 + kept_ns as f64 / 1e9 / break_even_s, durations: durations.len() }
}

fn idle_kept_ns(lease: Lease, idle_ns: u64) -> u64 {
    match lease {
        Lease::For(ns) => ns.min(idle_ns),
        Lease::Drop => 0,
        Lease::Unlimited | Lease::Unchanged => idle_ns,
    }
}

fn survives(lease: Lease, idle_ns: u64) -> bool {
    match lease {
        Lease::For(ns) => idle_ns < ns,
        Lease::Drop => idle_ns == 0,
        Lease::Unlimited | Lease::Unchanged => true,
    }
}

/// The least cost: computed once, then for each idle time the cheaper of keeping and computing.
fn optimum(trace: &Trace, break_even_s: f64) -> f64 {
    let mut last: Vec<Option<u64>> = vec![None; trace.unique_blocks()];
    let mut cost = 0.0;
    for view in trace.requests() {
        for &block in view.prompt_blocks {
            let idle_ns = last[block.index()].replace(view.arrival_ns).map(|used| view.arrival_ns - used);
            cost += idle_ns.map_or(1.0, |idle_ns| (idle_ns as f64 / 1e9 / break_even_s).min(1.0));
        }
    }
    cost
}

fn traces() -> Option<Vec<(&'static str, Trace)>> {
    Some(vec![
        ("conversation", conversation()?),
        ("synthetic", public("mooncake/synthetic_trace.jsonl.gz", None)?),
        ("agentic", public("agentic/agentic_2h_blk512.jsonl.gz", None)?),
        ("ragpulse", public("ragpulse/ragpulse_blk64.jsonl.gz", Some(64))?),
        // The other two recorded runs served the same requests.
        ("run on a 4090", public("vllm-runs/rtx4090-llama3.1-8b-tp1.jsonl.gz", None)?),
        ("run on CPU", public("vllm-runs/emu-hbm-light.jsonl.gz", None)?),
    ])
}

/// Cost of ski rental over that of the optimum: at most 2, and shown for every trace at hand.
fn ratios(traces: &[(&str, Trace)]) -> String {
    let head: String = BREAK_EVENS_S.iter().map(|seconds| format!("{seconds:>8} s")).collect();
    let mut table = format!("{:<14}{head}\n", "break-even");
    for (name, trace) in traces {
        write!(table, "{name:<14}").expect("a string takes all");
        for break_even_s in BREAK_EVENS_S {
            let least = optimum(trace, break_even_s);
            let ratio = bill("ski-rental", trace, break_even_s).cost / least;
            assert!((1.0..=2.0).contains(&ratio), "{name} at {break_even_s} s: {ratio}");
            let oracle = bill("oracle", trace, break_even_s).cost / least;
            assert!(
                (oracle - 1.0).abs() < 1e-6,
                "{name} at {break_even_s} s: the oracle costs {oracle} times the least"
            );
            write!(table, "{ratio:>10.3}").expect("a string takes all");
        }
        table.push('\n');
    }
    table
}

#[test]
fn ski_rental_costs_at_most_twice_the_least() {
    insta::assert_snapshot!(ratios(&[("made", made())]));
}

#[test]
fn ski_rental_costs_at_most_twice_the_least_on_public_traces() {
    let Some(traces) = traces() else { return };
    insta::assert_snapshot!(ratios(&traces));
}

/// The simulator keeps one queue a duration, so there should be few.
#[test]
fn leases_have_few_durations() {
    let trace = made();
    for policy in ["ski-rental", "oracle", "hybrid-histogram", "unlimited", "per-group"] {
        let durations = bill(policy, &trace, 100.0).durations;
        assert!(durations <= 64, "{policy}: {durations}");
    }
}
