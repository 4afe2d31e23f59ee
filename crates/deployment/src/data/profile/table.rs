//! `[table]` of a profile file: step times as measured, which the simulator interpolates.

use crate::data::DataError;
use serde::Deserialize;
use tier_sim::step::{GridMs, StepModelError, StepTable, TableMs};

use super::{Dense, MOST_MS};

/// Times of decode-only and prefill-only steps, and the three parts of mixed ones, all \[ms\].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    /// Decode-only steps.
    pub(crate) decode: BySequences,
    /// Prefill-only steps of one chunk.
    pub(crate) prefill: Chunks,
    /// What all tokens of a mixed step share.
    pub(crate) shared: Dense,
    /// Attention of the chunks of a mixed step.
    pub(crate) chunk_attention: Prompts,
    /// Attention of its decodes.
    pub(crate) decode_attention: BySequences,
}

/// A row for each number of sequences, a time for each context; rows may end early.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BySequences {
    pub(crate) sequences: Vec<u32>,
    pub(crate) contexts: Vec<u32>,
    pub(crate) ms: Vec<Vec<f64>>,
}

/// A row for each number of new tokens, a time for each number of tokens before them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chunks {
    pub(crate) tokens: Vec<u32>,
    pub(crate) contexts: Vec<u32>,
    pub(crate) ms: Vec<Vec<f64>>,
}

/// A row for each number of new tokens, a time for each length of the whole prompts that they are from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prompts {
    pub(crate) tokens: Vec<u32>,
    pub(crate) prompts: Vec<u32>,
    pub(crate) ms: Vec<Vec<f64>>,
}

impl Table {
    /// Checks that every time is possible. The simulator checks whether sizes and times go together.
    pub(super) fn check(&self, file: &str) -> Result<(), DataError> {
        let grids = [
            ("decode", &self.decode.ms),
            ("prefill", &self.prefill.ms),
            ("chunk_attention", &self.chunk_attention.ms),
            ("decode_attention", &self.decode_attention.ms),
        ];
        let grids =
            grids.into_iter().flat_map(|(part, rows)| rows.iter().flatten().map(move |&ms| (part, ms)));
        for (part, ms) in grids.chain(self.shared.ms.iter().map(|&ms| ("shared", ms))) {
            if !(0.0..=MOST_MS).contains(&ms) {
                let key = format!("table.{part}.ms");
                return Err(DataError::value(file, &key, ms, format!("0 to {MOST_MS} ms")));
            }
        }
        Ok(())
    }

    /// The simulator's table; host time \[ms\] is per step and per sequence.
    ///
    /// # Errors
    /// Sizes that do not increase or do not pair up with times.
    pub(crate) fn quantised(&self, scale: f64, host_ms: [f64; 2]) -> Result<StepTable, StepModelError> {
        let (prefill, chunks) = (&self.prefill, &self.chunk_attention);
        let ms = TableMs {
            decode: self.decode.grid(),
            prefill: GridMs { rows: &prefill.tokens, columns: &prefill.contexts, ms: &prefill.ms },
            shared: (&self.shared.tokens, &self.shared.ms),
            chunk_attention: GridMs { rows: &chunks.tokens, columns: &chunks.prompts, ms: &chunks.ms },
            decode_attention: self.decode_attention.grid(),
        };
        StepTable::new(&ms, scale, host_ms[0], host_ms[1])
    }
}

impl BySequences {
    fn grid(&self) -> GridMs<'_> {
        GridMs { rows: &self.sequences, columns: &self.contexts, ms: &self.ms }
    }
}
