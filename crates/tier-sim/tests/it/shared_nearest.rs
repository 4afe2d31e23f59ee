//! Does an idle instance look again whenever another one has changed the tier that they share?
//!
//! A long run of random scenarios found this one. An oracle drops blocks as soon as they arrive, and another instance
//! stores them again at the same nanosecond: the tier is as before, but links have work that they did not have, so that
//! computing has become sooner than loading.

use crate::{naive, setup};
use kv_core::policy::Role;
use kv_core::{Trace, TraceBuilder};
use tier_sim::step::{AdditiveLaw, StepModel};
use tier_sim::{Contents, Engine, LinkSpec, Load, LoadDecision, Pipelining, Scenario, Scope, Tier, simulate};

fn trace() -> Trace {
    let own =
        |first: &[u64], rest: std::ops::RangeInclusive<u64>| [first, &rest.collect::<Vec<_>>()].concat();
    let requests = [
        (0, 12, vec![0, 1, 2]),
        (0, 8, vec![3, 4]),
        (30_741, 8, vec![0, 1]),
        (30_741, 73, own(&[3], 4..=20)),
        (30_742, 8, vec![0, 1]),
        (30_742, 36, own(&[0, 1, 2], 21..=26)),
        (30_742, 36, own(&[0, 1, 2], 21..=26)),
        (60_140, 37, own(&[3], 27..=34)),
        (63_962, 8, vec![0, 35]),
    ];
    let mut builder = TraceBuilder::new(4);
    for (arrival_ns, tokens, ids) in requests {
        builder.push(arrival_ns, tokens, 1, &ids, None).expect("ids name prefixes");
    }
    builder.finish()
}

fn scenario(seed: u64) -> Scenario {
    let oracle = [
        ("block_compute_s", 3.790_626_220_297_76e-5),
        ("gpu_price_per_h", 1.0),
        ("block_gib", 1.0),
        ("price_per_gib_h", 1.0),
        ("slack_s", 0.0),
    ];
    let lease = setup::policy(Role::Lease, "oracle", &oracle.map(|(key, value)| (key.to_owned(), value)));
    let read = LinkSpec::fifo(3_603_603_604, 0);
    let lru = setup::policy(Role::Eviction, "lru", &[]);
    let tier = Tier {
        scope: Scope::Cluster,
        write: LinkSpec::fifo(8_362_369_338, 1416),
        contents: Contents::Prompt,
        load: Load::Blocking,
        ..Tier::written_through("near", None, read, lru, lease)
    };
    // 5.689 us a step, and 1 ns a token.
    let law = AdditiveLaw::new(5.689_475_851e-6, 1e-9, 0.0, 0.0, 0.0).expect("sound coefficients");
    let engine = Engine::vllm(setup::scheduler("vllm-v1"), StepModel::Additive(law), 36, 8);
    let engine = Engine { pipelining: Pipelining::Synchronous, ..engine };
    Scenario {
        instances: 3,
        tiers: vec![tier],
        load_decision: LoadDecision::LoadOrRecompute,
        seed,
        ..Scenario::one_instance(engine, 1000, 4, 28, setup::router("power-of-two"))
    }
}

#[test]
fn a_change_that_another_change_takes_back_counts() {
    let trace = trace();
    for seed in 0..200 {
        let scenario = scenario(seed);
        let fast = simulate(&scenario, &trace).expect("it fits");
        assert_eq!(fast.requests, naive::simulate(&scenario, &trace).requests, "seed {seed}");
    }
}
