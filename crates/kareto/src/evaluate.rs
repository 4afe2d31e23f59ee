//! What a search needs of a simulator: turn a point into objectives.
//!
//! This trait is all that the crate knows of simulation, traces' contents or prices.

use std::collections::BTreeMap;
use std::error::Error;

use serde::{Deserialize, Serialize};

use crate::archive::ArchiveError;
use crate::objectives::{NAMES, NotFinite, ObjectiveSet, Objectives};
use crate::space::Point;

/// Evaluates configurations, several at once.
///
/// The answer MUST be a function of the point: the same bits whenever and on whatever thread it is asked.
pub trait Evaluate: Sync {
    /// Simulates one configuration.
    ///
    /// # Errors
    /// Whatever keeps this point from being evaluated; it ends the search, and finished evaluations are kept.
    fn evaluate(&self, point: &Point) -> Result<Evaluation, EvaluateError>;

    /// What a search optimises. Every evaluation has these figures.
    fn objectives(&self) -> ObjectiveSet {
        ObjectiveSet::default()
    }
}

/// The answer for one point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// Mean TTFT, throughput and cost: what a search optimises unless it is told other figures.
    pub objectives: Objectives,
    /// Further figures by name (unit last), such as `ttft_s_p99`; finite. Constraints and objectives may name them.
    pub metrics: BTreeMap<String, f64>,
}

impl Evaluation {
    /// An objective or metric by name.
    #[must_use]
    pub fn figure(&self, name: &str) -> Option<f64> {
        match NAMES.iter().position(|&known| known == name) {
            Some(0) => Some(self.objectives.ttft_s_mean()),
            Some(1) => Some(self.objectives.throughput_tokens_per_s()),
            Some(_) => Some(self.objectives.cost()),
            None => self.metrics.get(name).copied(),
        }
    }

    /// Checks that every metric is finite; objectives are by construction.
    ///
    /// # Errors
    /// The first metric that is not.
    pub fn check(&self) -> Result<(), NotFinite> {
        match self.metrics.iter().find(|(_, value)| !value.is_finite()) {
            Some((figure, &value)) => Err(NotFinite { figure: figure.clone(), value }),
            None => Ok(()),
        }
    }
}

/// Why a point could not be evaluated; whatever error the evaluator has, boxed.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct EvaluateError(pub Box<dyn Error + Send + Sync>);

impl EvaluateError {
    /// Boxes an error or a message.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

impl From<ArchiveError> for EvaluateError {
    fn from(error: ArchiveError) -> Self {
        Self::new(error)
    }
}
