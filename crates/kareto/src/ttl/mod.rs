//! Group TTL: how long to keep the blocks of each prefix group, for the most hits at a given storage.
//!
//! The paper's Algorithm 2 and ours. [`Groups`] are the most frequent prefix subtrees, [`Reuse`] is when their blocks are
//! used again, a [`Curve`] turns that into hits H_g(t) and storage C_g(t), and a [`Method`] chooses one TTL per group.
//! H_g is a step function, so only its steps matter and the choice is a multiple-choice knapsack.
//! Storage is counted in block-nanoseconds; what a block weighs and costs is not known here, nor is the simulator: a
//! tuned TTL is a model's promise until it has been simulated.

mod answer;
mod auto;
mod baselines;
mod curve;
mod frontier;
mod groups;
mod hull;
mod prefixes;
mod relaxed;
mod replay;
mod reuse;
mod schedule;
mod seen;
mod slsqp_starts;

use kv_core::units::{GIB, NS_PER_S};
use thiserror::Error;

pub use answer::{Answer, Count, CurvePoint, GroupRow, Prefix, Question, Total, WAYS, Way};
pub use auto::{Flattening, flattening};
pub use baselines::{Oracle, levelled, oracle, uniform};
pub use curve::{Curve, Step, TailCharge, curves};
pub use frontier::{Frontier, FrontierPoint};
pub use groups::{Groups, Head};
pub use hull::hull;
pub use prefixes::tune_whole_prefixes;
pub use replay::{Replayed, replay, replay_with};
pub use reuse::{GroupReuse, Reuse};
pub use schedule::{Retuning, Schedule};
pub use seen::Seen;
pub use slsqp_starts::slsqp;

/// Names the code of this module: changes when other TTLs may be chosen.
pub const REVISION: &str = env!("CODE_REVISION");

/// A way to choose TTLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Ours: hull by slope, reduced-cost fixing, branch and bound; with an upper bound.
    Hull,
    /// The paper's: SLSQP from floor(sqrt K) + 1 starts on smoothed curves.
    Slsqp,
}

/// The methods by name. What they are compared with is [`uniform`], one TTL for all groups, and [`oracle`], a ceiling.
pub const METHODS: [(&str, Method); 2] = [("hull", Method::Hull), ("slsqp", Method::Slsqp)];

/// TTLs that were chosen, with what the model expects of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuned {
    /// What each group was given and what it brings.
    pub groups: Vec<Step>,
    /// TTL of each group [ns]; a block is hit after an idle time of at most this.
    pub ttl_ns: Vec<u64>,
    /// Block hits over the trace.
    pub hits: u64,
    /// Storage [block-ns]; within the budget.
    pub storage_block_ns: u128,
    /// No choice of TTLs has more hits than this, where the method proves it.
    pub upper_bound: Option<u64>,
}

impl Tuned {
    /// Reads totals off the curves.
    fn of(curves: &[Curve], steps: &[usize], upper_bound: Option<u64>) -> Self {
        let groups: Vec<Step> = curves.iter().zip(steps).map(|(curve, &step)| curve.steps()[step]).collect();
        Self::with(groups, upper_bound)
    }

    /// Sums up what groups were given.
    fn with(groups: Vec<Step>, upper_bound: Option<u64>) -> Self {
        let ttl_ns = groups.iter().map(|step| step.ttl_ns).collect();
        let hits = groups.iter().map(|step| step.hits).sum();
        let storage_block_ns = groups.iter().map(|step| step.storage_block_ns).sum();
        Self { groups, ttl_ns, hits, storage_block_ns, upper_bound }
    }

    /// How far the hits may be from the best, as a fraction of the bound; none where nothing is proved.
    #[must_use]
    pub fn gap(&self) -> Option<f64> {
        let bound = self.upper_bound?;
        Some(if bound == 0 { 0.0 } else { (bound - self.hits) as f64 / bound as f64 })
    }
}

/// A tuning that cannot be done.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TtlError {
    /// More groups than ids, or none.
    #[error("{groups} prefix groups; ask for 1 to {}", u16::MAX)]
    Groups {
        /// The number asked for.
        groups: usize,
    },
    /// Windows without length.
    #[error("windows of 0 ns; a window has a length")]
    Window,
    /// A budget that is no amount.
    #[error(
        "a budget of {gib_hours} GiB-hours with blocks of {block_bytes} bytes; both must be positive and finite"
    )]
    Budget {
        /// The budget asked for.
        gib_hours: f64,
        /// Size of a block [B].
        block_bytes: u64,
    },
}

/// Chooses a TTL per group by a method, within a budget [block-ns].
#[must_use]
pub fn tune(curves: &[Curve], budget_block_ns: u128, method: Method) -> Tuned {
    match method {
        Method::Hull => hull(curves, budget_block_ns),
        Method::Slsqp => slsqp(curves, budget_block_ns),
    }
}

/// A budget in block-ns from GiB-hours, for blocks of a size [B].
///
/// # Errors
/// [`TtlError::Budget`] unless both are positive and finite.
pub fn budget_block_ns(gib_hours: f64, block_bytes: u64) -> Result<u128, TtlError> {
    if !(gib_hours.is_finite() && gib_hours > 0.0) || block_bytes == 0 {
        return Err(TtlError::Budget { gib_hours, block_bytes });
    }
    Ok((gib_hours * GIB as f64 / block_bytes as f64 * 3_600.0 * NS_PER_S as f64) as u128)
}

/// Storage in GiB-hours from block-ns, for blocks of a size [B].
#[must_use]
pub fn gib_hours(storage_block_ns: u128, block_bytes: u64) -> f64 {
    storage_block_ns as f64 * block_bytes as f64 / (GIB as f64 * 3_600.0 * NS_PER_S as f64)
}
