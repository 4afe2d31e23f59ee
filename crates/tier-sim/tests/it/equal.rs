//! Does the fast path equal the naive twin, to the nanosecond and the byte?
//!
//! Each test is a group of random small scenarios; the same ones in every run.

use crate::naive;
use crate::naive::generate::{Case, Layer, any_tiers, engine, table, tier, tiered, with_refusals};
use crate::outside;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRng, TestRunner};
use tier_sim::{
    Arrivals, Generated, Load, LoadDecision, Pipelining, Policy, RunStats, Scenario, Sharing, simulate,
};

/// What happened over all scenarios of a group: a group that never preempts proves nothing about preemption.
#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    preemptions: u64,
    recomputed_tokens: u64,
    load_ns: u64,
    hbm_hits: u64,
    near_hits: u64,
    far_hits: u64,
    near_evictions: u64,
    expiries: u64,
    rejections: u64,
    refused: u64,
}

impl Seen {
    fn add(&mut self, stats: &RunStats) {
        let tier = |n: usize| stats.tiers.get(n).cloned().unwrap_or_default();
        self.preemptions += stats.preemptions();
        self.refused += stats.rejected();
        self.recomputed_tokens += stats.requests.iter().map(|r| u64::from(r.recomputed_tokens)).sum::<u64>();
        self.load_ns += stats.requests.iter().map(|r| r.load_ns).sum::<u64>();
        self.hbm_hits += tier(0).hit_tokens;
        self.near_hits += tier(1).hit_tokens;
        self.far_hits += tier(2).hit_tokens;
        self.near_evictions += tier(1).evictions;
        self.expiries += tier(1).expiries + tier(2).expiries;
        self.rejections += tier(1).rejections + tier(2).rejections;
    }
}

/// Runs `cases` scenarios, the same ones every time.
fn equal(cases: u32, scenarios: impl Strategy<Value = Case>) -> Seen {
    let seen = std::cell::Cell::new(Seen::default());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200_000,
        max_shrink_time: 60_000,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&scenarios, |case| {
        let stats = check(&case)?;
        let mut sum = seen.get();
        sum.add(&stats);
        seen.set(sum);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    println!("{:?}", seen.get());
    seen.get()
}

fn check(case: &Case) -> Result<RunStats, TestCaseError> {
    let fast = simulate(&case.scenario, &case.trace).expect("it can be simulated");
    let slow = naive::simulate(&case.scenario, &case.trace);
    for (index, (fast, slow)) in fast.requests.iter().zip(&slow.requests).enumerate() {
        prop_assert_eq!(fast, slow, "request {}", index);
    }
    let (fast_rest, slow_rest) = (rest(&fast), rest(&slow));
    prop_assert_eq!(fast_rest, slow_rest);
    Ok(fast)
}

/// All but the requests. A link's busy time is counted when a transfer ends, or as time passes; at the end of a run
/// that may differ.
fn rest(stats: &RunStats) -> RunStats {
    let mut stats = RunStats { requests: Vec::new(), ..stats.clone() };
    stats.links.iter_mut().for_each(|link| link.busy_ns = 0);
    stats
}

/// The scenarios, each changed.
fn with(
    scenarios: impl Strategy<Value = Case>,
    change: impl Fn(&mut Scenario) + 'static,
) -> impl Strategy<Value = Case> {
    scenarios.prop_map(move |mut case| {
        change(&mut case.scenario);
        case
    })
}

#[test]
fn hbm_with_room() {
    let seen = equal(256, engine(0..400));
    assert!(seen.hbm_hits > 0);
}

#[test]
fn hbm_so_small_that_requests_are_preempted() {
    let seen = equal(256, with(engine(0..12), |s| s.engine.max_batched_tokens += 100));
    assert!(seen.preemptions > 0 && seen.recomputed_tokens > 0);
}

#[test]
fn generated_blocks_without_names() {
    let seen = equal(256, with(engine(0..12), |s| s.generated = Generated::Anonymous));
    assert!(seen.preemptions > 0);
}

#[test]
fn asynchronous() {
    let seen = equal(256, with(engine(0..60), |s| s.engine.pipelining = Pipelining::Asynchronous));
    assert!(seen.preemptions > 0 && seen.hbm_hits > 0);
}

/// Each scheduler there is, alone: random groups draw them too, but seldom each with little memory.
#[test]
fn every_scheduler() {
    for scheduler in outside::schedulers() {
        let name = scheduler.spec.name;
        let with_it = with(engine(0..60), move |s| s.engine.scheduler = scheduler.clone());
        let seen = equal(256, with_it);
        assert!(seen.preemptions > 0 && seen.hbm_hits > 0, "{name}");
    }
}

#[test]
fn every_scheduler_asynchronous() {
    for scheduler in outside::schedulers() {
        equal(
            128,
            with(engine(0..60), move |s| {
                s.engine.scheduler = scheduler.clone();
                s.engine.pipelining = Pipelining::Asynchronous;
            }),
        );
    }
}

#[test]
fn stamped_arrivals() {
    equal(128, with(engine(0..60), |s| s.engine.arrivals = Arrivals::StampedAtPoll));
}

fn dram(load: Load) -> impl Strategy<Value = Vec<Layer>> {
    tier("dram", load, Sharing::Fifo).prop_map(|layer| vec![layer])
}

#[test]
fn blocking_loads() {
    let seen = equal(256, tiered(0..60, dram(Load::Blocking)));
    assert!(seen.near_hits > 0 && seen.near_evictions > 0);
}

#[test]
fn blocking_loads_asynchronous() {
    let scenarios = tiered(0..60, dram(Load::Blocking));
    equal(256, with(scenarios, |s| s.engine.pipelining = Pipelining::Asynchronous));
}

#[test]
fn layerwise_loads() {
    let seen = equal(256, tiered(0..60, dram(Load::Layerwise)));
    assert!(seen.near_hits > 0 && seen.load_ns > 0);
}

#[test]
fn layerwise_loads_asynchronous() {
    let scenarios = tiered(0..60, dram(Load::Layerwise));
    equal(256, with(scenarios, |s| s.engine.pipelining = Pipelining::Asynchronous));
}

/// Tiers of any habits under an engine of any habits, with every scheduler and router that there is.
pub(crate) fn anything() -> impl Strategy<Value = Case> {
    let (schedulers, routers) = (outside::schedulers(), outside::routers());
    let one_of = |policies: &[Policy]| 0..policies.len();
    let chosen = (one_of(&schedulers), one_of(&routers));
    let engine = (any::<bool>(), chosen, any::<bool>(), any::<bool>(), 1..4_u32);
    (tiered(0..60, any_tiers()), engine).prop_map(
        move |(mut case, (asynchronous, (scheduler, router), anonymous, decides, instances))| {
            let s = &mut case.scenario;
            if asynchronous {
                s.engine.pipelining = Pipelining::Asynchronous;
            }
            s.engine.scheduler = schedulers[scheduler].clone();
            if anonymous {
                s.generated = Generated::Anonymous;
            }
            if decides {
                s.load_decision = LoadDecision::LoadOrRecompute;
            }
            s.instances = instances;
            s.router = routers[router].clone();
            case
        },
    )
}

#[test]
fn tiers_of_any_habits() {
    let seen = equal(2_000, anything());
    assert!(seen.near_hits > 0 && seen.far_hits > 0 && seen.expiries > 0 && seen.rejections > 0);
    assert!(seen.preemptions > 0 && seen.load_ns > 0 && seen.near_evictions > 0);
}

#[test]
#[ignore = "minutes: a wider search, for after a change of the simulator"]
fn tiers_of_any_habits_at_length() {
    equal(200_000, anything());
}

#[test]
fn step_times_of_a_table() {
    // A table has no closed form for a run of decodes, and may be shorter where there is more to do.
    let scenarios = (anything(), table()).prop_map(|(mut case, step)| {
        case.scenario.engine.step = step;
        case
    });
    let seen = equal(1_000, scenarios);
    assert!(seen.preemptions > 0 && seen.near_hits > 0 && seen.far_hits > 0 && seen.load_ns > 0);
}

#[test]
fn stamped_arrivals_with_tiers() {
    equal(512, with(anything(), |s| s.engine.arrivals = Arrivals::StampedAtPoll));
}

#[test]
fn requests_that_the_engine_refuses() {
    let seen = equal(1_000, with_refusals(anything()));
    assert!(seen.refused > 0 && seen.near_hits > 0 && seen.far_hits > 0);
}
