//! The simulator: a tiered KV cache under a real engine's scheduler.
//!
//! [`simulate`] replays a trace through a [`Scenario`] and returns [`RunStats`]. Time is integer nanoseconds,
//! sizes are integer bytes, and the answer depends on nothing but the arguments. Nothing here reads a file, knows
//! a price, or does work per token: see `crates/README.md` for what the hot path touches.
//!
//! ```
//! use kv_core::TraceBuilder;
//! use kv_core::policy::Role::{Eviction, Lease, Router, Scheduler};
//! use tier_sim::step::{AdditiveLaw, StepModel};
//! use tier_sim::{Engine, LinkSpec, Policy, Scenario, Tier, simulate};
//!
//! // Two turns of a conversation, one minute apart. Blocks have 512 tokens, the prompts 3 and 5 full ones.
//! let mut builder = TraceBuilder::new(512);
//! builder.push(0, 1_600, 100, &[1, 2, 3], None)?;
//! builder.push(60_000_000_000, 2_700, 100, &[1, 2, 3, 4, 5], None)?;
//! let trace = builder.finish();
//!
//! // A step takes 8 ms, and 30 us for each new token. HBM holds 6 blocks, DRAM below it 1000.
//! let policy = |role, name| Policy::named(&policies::all_roles(), role, name);
//! let step = StepModel::Additive(AdditiveLaw::new(8e-3, 30e-6, 0.0, 0.0, 0.0)?);
//! let engine = Engine::vllm(policy(Scheduler, "vllm-v1")?, step, 8192, 256);
//! let mut scenario = Scenario::one_instance(engine, 262_144, 64, 6, policy(Router, "round-robin")?);
//! let link = LinkSpec::fifo(50_000_000_000, 10_000);
//! let (lru, unlimited) = (policy(Eviction, "lru")?, policy(Lease, "unlimited")?);
//! scenario.tiers.push(Tier::written_through("dram", Some(1000), link, lru, unlimited));
//! assert_eq!(simulate(&scenario, &trace)?.requests[1].hit_hbm_tokens, 3 * 512);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod admit;
mod build;
mod choice;
mod clock;
pub mod engine_run;
mod instance;
mod leases;
mod link;
mod lookup;
pub mod observe;
mod plan;
mod pool;
mod promote;
mod recheck;
mod request;
mod residency;
mod router;
mod scenario;
mod sim;
mod stats;
pub mod step;
mod store;
mod tell;
pub mod trace_events;
mod world;

pub use build::PolicyError;
use kv_core::Trace;
pub use kv_core::policy::{Prefetch, PrefetchStart, PrefetchStop};
pub use pool::FreeOrder;
pub use scenario::{
    Arrivals, Contents, Duplex, Engine, Generated, LinkSpec, Load, LoadDecision, MOST_INSTANCES, Pipelining,
    Policy, Scenario, ScenarioError, Scope, Sharing, Tier, WritePolicy,
};
pub use stats::{LinkStats, RequestRecord, RunStats, Summary, TierStats, Turns, Unread};

/// Names the code of this crate: changes when the crate may compute something else.
pub const REVISION: &str = env!("CODE_REVISION");

/// Replays `trace` through `scenario`. A request that the engine refuses, because it is too long, has a record that says so
/// ([`RequestRecord::rejected`]); all others are served.
///
/// # Errors
/// A scenario that cannot be simulated, or whose engine refuses every request of the trace; and
/// [`ScenarioError::NeverEnds`], which only a run can tell.
pub fn simulate(scenario: &Scenario, trace: &Trace) -> Result<RunStats, ScenarioError> {
    scenario.check(trace)?;
    sim::Sim::new(scenario, trace, None).run()
}

/// [`simulate`], with what happens told to `observer` as it happens. The answer is the same.
///
/// # Errors
/// Those of [`simulate`]. All but [`ScenarioError::NeverEnds`] come before anything is told.
pub fn simulate_observed(
    scenario: &Scenario,
    trace: &Trace,
    observer: &mut dyn FnMut(&observe::Event<'_>),
) -> Result<RunStats, ScenarioError> {
    scenario.check(trace)?;
    sim::Sim::new(scenario, trace, Some(observer)).run()
}
