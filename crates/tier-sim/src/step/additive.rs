//! The additive law of a recorded engine run: one linear formula for every step type.

use super::{StepModelError, Work, fs};

/// seconds = base + per_token * tokens + per_attention * attention + per_decode_context * context + per_sequence * n.
///
/// `tokens` are all new tokens of the step; `attention` is the sum over sequences with n > 1 new tokens of
/// n (context + (n + 1) / 2); `context` is the sum over sequences with one new token of (context + 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdditiveLaw {
    base_fs: u64,
    per_token_fs: u64,
    /// Attention is counted in halves, so that (n + 1) / 2 is an integer.
    per_half_attention_fs: u64,
    pub(super) per_decode_context_fs: u64,
    per_sequence_fs: u64,
}

impl AdditiveLaw {
    /// Quantises the law's coefficients, all \[s\] per unit.
    ///
    /// # Errors
    /// A coefficient that is negative or not finite.
    pub fn new(
        base_s: f64,
        per_token_s: f64,
        per_attention_s: f64,
        per_decode_context_s: f64,
        per_sequence_s: f64,
    ) -> Result<Self, StepModelError> {
        Ok(Self {
            base_fs: fs("base", base_s)?,
            per_token_fs: fs("per_tok", per_token_s)?,
            per_half_attention_fs: fs("per_attn", per_attention_s / 2.0)?,
            per_decode_context_fs: fs("per_dec_ctx", per_decode_context_s)?,
            per_sequence_fs: fs("per_seq", per_sequence_s)?,
        })
    }

    /// Adds the engine's own time on the host: a fixed part per step and a part per sequence \[s\].
    ///
    /// # Errors
    /// A coefficient that is negative or not finite.
    pub fn with_host(mut self, per_step_s: f64, per_sequence_s: f64) -> Result<Self, StepModelError> {
        self.base_fs += fs("host0_s", per_step_s)?;
        self.per_sequence_fs += fs("host1_s_per_seq", per_sequence_s)?;
        Ok(self)
    }

    pub(super) fn step_fs(&self, work: &Work<'_>) -> u64 {
        let mut half_attention = 0;
        let mut context = work.decode_context + u64::from(work.decodes);
        for chunk in work.chunks {
            let (new, before) = (u64::from(chunk.new), u64::from(chunk.context));
            if new == 1 {
                context += before + 1; // the law sorts by new tokens, not by phase
            } else {
                half_attention += new * (2 * before + new + 1); // in range: see `MOST_BATCHED_TOKENS`
            }
        }
        self.base_fs
            .saturating_add(self.per_token_fs.saturating_mul(work.tokens()))
            .saturating_add(self.per_half_attention_fs.saturating_mul(half_attention))
            .saturating_add(self.per_decode_context_fs.saturating_mul(context))
            .saturating_add(self.per_sequence_fs.saturating_mul(work.sequences()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Chunk;
    use super::*;

    #[test]
    fn a_step_by_hand() {
        let law = AdditiveLaw::new(0.008, 2.5e-5, 1e-9, 3e-8, 5e-5).unwrap();
        // 2048 tokens after 512: tokens .0512, attention 2048 * (512 + 1024.5) = 3146752 -> .003146752,
        // two decodes at 1000 and 2000: context 3002 -> .00009006, 3 sequences .00015, 2 tokens .00005.
        let chunks = [Chunk { new: 2048, context: 512 }];
        let seconds = 0.008 + 0.0512 + 0.003_146_752 + 0.000_090_06 + 0.000_15 + 0.000_05;
        let work = Work { chunks: &chunks, decodes: 2, decode_context: 3000 };
        assert_eq!(law.step_fs(&work), (seconds * 1e15_f64).round() as u64);
    }
}
