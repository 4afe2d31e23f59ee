//! Is the simulator right where paper and pencil are enough?

use crate::small::{self, BLOCK_BYTES, step_ns};
use tier_sim::{Load, Scenario, simulate};

#[test]
fn a_request_alone_takes_the_sum_of_its_steps() {
    let blocks: Vec<u64> = (0..40).collect();
    let trace = small::trace(&[(7, &blocks, 5)]);
    let stats = simulate(&small::hbm_only(50), &trace).expect("it fits");
    let record = stats.requests[0];
    // 160 tokens in chunks of 64, 64 and 32; then four decodes.
    assert_eq!(record.ttft_ns(), step_ns(64) + step_ns(64) + step_ns(32));
    assert_eq!(record.e2e_ns() - record.ttft_ns(), 4 * step_ns(1));
    assert_eq!((stats.steps, stats.computed_tokens), (7, 164));
}

#[test]
fn a_hit_in_hbm_saves_what_it_covers_and_no_more() {
    let trace = small::trace(&[(0, &[1, 2, 3], 1), (1000, &[1, 2, 3], 1)]);
    let stats = simulate(&small::hbm_only(50), &trace).expect("it fits");
    // A hit stops one token short of the end, so the third block is computed again.
    assert_eq!(stats.requests[1].hit_hbm_tokens, 8);
    assert_eq!(stats.requests[1].ttft_ns(), step_ns(4));
}

/// A prompt of 8 blocks, one that pushes it out of HBM, and the first again.
fn loaded_again(load: Load) -> (Scenario, kv_core::Trace) {
    let first: Vec<u64> = (0..8).collect();
    let other: Vec<u64> = (100..110).collect();
    let trace = small::trace(&[(0, &first, 1), (1000, &other, 1), (2000, &first, 1)]);
    let mut scenario = small::hbm_only(10);
    scenario.tiers = vec![small::dram(None, 500, load)];
    (scenario, trace)
}

#[test]
fn a_blocking_load_alone_is_latency_and_bytes_over_bandwidth() {
    let (scenario, trace) = loaded_again(Load::Blocking);
    let record = simulate(&scenario, &trace).expect("it fits").requests[2];
    assert_eq!(record.hit_lower_tokens, 31);
    // One byte per ns; then the last token is computed for its logits.
    assert_eq!(record.ttft_ns(), 500 + 8 * BLOCK_BYTES + step_ns(1));
    assert_eq!(record.load_ns, 500 + 8 * BLOCK_BYTES);
}

#[test]
fn a_layerwise_load_costs_what_the_step_does_not_hide() {
    let (scenario, trace) = loaded_again(Load::Layerwise);
    let record = simulate(&scenario, &trace).expect("it fits").requests[2];
    let (load, step) = (500 + 8 * BLOCK_BYTES, step_ns(1));
    // Four layers: the load is the longer stage, and the last layer's part of the step comes after it.
    assert_eq!(record.ttft_ns(), load + step / 4);
    assert_eq!(record.load_ns, load + step / 4 - step);
}

#[test]
fn what_is_held_is_integrated_exactly() {
    let trace = small::trace(&[(0, &[1, 2], 1)]);
    let mut scenario = small::hbm_only(10);
    scenario.tiers = vec![small::dram(None, 0, Load::Layerwise)];
    let stats = simulate(&scenario, &trace).expect("it fits");
    // Both blocks have their places, in HBM and below, from the start of the only step.
    assert_eq!(stats.makespan_ns, step_ns(8));
    for tier in &stats.tiers {
        assert_eq!(tier.byte_ns, u128::from(2 * BLOCK_BYTES * step_ns(8)), "{}", tier.name);
    }
}
