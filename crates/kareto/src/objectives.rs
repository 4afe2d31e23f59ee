//! The three objectives, and when one configuration is better than another.
//!
//! Every objective is a finite number, so comparisons never meet a NaN: that is checked where an [`Objectives`] is
//! made and nowhere else. Figures beyond the three live in [`crate::evaluate::Evaluation::metrics`].

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use thiserror::Error;

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
    pub fn minimised(&self) -> [f64; 3] {
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

/// Whether `left` is nowhere worse (greater) than `right` and somewhere better.
#[must_use]
pub fn dominates(left: &[f64; 3], right: &[f64; 3]) -> bool {
    left.iter().zip(right).all(|(a, b)| a <= b) && left.iter().zip(right).any(|(a, b)| a < b)
}

/// The names of the objectives as figures, in the order of [`Objectives::minimised`].
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
