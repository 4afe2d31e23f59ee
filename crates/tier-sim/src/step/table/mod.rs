//! The table: step times as measured, interpolated, for models whose steps follow no simple formula.
//!
//! A mixture of experts is one: its dense time climbs steeply while more tokens wake more experts, and then hardly.
//!
//! - A decode-only step is looked up by its sequences and their mean context.
//! - A prefill-only step is looked up as the one chunk of as many new tokens and as much attention work: T tokens with
//!   work W = sum of new * (context + new / 2) are a chunk of T after (W - T^2 / 2) / T tokens. Many short prompts
//!   have less work than any single chunk: there the context is negative, and the line goes on below 0.
//! - A mixed step is the sum of three: what all tokens share, by their number; attention of the chunks, by new tokens
//!   and the prompt whose average token does their work, 2 W / T; attention of the decodes, by number and mean context.
//!
//! All is linear between knots and beyond their ends, and no part is below 0.

mod grid;

use super::{StepModelError, Work, fs};
use grid::{Grid, Line, Ratio};

/// A grid of times: a row for each of `rows`, a time for each of `columns`; a row may end early.
#[derive(Debug, Clone, Copy)]
pub struct GridMs<'a> {
    /// Sizes that the rows are for, increasing: sequences or new tokens.
    pub rows: &'a [u32],
    /// Sizes that the times in a row are for, increasing \[tokens\].
    pub columns: &'a [u32],
    /// Times \[ms\].
    pub ms: &'a [Vec<f64>],
}

/// The measured times of a table, all without the engine's own time on the host.
#[derive(Debug, Clone, Copy)]
pub struct TableMs<'a> {
    /// Decode-only steps by sequences and the context of each.
    pub decode: GridMs<'a>,
    /// Prefill-only steps of one chunk, by new tokens and the tokens before them.
    pub prefill: GridMs<'a>,
    /// What all tokens of a mixed step share: sizes \[tokens\] and times \[ms\].
    pub shared: (&'a [u32], &'a [f64]),
    /// Attention of the chunks of a mixed step, by new tokens and the length of the prompts they are from.
    pub chunk_attention: GridMs<'a>,
    /// Attention of its decodes, by sequences and the context of each.
    pub decode_attention: GridMs<'a>,
}

/// A table ready for lookup, and host time per step and per sequence.
#[derive(Debug, Clone, PartialEq)]
pub struct StepTable {
    decode: Grid,
    prefill: Grid,
    shared: Line,
    chunk_attention: Grid,
    decode_attention: Grid,
    host_per_step_fs: u64,
    host_per_sequence_fs: u64,
}

impl StepTable {
    /// Quantises a table; `scale` is a factor on all of it, not on the host time per step and per sequence \[ms\].
    ///
    /// # Errors
    /// Sizes that do not increase or do not pair up with times, fewer than 2 of them, or a time that is negative,
    /// not a number, or too long.
    pub fn new(
        table: &TableMs<'_>,
        scale: f64,
        host_per_step_ms: f64,
        host_per_sequence_ms: f64,
    ) -> Result<Self, StepModelError> {
        fs("scale", scale)?;
        Ok(Self {
            decode: Grid::new("decode", &table.decode, scale)?,
            prefill: Grid::new("prefill", &table.prefill, scale)?,
            shared: Line::new("shared", table.shared.0, table.shared.1, scale)?,
            chunk_attention: Grid::new("chunk_attention", &table.chunk_attention, scale)?,
            decode_attention: Grid::new("decode_attention", &table.decode_attention, scale)?,
            host_per_step_fs: fs("host_per_step_ms", host_per_step_ms / 1e3)?,
            host_per_sequence_fs: fs("host_per_sequence_ms", host_per_sequence_ms / 1e3)?,
        })
    }

    pub(super) fn step_fs(&self, work: &Work<'_>) -> u64 {
        let (mut new, mut twice_work) = (0, 0);
        for chunk in work.chunks {
            let (tokens, before) = (u64::from(chunk.new), u64::from(chunk.context));
            new += tokens;
            twice_work += tokens * (2 * before + tokens);
        }
        let decodes = u64::from(work.decodes);
        let mean_context =
            Ratio { over: i128::from(work.decode_context), under: i128::from(work.decodes.max(1)) };
        let (tokens, twice_work) = (i128::from(new), i128::from(twice_work));
        let kernels = if new == 0 {
            self.decode.at(decodes, mean_context).max(0)
        } else if decodes == 0 {
            let context = Ratio { over: twice_work - tokens * tokens, under: 2 * tokens };
            self.prefill.at(new, context).max(0)
        } else {
            let prompt = Ratio { over: twice_work, under: tokens };
            self.shared.at(Ratio::whole(new + decodes)).max(0)
                + self.chunk_attention.at(new, prompt).max(0)
                + self.decode_attention.at(decodes, mean_context).max(0)
        };
        let host =
            self.host_per_step_fs.saturating_add(self.host_per_sequence_fs.saturating_mul(work.sequences()));
        u64::try_from(kernels).unwrap_or(u64::MAX).saturating_add(host)
    }
}

#[cfg(test)]
mod tests;
