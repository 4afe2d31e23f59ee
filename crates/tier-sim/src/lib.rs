//! The simulator: a tiered KV cache under a real engine's scheduler.
//!
//! [`simulate`] replays a trace through a [`Scenario`] and returns [`RunStats`]. Time is integer nanoseconds,
//! sizes are integer bytes, and the answer depends on nothing but the arguments. Nothing here reads a file, knows
//! a price, or does work per token: see `crates/README.md` for what the hot path touches.

mod admit;
mod climb;
mod clock;
pub mod engine_run;
mod instance;
mod leases;
mod link;
mod lookup;
pub mod observe;
mod offer;
mod plan;
mod pool;
mod request;
mod router;
mod scenario;
mod sim;
mod stats;
pub mod step;
mod store;
mod world;

use kv_core::Trace;
pub use pool::FreeOrder;
pub use scenario::{
    Arrivals, Contents, Duplex, Engine, Generated, LinkSpec, Load, LoadDecision, Pipelining, Policy,
    Prefetch, PrefetchStart, PrefetchStop, Router, Scenario, ScenarioError, Scheduler, Scope, Sharing, Tier,
    WritePolicy,
};
pub use stats::{LinkStats, RequestRecord, RunStats, Summary, TierStats};

/// Names the code of this crate: changes when the crate may compute something else.
pub const REVISION: &str = env!("CODE_REVISION");

/// Replays `trace` through `scenario`.
///
/// # Errors
/// A scenario that cannot be simulated, or does not fit the trace.
pub fn simulate(scenario: &Scenario, trace: &Trace) -> Result<RunStats, ScenarioError> {
    scenario.check(trace)?;
    Ok(sim::Sim::new(scenario, trace, None).run())
}

/// [`simulate`], with what happens told to `observer` as it happens. The answer is the same.
///
/// # Errors
/// Those of [`simulate`], before anything is told.
pub fn simulate_observed(
    scenario: &Scenario,
    trace: &Trace,
    observer: &mut dyn FnMut(&observe::Event<'_>),
) -> Result<RunStats, ScenarioError> {
    scenario.check(trace)?;
    Ok(sim::Sim::new(scenario, trace, Some(observer)).run())
}
