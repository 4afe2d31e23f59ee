//! A realistic service for tests and benches: Qwen3-32B on 4 H100 with DRAM and a disk behind each instance.

use kv_core::Trace;
use kv_core::policy::Role;
use tier_sim::step::{AttentionCost, StepModel, StepProfile};
use tier_sim::{
    Arrivals, Contents, Duplex, Engine, FreeOrder, Generated, LinkSpec, Load, LoadDecision, Pipelining,
    Policy, Prefetch, PrefetchStart, PrefetchStop, Scenario, Scope, Sharing, Tier, WritePolicy,
};
use trace_synth::read::{ReadOptions, read_path};
use trace_synth::{resolve_outputs, synth};

const BLOCK_BYTES: u64 = 262_144 * 512;

pub(crate) fn policy(role: Role, name: &str, params: &[(String, f64)]) -> Policy {
    let registry = match role {
        Role::Eviction | Role::Lease => policies::registry(),
        Role::Router => policies::routers(),
        Role::Scheduler => policies::schedulers(),
    };
    let spec = *registry.find(role, name).expect("it is registered");
    Policy { params: spec.params(params).expect("sound parameters"), spec }
}

/// Coefficients of datasets/profiles/h100-sxm-qwen3-32b-vllm-tp4.toml.
pub(crate) fn step_model() -> StepModel {
    let tokens = [1, 2, 8, 16, 32, 64, 128, 192, 256, 384, 512, 1024, 2048, 4096, 8192, 16384];
    let dense_ms = [
        8.22258, 8.24214, 8.39043, 8.79765, 9.24055, 9.68214, 9.97965, 12.1717, 12.5009, 15.5484, 19.5997,
        34.8599, 62.2552, 121.876, 242.821, 491.706,
    ];
    let attention = [
        AttentionCost::new(0.0, 0.0, 0.0, 0.00259742, 2.13374e-5),
        AttentionCost::new(2.02963, 0.0, 7.86336e-7, 0.0, 0.0),
        AttentionCost::new(0.812033, 0.00136548, 6.08108e-7, 0.00637125, 2.06076e-5),
    ];
    let attention = attention.map(|cost| cost.expect("sound coefficients"));
    let profile = StepProfile::new(&tokens, &dense_ms, attention, 1.0, 1.52, 0.0403);
    StepModel::Profile(profile.expect("sound knots"))
}

pub(crate) fn router(name: &str) -> Policy {
    policy(Role::Router, name, &[])
}

pub(crate) fn scheduler(name: &str) -> Policy {
    policy(Role::Scheduler, name, &[])
}

pub(crate) fn link(bytes_per_s: u64, latency_ns: u64) -> LinkSpec {
    LinkSpec { bytes_per_s, latency_ns, io_per_s: None, io_per_block: 1, sharing: Sharing::Fifo }
}

pub(crate) fn tier(
    name: &str,
    capacity_blocks: Option<u32>,
    read: LinkSpec,
    write: LinkSpec,
    lease: Policy,
) -> Tier {
    Tier {
        name: name.to_owned(),
        scope: Scope::Instance,
        capacity_blocks,
        read,
        write,
        duplex: Duplex::Full,
        eviction: policy(Role::Eviction, "lru", &[]),
        lease,
        write_policy: WritePolicy::Through,
        write_backlog_ns: Some(1_000_000_000),
        contents: Contents::PromptAndOutput,
        load: Load::Layerwise,
        prefetch: Prefetch { start: PrefetchStart::Enqueue, min_tokens: 256, stop: PrefetchStop::BestEffort },
        group_leases: Vec::new(),
        kv_bytes_per_token: None,
    }
}

pub(crate) fn scenario(instances: u32, disk: Scope) -> Scenario {
    let dram_blocks = (512_u64 << 30) / BLOCK_BYTES;
    let dram = link(200_000_000_000, 10_000);
    let unlimited = policy(Role::Lease, "unlimited", &[]);
    let fixed = policy(Role::Lease, "fixed", &[("ttl_s".to_owned(), 600.0)]);
    let nvme = tier("disk", None, link(6_500_000_000, 100_000), link(4_000_000_000, 30_000), fixed);
    Scenario {
        engine: Engine {
            scheduler: scheduler("vllm-v1"),
            pipelining: Pipelining::Synchronous,
            free_order: FreeOrder::UncachedFirst,
            arrivals: Arrivals::AsGiven,
            max_batched_tokens: 8192,
            max_seqs: 256,
            window_tokens: None,
            step: step_model(),
        },
        kv_bytes_per_token: 262_144,
        layers: 64,
        hbm_blocks: 1_600,
        instances,
        router: router("cache-aware"),
        tiers: vec![
            tier("dram", Some(dram_blocks as u32), dram, dram, unlimited),
            Tier { scope: disk, ..nvme },
        ],
        load_decision: LoadDecision::Always,
        generated: Generated::Addressable,
        groups: None,
        seed: 1,
    }
}

/// The conversation trace, where it is at hand.
pub(crate) fn conversation() -> Option<Trace> {
    let path = test_data::shared("mooncake/conversation_trace.jsonl.gz")?;
    let trace = read_path(&path, &ReadOptions::AS_FILED).expect("the conversation trace is sound");
    Some(resolve_outputs(trace))
}

/// The synthesised chat trace at a tenth of its rate, of a length \[s\].
pub(crate) fn quiet_chat(duration_s: f64) -> Trace {
    let mut recipe = synth::embedded("chat").expect("it comes with the program");
    recipe.duration_s = duration_s;
    recipe.sessions_per_s /= 10.0;
    resolve_outputs(synth::synthesise(&recipe, 1).expect("a sound recipe"))
}

/// One instance for it, with tiers so small that they are full within minutes.
pub(crate) fn quiet_scenario(max_seqs: u32) -> Scenario {
    let mut scenario = scenario(1, Scope::Instance);
    scenario.engine.max_seqs = max_seqs;
    scenario.hbm_blocks = 5_000;
    scenario.tiers[0].capacity_blocks = Some(10_000);
    scenario.tiers[1].lease = policy(Role::Lease, "fixed", &[("ttl_s".to_owned(), 60.0)]);
    scenario
}
