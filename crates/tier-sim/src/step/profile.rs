//! The profile: dense time by total new tokens, and attention linear in the work of each step type.
//!
//! One additive fit over all step types misses real steps by a quarter, so decode-only, prefill-only and mixed
//! steps each have their own attention coefficients.

use super::{StepModelError, Work, fs};

/// Attention time of one step type, linear in its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AttentionCost {
    pub(super) base_fs: u64,
    pub(super) per_prefill_token_fs: u64,
    /// Prefill work is the sum of new * (context + new / 2), counted in halves.
    pub(super) per_half_work_fs: u64,
    pub(super) per_decode_fs: u64,
    pub(super) per_context_fs: u64,
}

impl AttentionCost {
    /// Quantises coefficients \[ms\]: per step, per new prefill token, per unit of prefill work
    /// (new * (context + new / 2) \[tokens^2\]), per decoding sequence, per token of decode context.
    ///
    /// # Errors
    /// A coefficient that is negative or not finite.
    pub fn new(
        base_ms: f64,
        per_prefill_token_ms: f64,
        per_work_ms: f64,
        per_decode_ms: f64,
        per_context_ms: f64,
    ) -> Result<Self, StepModelError> {
        Ok(Self {
            base_fs: fs("base_ms", base_ms / 1e3)?,
            per_prefill_token_fs: fs("per_prefill_token_ms", per_prefill_token_ms / 1e3)?,
            per_half_work_fs: fs("per_work_ms", per_work_ms / 2e3)?,
            per_decode_fs: fs("per_decode_ms", per_decode_ms / 1e3)?,
            per_context_fs: fs("per_context_ms", per_context_ms / 1e3)?,
        })
    }

    fn scaled(self, scale: f64) -> Self {
        let by = |fs: u64| (fs as f64 * scale).round() as u64;
        Self {
            base_fs: by(self.base_fs),
            per_prefill_token_fs: by(self.per_prefill_token_fs),
            per_half_work_fs: by(self.per_half_work_fs),
            per_decode_fs: by(self.per_decode_fs),
            per_context_fs: by(self.per_context_fs),
        }
    }

    fn cost_fs(&self, prefill_tokens: u64, half_work: u64, work: &Work<'_>) -> u64 {
        self.base_fs
            .saturating_add(self.per_prefill_token_fs.saturating_mul(prefill_tokens))
            .saturating_add(self.per_half_work_fs.saturating_mul(half_work))
            .saturating_add(self.per_decode_fs.saturating_mul(u64::from(work.decodes)))
            .saturating_add(self.per_context_fs.saturating_mul(work.decode_context))
    }
}

/// seconds = dense(tokens) + attention(step type) + host0 + host1 * sequences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepProfile {
    /// (total new tokens, dense time \[fs\]), tokens increasing.
    dense: Vec<(u64, u64)>,
    pub(super) decode: AttentionCost,
    prefill: AttentionCost,
    mixed: AttentionCost,
    host_per_step_fs: u64,
    host_per_sequence_fs: u64,
}

impl StepProfile {
    /// Makes a profile from `dense_ms` at `tokens`, one attention cost per step type, a `scale` on both, and host
    /// time per step and per sequence \[ms\], which is not scaled.
    ///
    /// # Errors
    /// Knots that do not increase or do not pair up, or a coefficient that is negative or not finite.
    pub fn new(
        tokens: &[u32],
        dense_ms: &[f64],
        [decode, prefill, mixed]: [AttentionCost; 3],
        scale: f64,
        host_per_step_ms: f64,
        host_per_sequence_ms: f64,
    ) -> Result<Self, StepModelError> {
        let problem = if tokens.len() != dense_ms.len() {
            Some(format!("{} knots and {} times", tokens.len(), dense_ms.len()))
        } else if tokens.len() < 2 {
            Some("at least 2 knots are needed".to_owned())
        } else {
            let flat = tokens.windows(2).find(|w| w[0] >= w[1]);
            flat.map(|w| format!("knots must increase; {} is followed by {}", w[0], w[1]))
        };
        if let Some(problem) = problem {
            return Err(StepModelError::Knots { key: "tokens", problem });
        }
        fs("scale", scale)?;
        let dense = tokens
            .iter()
            .zip(dense_ms)
            .map(|(&t, &ms)| Ok((u64::from(t), fs("dense_ms", ms * scale / 1e3)?)))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            dense,
            decode: decode.scaled(scale),
            prefill: prefill.scaled(scale),
            mixed: mixed.scaled(scale),
            host_per_step_fs: fs("host_per_step_ms", host_per_step_ms / 1e3)?,
            host_per_sequence_fs: fs("host_per_sequence_ms", host_per_sequence_ms / 1e3)?,
        })
    }

    pub(super) fn step_fs(&self, work: &Work<'_>) -> u64 {
        let (mut prefill_tokens, mut half_work) = (0, 0);
        for chunk in work.chunks {
            let (new, before) = (u64::from(chunk.new), u64::from(chunk.context));
            prefill_tokens += new;
            half_work += new * (2 * before + new);
        }
        let attention = match (work.chunks.is_empty(), work.decodes) {
            (true, _) => &self.decode,
            (false, 0) => &self.prefill,
            (false, _) => &self.mixed,
        };
        self.dense_fs(prefill_tokens + u64::from(work.decodes))
            .saturating_add(attention.cost_fs(prefill_tokens, half_work, work))
            .saturating_add(self.host_per_step_fs)
            .saturating_add(self.host_per_sequence_fs.saturating_mul(work.sequences()))
    }

    /// Piecewise linear between knots, the first value below them, the last slope beyond.
    fn dense_fs(&self, tokens: u64) -> u64 {
        let after = self.dense.partition_point(|&(t, _)| t <= tokens).clamp(1, self.dense.len() - 1);
        let ((t0, d0), (t1, d1)) = (self.dense[after - 1], self.dense[after]);
        let offset = i128::from(tokens.max(t0) - t0);
        let slope = i128::from(d1) - i128::from(d0);
        let fs = i128::from(d0) + slope * offset / i128::from(t1 - t0);
        u64::try_from(fs.max(0)).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Chunk;
    use super::*;

    fn profile() -> StepProfile {
        let decode = AttentionCost::new(0.5, 0.0, 0.0, 0.004, 2e-5).unwrap();
        let prefill = AttentionCost::new(0.4, 1e-3, 2e-6, 0.0, 0.0).unwrap();
        let mixed = AttentionCost::new(0.3, 1e-3, 2e-6, 0.05, 1e-4).unwrap();
        StepProfile::new(&[1, 101], &[10.0, 20.0], [decode, prefill, mixed], 1.0, 1.5, 0.04).unwrap()
    }

    fn ms(chunks: &[Chunk], decodes: u32, decode_context: u64) -> f64 {
        profile().step_fs(&Work { chunks, decodes, decode_context }) as f64 / 1e12
    }

    #[test]
    fn step_types_have_their_own_attention() {
        let chunk = [Chunk { new: 51, context: 100 }];
        // dense(51) = 15, work 51 * 125.5 = 6400.5
        let prefill = 15.0 + 0.4 + 0.051 + 6400.5 * 2e-6 + 1.5 + 0.04;
        assert!((ms(&chunk, 0, 0) - prefill).abs() < 1e-9);
        // dense(2) = 10.1
        let decode = 10.1 + 0.5 + 0.008 + 0.06 + 1.5 + 0.08;
        assert!((ms(&[], 2, 3000) - decode).abs() < 1e-9);
        // dense(53) = 15.2
        let mixed = 15.2 + 0.3 + 0.051 + 6400.5 * 2e-6 + 0.1 + 0.3 + 1.5 + 0.12;
        assert!((ms(&chunk, 2, 3000) - mixed).abs() < 1e-9);
    }

    #[test]
    fn dense_goes_on_beyond_its_knots() {
        assert_eq!(profile().dense_fs(201), 30_000_000_000_000);
        assert_eq!(profile().dense_fs(0), 10_000_000_000_000);
    }

    #[test]
    fn knots_are_checked() {
        let cost = [AttentionCost::default(); 3];
        let error = StepProfile::new(&[1, 1], &[1.0, 2.0], cost, 1.0, 0.0, 0.0).unwrap_err();
        assert_eq!(error.to_string(), "`tokens`: knots must increase; 1 is followed by 1");
        assert!(StepProfile::new(&[1, 2], &[1.0, f64::NAN], cost, 1.0, 0.0, 0.0).is_err());
    }
}
