//! What is measured of one trace at one block size.

use deployment::Problem;
use kv_core::Trace;
use trace_synth::transform::coarser_blocks;
use trace_synth::{Concentration, Counted, Quantiles, reuse_intervals};

/// The share of hits that the claims are about \[%\].
const MOST_HITS_PERCENT: u8 = 90;

/// Shares of the blocks at which the curve of hits is told \[%\]: three for each factor of ten.
pub(crate) const BLOCK_SHARES: [f64; 17] =
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0];

/// Times within which reuses are counted \[s\].
pub(crate) const WITHIN_S: [f64; 17] = [
    0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1200.0, 1800.0, 3600.0, 7200.0,
    86_400.0,
];

/// The figures of one trace at one block size. Shares are in percent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    pub(crate) trace: String,
    pub(crate) block_tokens: u32,
    /// Distinct blocks that prompts name, partial ones included.
    pub(crate) blocks: usize,
    /// References to a block that an earlier request named.
    pub(crate) hits: u64,
    /// Hits over all references \[%\].
    pub(crate) hit_percent: f64,
    /// Tokens of full blocks that an earlier request named, over all prompt tokens \[%\]: what an engine can save.
    pub(crate) hit_token_percent: f64,
    /// The smallest share of the blocks that gives 90 % of the hits \[%\], of each reading of "blocks".
    pub(crate) blocks_percent: [f64; 3],
    /// Between consecutive uses of a block \[s\]; `None` without reuse.
    pub(crate) interval_s: Option<Quantiles>,
    /// Hits that the most used blocks give \[%\], at [`BLOCK_SHARES`].
    pub(crate) hits_percent: [f64; BLOCK_SHARES.len()],
    /// Reuses within a time \[%\], at [`WITHIN_S`].
    pub(crate) reuses_percent: [f64; WITHIN_S.len()],
}

/// The readings of "blocks", in the order of [`Measured::blocks_percent`].
const READINGS: [Counted; 3] = [Counted::All, Counted::Full, Counted::Reused];

/// Measures a trace at a block size. `None` where the size is no multiple of the trace's own block: ids do not tell what
/// smaller blocks share.
pub(crate) fn measure(name: &str, trace: &Trace, block_tokens: u32) -> Result<Option<Measured>, Problem> {
    if !block_tokens.is_multiple_of(trace.block_tokens()) {
        return Ok(None);
    }
    let coarse;
    let trace = if block_tokens == trace.block_tokens() {
        trace
    } else {
        coarse = coarser_blocks(trace, block_tokens).map_err(Problem::user)?;
        &coarse
    };
    let [all, full, reused] = READINGS.map(|counted| Concentration::of(trace, counted));
    let prompt_tokens: u64 = trace.requests().map(|request| u64::from(request.prompt_tokens)).sum();
    let intervals = reuse_intervals(trace);
    let percent = |part: u64, whole: u64| 100.0 * part as f64 / whole.max(1) as f64;
    Ok(Some(Measured {
        trace: name.to_owned(),
        block_tokens,
        blocks: all.blocks(),
        hits: all.hits(),
        hit_percent: percent(all.hits(), trace.references() as u64),
        hit_token_percent: percent(full.hits() * u64::from(block_tokens), prompt_tokens),
        blocks_percent: [&all, &full, &reused].map(|it| 100.0 * it.block_share_for(MOST_HITS_PERCENT)),
        interval_s: intervals.quantiles(),
        hits_percent: BLOCK_SHARES.map(|share| 100.0 * all.hit_share_of(share / 100.0)),
        reuses_percent: WITHIN_S.map(|most_s| 100.0 * intervals.share_within(most_s)),
    }))
}
