//! How long an engine step takes, in exact femtoseconds.
//!
//! A step serves prefill chunks and decodes. Every model quantises its coefficients once, at load, so that the sum
//! over a run of decode steps is an integer that the closed form and a step-by-step loop agree on to the last bit.

mod additive;
mod attention_grid;
mod operators;
mod profile;
mod table;

pub use additive::AdditiveLaw;
pub use operators::{OperatorSetup, OperatorTimes};
pub use profile::{AttentionCost, StepProfile};
pub use table::{GridMs, StepTable, TableMs};

use thiserror::Error;

/// A prefill chunk in a step: `new` tokens after `context` that are there already, both \[tokens\].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// Tokens computed in this step, at least 1.
    pub new: u32,
    /// Tokens before them, cached or computed.
    pub context: u32,
}

/// What one step serves.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// Prefill chunks.
    pub chunks: &'a [Chunk],
    /// Sequences that decode one token.
    pub decodes: u32,
    /// Sum over those of the tokens they attend to, the new one not counted \[tokens\].
    pub decode_context: u64,
}

impl Work<'_> {
    /// New tokens in the step.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        self.chunks.iter().map(|c| u64::from(c.new)).sum::<u64>() + u64::from(self.decodes)
    }

    /// Sequences in the step.
    #[must_use]
    pub fn sequences(&self) -> u64 {
        self.chunks.len() as u64 + u64::from(self.decodes)
    }
}

/// A step-time model.
#[derive(Debug, Clone, PartialEq)]
pub enum StepModel {
    /// A law that is linear in tokens, attention work, context and sequences.
    Additive(AdditiveLaw),
    /// Dense time by total tokens, and attention by step type.
    Profile(StepProfile),
    /// Measured operator times.
    Operators(Box<OperatorTimes>),
    /// Measured step times.
    Table(Box<StepTable>),
}

impl StepModel {
    /// Time of one step \[fs\]; what is beyond the range is its largest number, five hours.
    #[must_use]
    pub fn step_fs(&self, work: &Work<'_>) -> u64 {
        match self {
            Self::Additive(law) => law.step_fs(work),
            Self::Profile(profile) => profile.step_fs(work),
            Self::Operators(times) => times.step_fs(work),
            Self::Table(table) => table.step_fs(work),
        }
    }

    /// Time of `steps` decode-only steps of `decodes` sequences whose contexts sum to `context` before the first
    /// and grow by one token each per step \[fs\].
    #[must_use]
    pub fn decode_run_fs(&self, decodes: u32, context: u64, steps: u64) -> u128 {
        let first = self.step_fs(&Work { chunks: &[], decodes, decode_context: context });
        match self.growth_per_step_fs(decodes) {
            Some(growth) => {
                let steps = u128::from(steps);
                let pairs = steps * steps.saturating_sub(1) / 2;
                (steps * u128::from(first)).saturating_add(u128::from(growth).saturating_mul(pairs))
            }
            None => (0..steps).map(|step| u128::from(self.decode_step_fs(decodes, context, step))).sum(),
        }
    }

    /// The step that comes after `step` others in a decode run \[fs\].
    fn decode_step_fs(&self, decodes: u32, context: u64, step: u64) -> u64 {
        self.step_fs(&Work { chunks: &[], decodes, decode_context: context + step * u64::from(decodes) })
    }

    /// How much longer each further decode-only step takes \[fs\], where that is the same for all of them: in a law
    /// that is linear in the summed context.
    fn growth_per_step_fs(&self, decodes: u32) -> Option<u64> {
        let per_token = match self {
            Self::Additive(law) => law.per_decode_context_fs,
            Self::Profile(profile) => profile.decode.per_context_fs,
            Self::Operators(_) | Self::Table(_) => return None,
        };
        Some(per_token.saturating_mul(u64::from(decodes)))
    }

    /// The least number of steps, at most `limit`, after which a decode run has lasted at least `fs`.
    #[must_use]
    pub fn decode_steps_to_reach(&self, decodes: u32, context: u64, fs: u128, limit: u64) -> u64 {
        if self.growth_per_step_fs(decodes).is_none() {
            let (mut steps, mut passed) = (0, 0);
            while steps < limit && passed < fs {
                passed += u128::from(self.decode_step_fs(decodes, context, steps));
                steps += 1;
            }
            return steps;
        }
        let (mut low, mut high) = (0, limit);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.decode_run_fs(decodes, context, middle) >= fs { high = middle } else { low = middle + 1 }
        }
        low
    }
}

/// A step model cannot be made.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum StepModelError {
    /// A coefficient that is negative, not a number, or too large.
    #[error("`{key}` = {value}; a step-time coefficient is a finite number from 0 to 1000 s")]
    Coefficient {
        /// Which one.
        key: &'static str,
        /// Its value, in the unit of the file.
        value: f64,
    },
    /// Knots of a piecewise linear law that are not increasing, too few, or of another number than the values.
    #[error("`{key}`: {problem}")]
    Knots {
        /// Which list.
        key: &'static str,
        /// What is wrong.
        problem: String,
    },
}

/// Quantises seconds to femtoseconds.
fn fs(key: &'static str, seconds: f64) -> Result<u64, StepModelError> {
    if seconds.is_finite() && (0.0..=1000.0).contains(&seconds) {
        Ok((seconds * 1e15).round() as u64)
    } else {
        Err(StepModelError::Coefficient { key, value: seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law() -> StepModel {
        StepModel::Additive(AdditiveLaw::new(0.008, 2.5e-5, 1e-9, 3e-8, 5e-5).unwrap())
    }

    #[test]
    fn closed_form_is_the_sum_of_steps() {
        let model = law();
        let (decodes, context) = (7, 12_345_u64);
        let mut sum = 0;
        for step in 0..1_000 {
            assert_eq!(model.decode_run_fs(decodes, context, step), sum);
            let work = Work { chunks: &[], decodes, decode_context: context + step * u64::from(decodes) };
            sum += u128::from(model.step_fs(&work));
        }
    }

    #[test]
    fn reaching_a_time_is_tight() {
        let model = law();
        for fs in [1_u128, 10_000_000_000_000, 123_456_789_012_345, 999_999_999_999_999] {
            let steps = model.decode_steps_to_reach(3, 500, fs, 1 << 20);
            assert!(model.decode_run_fs(3, 500, steps) >= fs);
            assert!(model.decode_run_fs(3, 500, steps - 1) < fs);
        }
    }
}
