//! How much DRAM does a chat service need? Simulates half an hour of synthesised chat with several sizes of DRAM, without
//! the binary `kareto` and without a file.
//!
//! ```text
//! cargo run --release -p tier-sim --example dram_sizes
//! ```
#![allow(clippy::print_stdout, reason = "an example prints what it found")]

use kv_core::policy::Role;
use std::error::Error;
use tier_sim::step::{AdditiveLaw, StepModel};
use tier_sim::{Engine, LinkSpec, Policy, Scenario, Tier, simulate};
use trace_synth::{resolve_outputs, synth};

/// KV of one token of Qwen3-32B in 16 bits \[B\]: 64 layers, 8 KV heads of 128, keys and values.
const KV_BYTES_PER_TOKEN: u64 = 64 * 8 * 128 * 2 * 2;

fn main() -> Result<(), Box<dyn Error>> {
    let mut recipe = synth::embedded("chat").ok_or("the recipe comes with trace-synth")?;
    recipe.duration_s = 1800.0;
    recipe.sessions_per_s /= 4.0;
    let trace = resolve_outputs(synth::synthesise(&recipe, 1)?);
    let block_bytes = KV_BYTES_PER_TOKEN * u64::from(trace.block_tokens());

    let catalogue = policies::all_roles();
    let policy = |role, name| Policy::named(&catalogue, role, name);
    // A step takes 8 ms, 30 us for each new token, and 20 ns for each token that a decode reads.
    let step = StepModel::Additive(AdditiveLaw::new(8e-3, 30e-6, 0.0, 20e-9, 40e-6)?);
    let engine = Engine::vllm(policy(Role::Scheduler, "vllm-v1")?, step, 8192, 256);
    let router = policy(Role::Router, "cache-aware")?;
    let hbm_blocks = u32::try_from((40 << 30) / block_bytes)?;
    let base = Scenario::one_instance(engine, KV_BYTES_PER_TOKEN, 64, hbm_blocks, router);

    println!("{} requests", trace.len());
    println!("DRAM [GiB]  hit ratio  mean TTFT [s]  tokens/s");
    for dram_gib in [0_u64, 32, 128, 512] {
        let mut scenario = base.clone();
        if dram_gib > 0 {
            let blocks = u32::try_from((dram_gib << 30) / block_bytes)?;
            let link = LinkSpec::fifo(50_000_000_000, 10_000);
            let (lru, unlimited) = (policy(Role::Eviction, "lru")?, policy(Role::Lease, "unlimited")?);
            scenario.tiers.push(Tier::written_through("dram", Some(blocks), link, lru, unlimited));
        }
        let stats = simulate(&scenario, &trace)?;
        let (hits, ttft_s, rate) = (stats.hit_ratio(), stats.ttft_s().mean, stats.throughput_tokens_per_s());
        println!("{dram_gib:10}  {hits:9.3}  {ttft_s:13.3}  {rate:8.0}");
    }
    Ok(())
}
