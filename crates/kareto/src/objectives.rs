//! The standard objectives of an evaluation, the figures that a search optimises, and when one vector dominates another.
//!
//! Every evaluation has mean TTFT, throughput and cost ([`Objectives`]); further figures live in
//! [`Evaluation::metrics`]. A search optimises these three unless it is told others: an [`ObjectiveSet`] of two or three
//! figures. Every objective is a finite number, so comparisons never meet a NaN.

use std::cmp::Ordering;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::evaluate::Evaluation;
use crate::figures::{Figures, Sense};

/// What one configuration achieves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Objectives {
    ttft_s_mean: f64,
    throughput_tokens_per_s: f64,
    cost: f64,
}

/// An objective that is not a finite number.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{figure} is {value}; every figure of an evaluation is finite")]
pub struct NotFinite {
    /// The objective or metric.
    pub figure: String,
    /// Its value.
    pub value: f64,
}

impl Objectives {
    /// Checks and keeps the three objectives.
    ///
    /// `ttft_s_mean`: mean time to first token [s], less is better; `throughput_tokens_per_s`: more is better;
    /// `cost`: in the experiment's currency over the whole trace, less is better.
    ///
    /// # Errors
    /// If one of them is not finite.
    pub fn new(ttft_s_mean: f64, throughput_tokens_per_s: f64, cost: f64) -> Result<Self, NotFinite> {
        let all = Self { ttft_s_mean, throughput_tokens_per_s, cost };
        for (figure, value) in NAMES.iter().zip([ttft_s_mean, throughput_tokens_per_s, cost]) {
            if !value.is_finite() {
                return Err(NotFinite { figure: (*figure).to_owned(), value });
            }
        }
        Ok(all)
    }

    /// Mean time to first token [s].
    #[must_use]
    pub fn ttft_s_mean(&self) -> f64 {
        self.ttft_s_mean
    }

    /// Prompt and output tokens served per second [tokens/s].
    #[must_use]
    pub fn throughput_tokens_per_s(&self) -> f64 {
        self.throughput_tokens_per_s
    }

    /// Cost of serving the trace, in the experiment's currency.
    #[must_use]
    pub fn cost(&self) -> f64 {
        self.cost
    }

    /// TTFT, minus throughput, cost: the vector of which less is better in every entry.
    #[must_use]
    pub(crate) fn minimised(&self) -> [f64; 3] {
        [self.ttft_s_mean, 0.0 - self.throughput_tokens_per_s, self.cost]
    }

    /// Whether this is at least as good in all objectives and better in one.
    #[must_use]
    pub fn dominates(&self, other: &Self) -> bool {
        dominates(&self.minimised(), &other.minimised())
    }

    /// A total order for listings: cheaper first, then lower TTFT, then higher throughput.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        self.cost
            .total_cmp(&other.cost)
            .then(self.ttft_s_mean.total_cmp(&other.ttft_s_mean))
            .then(other.throughput_tokens_per_s.total_cmp(&self.throughput_tokens_per_s))
    }
}

/// The figures that a search optimises, two or three, each with its sense.
///
/// The default is mean TTFT, throughput and cost. Cloning is cheap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectiveSet(Arc<[Objective]>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Objective {
    name: String,
    sense: Sense,
}

/// Figures that cannot be the objectives of a search.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ObjectiveError {
    /// One figure has no front, and more than three have no exact hypervolume here.
    #[error("there are {count} objectives; allowed: two or three")]
    Count {
        /// How many were given.
        count: usize,
    },
    /// One figure is given twice.
    #[error("`{name}` is an objective twice; allowed: distinct figures")]
    Twice {
        /// The figure.
        name: String,
    },
    /// The evaluator does not declare the figure, so nobody knows whether more or less of it is better.
    #[error("the evaluator declares no figure `{name}`; allowed: {declared}")]
    Undeclared {
        /// The figure.
        name: String,
        /// What is declared, separated by commas.
        declared: String,
    },
}

impl Default for ObjectiveSet {
    fn default() -> Self {
        Self::new(&NAMES, &Figures::STANDARD).expect("three distinct figures, declared above")
    }
}

impl ObjectiveSet {
    /// The objectives of these names, with the senses that the evaluator declares.
    ///
    /// # Errors
    /// See [`ObjectiveError`].
    pub fn new<S: AsRef<str>>(names: &[S], figures: &Figures) -> Result<Self, ObjectiveError> {
        if !(2..=3).contains(&names.len()) {
            return Err(ObjectiveError::Count { count: names.len() });
        }
        let mut chosen: Vec<Objective> = Vec::with_capacity(names.len());
        for name in names.iter().map(AsRef::as_ref) {
            if chosen.iter().any(|known| known.name == name) {
                return Err(ObjectiveError::Twice { name: name.to_owned() });
            }
            let sense = figures.sense(name).ok_or_else(|| ObjectiveError::Undeclared {
                name: name.to_owned(),
                declared: figures.0.iter().map(|figure| figure.name).collect::<Vec<_>>().join(", "),
            })?;
            chosen.push(Objective { name: name.to_owned(), sense });
        }
        Ok(Self(chosen.into()))
    }

    /// The same figures under other names, as scenarios that are made one have them.
    pub(crate) fn renamed(&self, rename: impl Fn(&str) -> String) -> Self {
        let renamed = |it: &Objective| Objective { name: rename(&it.name), sense: it.sense };
        Self(self.0.iter().map(renamed).collect())
    }

    /// The names, in the order of the vectors.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> + '_ {
        self.0.iter().map(|objective| objective.name.as_str())
    }

    /// The sense of each objective, in the order of the vectors.
    pub(crate) fn senses(&self) -> impl Iterator<Item = Sense> + '_ {
        self.0.iter().map(|objective| objective.sense)
    }

    /// How many objectives there are: 2 or 3.
    #[must_use]
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The place of a figure among the objectives.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|objective| objective.name == name)
    }

    /// Whether these are mean TTFT, throughput and cost, in this order.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.names().eq(NAMES)
    }

    /// The objectives of an evaluation as a vector of which less is better in every entry. Of two objectives the third entry
    /// is 0. A figure that the evaluation lacks counts as the largest number there is; [`Self::missing`] finds it.
    #[must_use]
    pub fn minimised(&self, evaluation: &Evaluation) -> [f64; 3] {
        let mut vector = [0.0; 3];
        for (entry, objective) in vector.iter_mut().zip(self.0.iter()) {
            *entry =
                evaluation.figure(&objective.name).map_or(f64::MAX, |value| objective.sense.minimised(value));
        }
        vector
    }

    /// The first objective that an evaluation does not have.
    #[must_use]
    pub fn missing(&self, evaluation: &Evaluation) -> Option<&str> {
        self.names().find(|name| evaluation.figure(name).is_none())
    }
}

/// Whether `left` is nowhere worse (greater) than `right` and somewhere better.
#[must_use]
pub(crate) fn dominates(left: &[f64; 3], right: &[f64; 3]) -> bool {
    left.iter().zip(right).all(|(a, b)| a <= b) && left.iter().zip(right).any(|(a, b)| a < b)
}

/// The names of the objectives as figures, in the order that [`Objectives::new`] takes them.
pub const NAMES: [&str; 3] = ["ttft_s_mean", "throughput_tokens_per_s", "cost"];

/// The objectives as they stand in a file, before they are checked.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    ttft_s_mean: f64,
    throughput_tokens_per_s: f64,
    cost: f64,
}

impl TryFrom<Wire> for Objectives {
    type Error = NotFinite;

    fn try_from(wire: Wire) -> Result<Self, NotFinite> {
        Self::new(wire.ttft_s_mean, wire.throughput_tokens_per_s, wire.cost)
    }
}

impl From<Objectives> for Wire {
    fn from(from: Objectives) -> Self {
        let Objectives { ttft_s_mean, throughput_tokens_per_s, cost } = from;
        Self { ttft_s_mean, throughput_tokens_per_s, cost }
    }
}
