//! A service so small that its times can be worked out on paper: blocks of 4 tokens and 4000 bytes, links of one
//! byte per nanosecond, and steps of 10 us plus 1 us per new token.

use crate::setup;
use kv_core::policy::Role;
use kv_core::{Trace, TraceBuilder};
use tier_sim::step::{AdditiveLaw, StepModel};
use tier_sim::{
    Arrivals, Contents, Engine, FreeOrder, Generated, Load, LoadDecision, Pipelining, Scenario, Tier,
};

pub(crate) const BLOCK_TOKENS: u32 = 4;
pub(crate) const BLOCK_BYTES: u64 = 4000;

/// What a step of `tokens` new tokens takes [ns].
pub(crate) fn step_ns(tokens: u64) -> u64 {
    10_000 + 1_000 * tokens
}

/// One instance with `hbm_blocks` blocks and nothing below.
pub(crate) fn hbm_only(hbm_blocks: u32) -> Scenario {
    let law = AdditiveLaw::new(10e-6, 1e-6, 0.0, 0.0, 0.0).expect("sound coefficients");
    Scenario {
        engine: Engine {
            scheduler: setup::scheduler("vllm-v1"),
            pipelining: Pipelining::Synchronous,
            free_order: FreeOrder::UncachedFirst,
            arrivals: Arrivals::AsGiven,
            max_batched_tokens: 64,
            max_seqs: 8,
            window_tokens: None,
            step: StepModel::Additive(law),
        },
        kv_bytes_per_token: BLOCK_BYTES / u64::from(BLOCK_TOKENS),
        layers: 4,
        hbm_blocks,
        instances: 1,
        router: setup::router("round-robin"),
        tiers: Vec::new(),
        load_decision: LoadDecision::Always,
        generated: Generated::Addressable,
        groups: None,
        seed: 1,
    }
}

/// A DRAM of `blocks` blocks whose copies take `latency_ns` and 4000 ns a block.
pub(crate) fn dram(blocks: Option<u32>, latency_ns: u64, load: Load) -> Tier {
    let link = setup::link(1_000_000_000, latency_ns);
    let tier = setup::tier("dram", blocks, link, link, setup::policy(Role::Lease, "unlimited", &[]));
    Tier { write_backlog_ns: None, contents: Contents::Prompt, load, ..tier }
}

/// A trace of (arrival [us], blocks of the prompt, output [tokens]); a prompt ends with its last block.
pub(crate) fn trace(requests: &[(u64, &[u64], u32)]) -> Trace {
    let mut builder = TraceBuilder::new(BLOCK_TOKENS);
    for &(arrival_us, ids, output) in requests {
        let tokens = ids.len() as u32 * BLOCK_TOKENS;
        builder.push(arrival_us * 1000, tokens, output, ids, None).expect("ids name prefixes");
    }
    builder.finish()
}
