//! Mistakes that other simulators shipped, one test each.

use crate::small;
use kv_core::Trace;
use tier_sim::{Load, LoadDecision, RequestRecord, RunStats, Scenario, Scope, Tier, simulate};

fn run(scenario: &Scenario, trace: &Trace) -> RunStats {
    simulate(scenario, trace).expect("it fits")
}

fn lower_hits(stats: &RunStats) -> u32 {
    stats.requests.iter().map(|r| r.hit_lower_tokens).sum()
}

fn with_dram(hbm_blocks: u32, dram: Tier) -> Scenario {
    let mut scenario = small::hbm_only(hbm_blocks);
    scenario.tiers = vec![dram];
    scenario
}

/// A prompt of 8 blocks, one that pushes it out of an HBM of 10, and the first again.
fn evicted_and_asked_again() -> Trace {
    let first: Vec<u64> = (0..8).collect();
    let other: Vec<u64> = (100..110).collect();
    small::trace(&[(0, &first, 1), (1000, &other, 1), (2000, &first, 1)])
}

#[test]
fn lower_tiers_are_asked_whether_hbm_is_full_or_not() {
    // The second instance has never served anything: all its HBM is free.
    let mut scenario = with_dram(50, Tier { scope: Scope::Cluster, ..small::dram(None, 0, Load::Layerwise) });
    scenario.instances = 2;
    let trace = small::trace(&[(0, &[1, 2, 3], 1), (1000, &[1, 2, 3], 1)]);
    let stats = run(&scenario, &trace);
    assert_eq!((stats.requests[1].instance, stats.requests[1].hit_lower_tokens), (1, 11));
}

#[test]
fn a_load_is_charged() {
    let trace = evicted_and_asked_again();
    for load in [Load::Blocking, Load::Layerwise] {
        let [fast, slow] = [0, 1_000_000].map(|ns| run(&with_dram(10, small::dram(None, ns, load)), &trace));
        assert_eq!(lower_hits(&fast), lower_hits(&slow));
        let later = slow.requests[2].ttft_ns() - fast.requests[2].ttft_ns();
        assert!((900_000..=1_000_000).contains(&later), "{load:?}: {later} ns");
    }
}

#[test]
fn a_hit_counts_once_however_many_chunks_follow() {
    let (head, long): (Vec<u64>, Vec<u64>) = ((0..4).collect(), (0..40).collect());
    let trace = small::trace(&[(0, &head, 1), (1000, &long, 1)]);
    let hits = [8, 64, 1000].map(|budget| {
        let mut scenario = small::hbm_only(60);
        scenario.engine.max_batched_tokens = budget;
        run(&scenario, &trace).requests[1].hit_hbm_tokens
    });
    assert_eq!(hits, [16, 16, 16]);
}

#[test]
fn the_denominator_does_not_depend_on_the_tiers() {
    let trace = evicted_and_asked_again();
    let prompt_tokens: u64 = trace.requests().map(|r| u64::from(r.prompt_tokens)).sum();
    for scenario in [small::hbm_only(10), with_dram(10, small::dram(None, 0, Load::Layerwise))] {
        let stats = run(&scenario, &trace);
        let hits: u64 = stats.tiers.iter().map(|t| t.hit_tokens).sum();
        assert_eq!(stats.hit_ratio().to_bits(), (hits as f64 / prompt_tokens as f64).to_bits());
    }
}

#[test]
fn a_hit_is_what_the_first_admission_found() {
    // Two that decode into the same few blocks: the second gives way, and then hits what it had computed itself.
    let trace = small::trace(&[(0, &[1, 2, 3], 30), (0, &[4, 5, 6], 30)]);
    let stats = run(&small::hbm_only(12), &trace);
    let preempted: Vec<&RequestRecord> = stats.requests.iter().filter(|r| r.preemptions > 0).collect();
    assert!(!preempted.is_empty());
    for r in preempted {
        assert_eq!((r.hit_hbm_tokens, r.hit_lower_tokens), (0, 0));
        assert!(r.recomputed_tokens > 0);
    }
}

#[test]
fn a_block_is_there_when_its_copy_has_arrived() {
    // Written by one instance in 5 ms, and asked for by another one before and after that.
    let again_after = |us| {
        let trace = small::trace(&[(0, &[1, 2, 3], 1), (us, &[1, 2, 3], 1)]);
        let mut dram = Tier { scope: Scope::Cluster, ..small::dram(None, 0, Load::Layerwise) };
        dram.write.latency_ns = 5_000_000;
        let mut scenario = with_dram(10, dram);
        scenario.instances = 2;
        lower_hits(&run(&scenario, &trace))
    };
    assert_eq!((again_after(4_000), again_after(6_000)), (0, 11));
}

#[test]
fn eviction_spares_the_head_of_a_prefix() {
    // DRAM holds 12 blocks: the second prompt pushes out 6 of the first, the deepest.
    let (first, other): (Vec<u64>, Vec<u64>) = ((0..10).collect(), (100..108).collect());
    let trace = small::trace(&[(0, &first, 1), (1000, &other, 1), (2000, &first, 1)]);
    let mut dram = small::dram(Some(12), 0, Load::Layerwise);
    dram.eviction = crate::setup::policy(kv_core::policy::Role::Eviction, "lru", &[]);
    let stats = run(&with_dram(10, dram), &trace);
    assert_eq!(stats.requests[2].hit_lower_tokens + stats.requests[2].hit_hbm_tokens, 4 * 4);
}

#[test]
fn nothing_is_not_everything() {
    let trace = evicted_and_asked_again();
    let hits = |blocks| lower_hits(&run(&with_dram(10, small::dram(blocks, 0, Load::Layerwise)), &trace));
    assert_eq!((hits(Some(0)), hits(None)), (0, 31));
}

#[test]
fn a_load_slower_than_computing_can_be_refused() {
    let trace = evicted_and_asked_again();
    let mut slow = small::dram(None, 0, Load::Blocking);
    slow.read.latency_ns = 1_000_000;
    let ttft = |decision| {
        let mut scenario = with_dram(10, slow.clone());
        scenario.load_decision = decision;
        run(&scenario, &trace).requests[2].ttft_ns()
    };
    assert_eq!(ttft(LoadDecision::LoadOrRecompute), small::step_ns(32));
    assert!(ttft(LoadDecision::Always) > 1_000_000);
}
