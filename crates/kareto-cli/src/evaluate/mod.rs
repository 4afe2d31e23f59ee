//! Evaluation of one design point: scenario, run, bill, and the figures that records keep.

mod bill;
mod metrics;
mod point;
mod scenario;
mod settle;
mod variation;

use kv_core::Trace;
use thiserror::Error;
use tier_sim::{RunStats, Scenario, ScenarioError};

pub(crate) use bill::Bill;
pub(crate) use metrics::{FIGURES, figure_names, metrics};
pub(crate) use point::{CostBeforehand, PointEvaluator, at_point};
pub(crate) use settle::check;
pub(crate) use variation::{ASSUMPTION, RESAMPLE, Variation, VariedEvaluator};

use crate::experiment::system::SystemPlan;

/// A run with its bill.
pub(crate) struct Outcome {
    pub(crate) stats: RunStats,
    /// Bytes bought of each tier of the plan, over the whole cluster; 0 for a tier that does not exist.
    pub(crate) bought_bytes: Vec<u64>,
    pub(crate) bill: Bill,
}

/// Runs a design point and prices it.
///
/// # Errors
/// A system that has no room for KV, needs more of a medium than is sold, or does not fit the trace.
pub(crate) fn evaluate(plan: &SystemPlan, trace: &Trace) -> Result<Outcome, EvaluationError> {
    settled(plan, trace).map(|(outcome, _)| outcome)
}

/// The same, with the scenario that the figures are of, to look at it again.
pub(crate) fn settled(plan: &SystemPlan, trace: &Trace) -> Result<(Outcome, Scenario), EvaluationError> {
    let settle::Settled { scenario, stats, bought_bytes } = settle::settle(plan, trace)?;
    let bill = Bill::new(plan, stats.makespan_ns, &bought_bytes);
    Ok((Outcome { stats, bought_bytes, bill }, scenario))
}

/// A design point that cannot be evaluated.
#[derive(Debug, Error)]
pub(crate) enum EvaluationError {
    /// The weights leave nothing.
    #[error(
        "HBM has no room for one KV block of {block_bytes} bytes beside weights and overhead; allowed: more or \
         larger GPUs, a smaller model, or a higher hbm_utilisation"
    )]
    NoRoomForKv {
        /// Bytes of a block.
        block_bytes: u64,
    },
    /// The simulator refuses it.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// More of a medium than is sold.
    #[error(transparent)]
    Medium(#[from] crate::data::DataError),
    /// A figure that is not a number.
    #[error(transparent)]
    NotFinite(#[from] kareto::objectives::NotFinite),
    /// A setting of the point is not possible.
    #[error("{0}")]
    Setting(String),
}
