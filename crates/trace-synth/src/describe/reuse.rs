//! Who uses blocks again, when, and how unevenly: the figures that decide what a cache is worth.

use kv_core::Trace;
use serde::Serialize;

use super::concentration::Concentration;
use super::intervals::{IntervalFits, Intervals};
use super::quantiles::Quantiles;
use crate::curve::lru_at_unique_share;
use crate::numbers::ratio;

/// Reuse of blocks, as an unlimited cache sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reuse {
    /// Share of blocks that are named more than once.
    pub reused_block_share: f64,
    /// Share of blocks that are named once: no cache can hit them.
    pub single_use_block_share: f64,
    /// Smallest share of blocks that gives 90 % of the hits: the most used ones, partial blocks counted as blocks.
    pub block_share_for_90pct_hits: f64,
    /// Between consecutive uses of a block [s]; `None` without reuse.
    pub interval_s: Option<Quantiles>,
    /// Distributions fitted to these intervals; `None` where fewer than two different ones are above 0.
    pub interval_fits: Option<IntervalFits>,
    /// From a block's first use to its second [s].
    pub first_interval_s: Option<Quantiles>,
    /// Block hit ratios of LRU caches, from an empty start.
    pub lru_hit_ratio: LruHits,
    /// Hits within sessions and between them, sessions as in [`super::Sessions`]; `None` without requests.
    pub by_session: Option<SessionReuse>,
}

/// Block hit ratios of LRU caches whose room is a share of the trace's distinct blocks, rounded down.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LruHits {
    /// Room for 1 % of the distinct blocks.
    pub at_1pct: f64,
    /// For 5 %.
    pub at_5pct: f64,
    /// For 10 %.
    pub at_10pct: f64,
    /// For 25 %.
    pub at_25pct: f64,
    /// For 50 %.
    pub at_50pct: f64,
}

/// Reuse within sessions and between them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SessionReuse {
    /// Share of hits on a block that the same session was the first to use.
    pub same_session_hit_share: f64,
    /// Share of hits on a block that another session made: shared prefixes, whoever used them last.
    pub cross_session_hit_share: f64,
    /// Ideal hit ratio of the sessions of one request.
    pub ideal_hit_ratio_single_request: f64,
    /// Ideal hit ratio of the other sessions.
    pub ideal_hit_ratio_multi_request: f64,
}

pub(super) fn reuse(trace: &Trace, sessions: &[u32]) -> Reuse {
    let mut hits = vec![0_u32; trace.unique_blocks()];
    let mut first_intervals_ns = Vec::new();
    let intervals = intervals(trace, |block, interval_ns| {
        if hits[block] == 0 {
            first_intervals_ns.push(interval_ns);
        }
        hits[block] += 1;
    });
    let reused = first_intervals_ns.len();
    Reuse {
        reused_block_share: ratio(reused, hits.len()),
        single_use_block_share: ratio(hits.len() - reused, hits.len()),
        block_share_for_90pct_hits: Concentration::of_hits(hits).block_share_for(90),
        interval_s: Quantiles::of(intervals.iter()),
        interval_fits: intervals.fits(),
        first_interval_s: Quantiles::of(Intervals::of(first_intervals_ns).iter()),
        lru_hit_ratio: lru_hits(trace),
        by_session: by_session(trace, sessions),
    }
}

/// Times between consecutive uses of a block, of all blocks that prompts name.
#[must_use]
pub fn reuse_intervals(trace: &Trace) -> Intervals {
    intervals(trace, |_, _| ())
}

/// Times between consecutive uses of a block; `each` is told every one with its block [ns].
pub(super) fn intervals(trace: &Trace, mut each: impl FnMut(usize, u64)) -> Intervals {
    let mut last_ns: Vec<Option<u64>> = vec![None; trace.unique_blocks()];
    let mut sample_ns = Vec::new();
    for request in trace.requests() {
        for block in request.references {
            if let Some(before) = last_ns[block.index()].replace(request.arrival_ns) {
                sample_ns.push(request.arrival_ns - before);
                each(block.index(), request.arrival_ns - before);
            }
        }
    }
    Intervals::of(sample_ns)
}

fn lru_hits(trace: &Trace) -> LruHits {
    let hits = lru_at_unique_share(trace, &[0.01, 0.05, 0.10, 0.25, 0.50]);
    LruHits { at_1pct: hits[0], at_5pct: hits[1], at_10pct: hits[2], at_25pct: hits[3], at_50pct: hits[4] }
}

fn by_session(trace: &Trace, sessions: &[u32]) -> Option<SessionReuse> {
    let highest = *sessions.iter().max()?;
    let mut turns = vec![0_u32; highest as usize + 1];
    sessions.iter().for_each(|&session| turns[session as usize] += 1);
    let mut maker = vec![None; trace.unique_blocks()];
    let (mut same, mut cross) = (0, 0);
    // [one request, several]: references and hits.
    let mut refs = [0; 2];
    let mut hits = [0; 2];
    for (request, &session) in trace.requests().zip(sessions) {
        let several = usize::from(turns[session as usize] > 1);
        for block in request.references {
            refs[several] += 1;
            let Some(by) = maker[block.index()] else {
                maker[block.index()] = Some(session);
                continue;
            };
            hits[several] += 1;
            *(if by == session { &mut same } else { &mut cross }) += 1;
        }
    }
    Some(SessionReuse {
        same_session_hit_share: ratio(same, same + cross),
        cross_session_hit_share: ratio(cross, same + cross),
        ideal_hit_ratio_single_request: ratio(hits[0], refs[0]),
        ideal_hit_ratio_multi_request: ratio(hits[1], refs[1]),
    })
}
