//! Does every policy of the catalogue run in the simulator? A small trace through HBM and one tier below it.

use crate::setup;
use kv_core::policy::{Params, Role, Spec};
use kv_core::{Trace, TraceBuilder};
use tier_sim::{Arrivals, Engine, Policy, RunStats, Scenario, Tier, simulate};

const BLOCK_TOKENS: u32 = 512;

/// 300 requests, one a second: by turns one of 10 quick conversations, which come back after 20 s, and one of 30 slow
/// ones, which come back after 60 s. Each turn is two blocks longer, and all begin with one system prompt of two blocks:
/// 2 + 10 * 30 + 30 * 10 blocks.
fn trace() -> Trace {
    let mut builder = TraceBuilder::new(BLOCK_TOKENS);
    for request in 0..300_u64 {
        let (at, quick) = (request / 2, request.is_multiple_of(2));
        let (conversation, turn) = if quick { (at % 10, at / 10) } else { (10 + at % 30, at / 30) };
        let own = (0..2 * (turn + 1)).map(|block| 1000 * (conversation + 1) + block);
        let ids: Vec<u64> = [0, 1].into_iter().chain(own).collect();
        let tokens = ids.len() as u32 * BLOCK_TOKENS + 1;
        builder.push(request * 1_000_000_000, tokens, 20, &ids, None).expect("ids name prefixes");
    }
    builder.finish()
}

/// HBM for 100 blocks above a tier with this policy in its role.
fn run(trace: &Trace, spec: Spec, capacity_blocks: Option<u32>) -> RunStats {
    let chosen = Policy { params: params(&spec), spec };
    let base = setup::scenario(1, tier_sim::Scope::Instance);
    let unlimited = setup::policy(Role::Lease, "unlimited", &[]);
    let dram = setup::link(50_000_000_000, 10_000);
    let mut tier = setup::tier("dram", capacity_blocks, dram, dram, unlimited);
    match spec.role() {
        Role::Eviction => tier.eviction = chosen,
        Role::Lease => tier.lease = chosen,
        Role::Router | Role::Scheduler => unreachable!("not of a tier"),
    }
    let engine = Engine { arrivals: Arrivals::AsGiven, ..base.engine };
    let scenario = Scenario { engine, hbm_blocks: 100, tiers: vec![Tier { ..tier }], ..base };
    simulate(&scenario, trace).expect("it fits")
}

/// The defaults; what has none is set so that a block may idle for 30 s.
fn params(spec: &Spec) -> Params {
    let given = [
        ("ttl_s", 30.0),
        ("block_compute_s", 1.0),
        ("gpu_price_per_h", 1.0),
        ("block_gib", 1.0),
        ("price_per_gib_h", 1.0 / 30.0),
    ];
    let needed = given.into_iter().filter(|(key, _)| spec.params.iter().any(|param| param.name == *key));
    spec.params(&needed.map(|(key, value)| (key.to_owned(), value)).collect::<Vec<_>>()).expect("in range")
}

#[test]
fn every_eviction_policy_runs() {
    let trace = trace();
    let unbounded = run(&trace, setup::policy(Role::Eviction, "lru", &[]).spec, None);
    assert_eq!(unbounded.tiers[1].evictions, 0);
    let registry = policies::registry();
    let mut table = format!("{:<12}{:>10}{:>10}\n", "", "hits", "evictions");
    for spec in registry.specs().iter().filter(|spec| spec.role() == Role::Eviction) {
        let stats = run(&trace, *spec, Some(150));
        assert_eq!(stats, run(&trace, *spec, Some(150)), "{} twice", spec.name);
        let dram = &stats.tiers[1];
        assert_eq!(stats.requests.len(), trace.len());
        assert!(
            dram.evictions > 0 && dram.capacity_bytes.is_some_and(|most| dram.peak_bytes <= most),
            "{}",
            spec.name
        );
        assert!(stats.hit_ratio() <= unbounded.hit_ratio(), "{} hits more than there is", spec.name);
        let hits = dram.hit_tokens / u64::from(BLOCK_TOKENS);
        table += &format!("{:<12}{hits:>10}{:>10}\n", spec.name, dram.evictions);
    }
    insta::assert_snapshot!(table);
}

#[test]
fn every_lease_policy_runs() {
    let trace = trace();
    let registry = policies::registry();
    let mut table = format!("{:<18}{:>10}{:>10}{:>12}\n", "", "hits", "expiries", "peak blocks");
    for spec in registry.specs().iter().filter(|spec| spec.role() == Role::Lease) {
        let stats = run(&trace, *spec, None);
        assert_eq!(stats, run(&trace, *spec, None), "{} twice", spec.name);
        assert_eq!(stats.requests.len(), trace.len());
        let dram = &stats.tiers[1];
        let block_bytes = 262_144 * u64::from(BLOCK_TOKENS);
        let (hits, peak) = (dram.hit_tokens / u64::from(BLOCK_TOKENS), dram.peak_bytes / block_bytes);
        table += &format!("{:<18}{hits:>10}{:>10}{peak:>12}\n", spec.name, dram.expiries);
    }
    insta::assert_snapshot!(table);
}
