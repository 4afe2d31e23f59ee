//! Claims about reuse: a share that the paper states, beside the measured share.

use deployment::{Problem, Source, Table, choose};

use super::Measured;
use crate::file::ReuseClaim;
use crate::verdict::{ClaimRow, judge};

/// The figure that a claim is about \[%\].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Figure {
    /// The smallest share of blocks that gives 90 % of hits, by the place of the reading of "blocks".
    Blocks(usize),
    Hits,
    HitTokens,
}

const FIGURES: Table<Figure> = &[
    ("blocks_for_90_hits_percent", Figure::Blocks(0)),
    ("full_blocks_for_90_hits_percent", Figure::Blocks(1)),
    ("reused_blocks_for_90_hits_percent", Figure::Blocks(2)),
    ("hit_percent", Figure::Hits),
    ("hit_token_percent", Figure::HitTokens),
];

/// A resolved claim.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    id: String,
    says: String,
    paper: f64,
    accept: [f64; 2],
    trace: String,
    block_tokens: u32,
    figure: Figure,
}

impl Claim {
    /// Resolves a claim. `traces` has the names of all traces, and `block_tokens` all sizes.
    pub(crate) fn new(
        source: &Source,
        wire: &ReuseClaim,
        traces: &[&str],
        block_tokens: &[u32],
    ) -> Result<Self, Problem> {
        let wrong = |span, message| source.error(span, message, "here");
        let accept = *wire.accept.get_ref();
        if accept[0] > accept[1] || accept.iter().any(|bound| !bound.is_finite()) {
            let message = format!("accept is [{}, {}]; allowed: [least, most]", accept[0], accept[1]);
            return Err(wrong(wire.accept.span(), message));
        }
        if !traces.contains(&wire.trace.get_ref().as_str()) {
            let message =
                format!("there is no trace `{}`; allowed: {}", wire.trace.get_ref(), traces.join(", "));
            return Err(wrong(wire.trace.span(), message));
        }
        let size = *wire.block_tokens.get_ref();
        if !block_tokens.contains(&size) {
            let message = format!("block_tokens is {size}; allowed: one of {block_tokens:?}");
            return Err(wrong(wire.block_tokens.span(), message));
        }
        Ok(Self {
            id: wire.id.clone(),
            says: wire.says.clone(),
            paper: wire.paper,
            accept,
            trace: wire.trace.get_ref().clone(),
            block_tokens: size,
            figure: choose(FIGURES, "figure", wire.figure.get_ref())
                .map_err(|message| wrong(wire.figure.span(), message))?,
        })
    }

    /// The claim with its measured figure.
    pub(crate) fn row(&self, measured: &[Measured]) -> ClaimRow<'_> {
        let found = measured.iter().find(|it| it.trace == self.trace && it.block_tokens == self.block_tokens);
        let ours = found.map(|it| match self.figure {
            Figure::Blocks(reading) => it.blocks_percent[reading],
            Figure::Hits => it.hit_percent,
            Figure::HitTokens => it.hit_token_percent,
        });
        ClaimRow {
            id: &self.id,
            says: &self.says,
            unit: "%",
            paper: Some(self.paper),
            accept: self.accept,
            ours,
            verdict: judge(self.paper, self.accept, ours),
            in_regimes: None,
        }
    }
}
