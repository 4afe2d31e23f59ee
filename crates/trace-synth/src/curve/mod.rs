//! How many block references of a trace a cache of a given size would hit. The whole trace is replayed in order
//! from a cold start.
//!
//! A request hits the leading run of its blocks that are resident when it comes; then it uses all its blocks.
//! All ids of a line count, a partial last block too. Residency is prefix-closed: only blocks without resident
//! children leave, so every resident block can be reused. A request longer than the cache leaves its leading
//! blocks in it. Time plays no part here: there are no leases, transfers or outputs.

mod fifo;
mod lru;
mod opt;

use kv_core::{RequestView, Trace};
use serde::Serialize;

pub use lru::{LruCurve, TouchOrder};

use crate::numbers::ratio;

/// The order in which blocks leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CachePolicy {
    /// The block that was not used for longest; of one request's blocks, the deepest.
    Lru,
    /// The block that came first; of one request's blocks, the deepest.
    Fifo,
    /// The block whose next use is farthest. Exact: no prefix-closed choice, made with the whole trace known,
    /// hits more blocks. A parent's next use is never after its child's, so Belady's choice keeps residency
    /// prefix-closed.
    Opt,
}

impl CachePolicy {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 3] = [Self::Lru, Self::Fifo, Self::Opt];

    /// As written in commands and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lru => "lru",
            Self::Fifo => "fifo",
            Self::Opt => "opt",
        }
    }
}

/// One point of a hit curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Who chooses what leaves.
    pub policy: CachePolicy,
    /// Room [blocks].
    pub capacity_blocks: usize,
    /// References hit [blocks].
    pub hit_blocks: u64,
    /// `hit_blocks` over all references.
    pub block_hit_ratio: f64,
    /// Prompt tokens in the blocks hit over all prompt tokens; a partial block counts the tokens it has.
    pub token_hit_ratio: f64,
}

/// The hits at each capacity, in the order asked.
#[must_use]
pub fn hit_curve(trace: &Trace, policy: CachePolicy, capacities_blocks: &[usize]) -> Vec<CurvePoint> {
    let prompt_tokens: u64 = trace.requests().map(|r| u64::from(r.prompt_tokens)).sum();
    let lru = (policy == CachePolicy::Lru).then(|| LruCurve::of(trace, TouchOrder::TailToHead));
    let opt = (policy == CachePolicy::Opt).then(|| opt::NextUses::of(trace));
    let hits = |capacity| match (&lru, &opt) {
        (Some(curve), _) => curve.at(capacity),
        (_, Some(next_uses)) => opt::hits(trace, next_uses, capacity),
        _ => fifo::hits(trace, capacity),
    };
    let point = |&capacity_blocks| {
        let hits: Hits = hits(capacity_blocks);
        #[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        CurvePoint {
            policy,
            capacity_blocks,
            hit_blocks: hits.blocks,
            block_hit_ratio: share(hits.blocks, trace.references() as u64),
            token_hit_ratio: share(hits.tokens, prompt_tokens),
        }
    };
    capacities_blocks.iter().map(point).collect()
}

/// Block hit ratio of LRU at shares of the trace's distinct blocks, rounded down to whole blocks.
#[must_use]
pub fn lru_at_unique_share(trace: &Trace, shares: &[f64]) -> Vec<f64> {
    let curve = LruCurve::of(trace, TouchOrder::TailToHead);
    let at = |share: &f64| {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share"
        )]
        let capacity = (trace.unique_blocks() as f64 * share) as usize;
        ratio(usize::try_from(curve.at(capacity).blocks).expect("counted in memory"), trace.references())
    };
    shares.iter().map(at).collect()
}

/// What was hit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hits {
    /// References [blocks].
    pub blocks: u64,
    /// Prompt tokens in them.
    pub tokens: u64,
}

impl Hits {
    /// Adds a request's leading run of `blocks` blocks.
    fn add(&mut self, request: &RequestView<'_>, blocks: u64, block_tokens: u32) {
        self.blocks += blocks;
        self.tokens += (blocks * u64::from(block_tokens)).min(u64::from(request.prompt_tokens));
    }
}

#[cfg(test)]
mod tests;
