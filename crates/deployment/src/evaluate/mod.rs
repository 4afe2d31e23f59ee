//! Evaluation of a deployment: the simulator's input, the run, the bill, and the figures that records keep.

mod bill;
mod metrics;
mod revision;
mod scenario;
mod settle;

use std::collections::BTreeMap;

use kv_core::Trace;
use kv_core::units::NS_PER_S;
use thiserror::Error;
use tier_sim::{RunStats, Scenario, ScenarioError};

pub use bill::Bill;
pub use metrics::FIGURES;

use crate::deployment::Deployment;
use crate::problem::Problem;

/// A run with its bill.
pub struct Outcome {
    /// The simulator's input, from which the run can be repeated.
    pub scenario: Scenario,
    /// The statistics of the run.
    pub stats: RunStats,
    /// Bytes bought of each tier of the deployment, over the whole cluster. They are 0 for a tier that does not exist.
    pub bought_bytes: Vec<u64>,
    /// The cost of the run.
    pub bill: Bill,
}

/// What an engine refuses of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// Requests that are longer than the longest.
    pub requests: usize,
    /// The longest request that it takes, prompt and output together \[tokens\].
    pub longest_tokens: u32,
}

impl Deployment {
    /// Replays a trace and prices the run. Runs settle the size of a tier that only a lease rules.
    ///
    /// # Errors
    /// A deployment that has no room for KV, needs more of a medium than is sold, or does not fit the trace.
    pub fn evaluate(&self, trace: &Trace) -> Result<Outcome, Problem> {
        let settle::Settled { scenario, stats, bought_bytes } = settle::settle(self, trace)?;
        let bill = Bill::new(self, stats.makespan_ns, &bought_bytes);
        Ok(Outcome { scenario, stats, bought_bytes, bill })
    }

    /// Reports what [`Self::evaluate`] would refuse, without a run.
    ///
    /// # Errors
    /// Those of [`Self::evaluate`] that are known before a run.
    pub fn check(&self, trace: &Trace) -> Result<(), Problem> {
        Ok(settle::check(self, trace)?)
    }

    /// What the engine refuses of a trace because it is too long, without a run.
    ///
    /// # Errors
    /// Those of [`Self::check`] that are not about the trace.
    pub fn refused(&self, trace: &Trace) -> Result<Refused, Problem> {
        let scenario = settle::first(self, trace)?;
        let longest_tokens = scenario.longest_request_tokens(trace.block_tokens());
        Ok(Refused { requests: scenario.refused_requests(trace), longest_tokens })
    }

    /// The figures of a run by name, unit last. Every point of a design space has the same names.
    #[must_use]
    pub fn figures(&self, outcome: &Outcome) -> BTreeMap<String, f64> {
        metrics::all(self, outcome)
    }

    /// The names of [`Self::figures`].
    #[must_use]
    pub fn figure_names(&self) -> Vec<String> {
        metrics::names(self)
    }

    /// The time that the read link of a tier takes for blocks, without waiting for other transfers \[s\]. `bought_bytes` is
    /// what is bought of the tier over the whole cluster; 0 blocks, or a tier that does not exist, take no time.
    ///
    /// # Errors
    /// Those of [`Self::evaluate`] that are known before a run.
    pub fn read_s(&self, tier: &str, blocks: u64, bought_bytes: u64, trace: &Trace) -> Result<f64, Problem> {
        Ok(settle::read_s(self, (tier, bought_bytes), blocks, trace)?)
    }

    /// The part of the cost that is known before a simulation: GPUs, and tiers of a given size \[currency/s\].
    ///
    /// # Errors
    /// A tier that needs more of its medium than is sold.
    pub fn known_cost_per_s(&self) -> Result<f64, Problem> {
        Ok(Bill::new(self, NS_PER_S, &settle::given_bytes(self)?).total())
    }
}

/// A deployment that cannot be evaluated.
#[derive(Debug, Error)]
enum EvaluationError {
    /// The weights leave no room for KV.
    #[error(
        "HBM has no room for one KV block of {block_bytes} bytes beside weights and overhead; allowed: more or \
         larger GPUs, a smaller model, or a higher hbm_utilisation"
    )]
    NoRoomForKv {
        /// Bytes of a block.
        block_bytes: u64,
    },
    /// A tier that can hold nothing.
    #[error(
        "tier `{name}` has {bytes} bytes, less than one KV block of {block_bytes} bytes; allowed: 0, or at least one block"
    )]
    BelowOneBlock {
        /// The tier.
        name: String,
        /// Its size.
        bytes: u64,
        /// Bytes of a block.
        block_bytes: u64,
    },
    /// More blocks than the simulator counts.
    #[error(
        "{name} has room for {blocks} KV blocks of {block_bytes} bytes; allowed: at most {}, a smaller size or larger blocks",
        u32::MAX
    )]
    TooManyBlocks {
        /// The tier, or HBM.
        name: String,
        /// How many fit.
        blocks: u64,
        /// Bytes of a block.
        block_bytes: u64,
    },
    /// A prefetch that the engine's defaults do not complete.
    #[error("tier `{name}`: prefetch is {error}")]
    Prefetch {
        /// The tier.
        name: String,
        /// What is missing or has no effect.
        error: String,
    },
    /// The simulator refuses the deployment.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// More of a medium than is sold.
    #[error(transparent)]
    Medium(#[from] crate::data::DataError),
}

impl From<EvaluationError> for Problem {
    fn from(error: EvaluationError) -> Self {
        Self::user(error)
    }
}
