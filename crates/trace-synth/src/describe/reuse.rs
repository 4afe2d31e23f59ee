//! Who uses blocks again, when, and how unevenly: the figures that decide what a cache is worth.

use kv_core::Trace;
use serde::Serialize;

use super::quantiles::Quantiles;
use super::{ratio, seconds};

/// Reuse of blocks, as an unlimited cache sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reuse {
    /// Share of blocks that are named more than once.
    pub reused_block_share: f64,
    /// Smallest share of blocks that gives 90 % of the hits: the most used ones, partial blocks counted as blocks.
    pub block_share_for_90pct_hits: f64,
    /// Between consecutive uses of a block [s]; `None` without reuse.
    pub interval_s: Option<Quantiles>,
    /// From a block's first use to its second [s].
    pub first_interval_s: Option<Quantiles>,
    /// The same by session, where the trace names sessions.
    pub by_session: Option<SessionReuse>,
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

pub(super) fn reuse(trace: &Trace) -> Reuse {
    let mut uses = vec![0_u32; trace.unique_blocks()];
    let mut last_ns = vec![0_u64; trace.unique_blocks()];
    let mut intervals = Vec::new();
    let mut first_intervals = Vec::new();
    for request in trace.requests() {
        for block in request.references {
            let index = block.index();
            if uses[index] > 0 {
                let interval = seconds(request.arrival_ns - last_ns[index]);
                intervals.push(interval);
                if uses[index] == 1 {
                    first_intervals.push(interval);
                }
            }
            uses[index] += 1;
            last_ns[index] = request.arrival_ns;
        }
    }
    Reuse {
        reused_block_share: ratio(first_intervals.len(), uses.len()),
        block_share_for_90pct_hits: share_for_hits(uses),
        interval_s: Quantiles::of(intervals.into_iter()),
        first_interval_s: Quantiles::of(first_intervals.into_iter()),
        by_session: by_session(trace),
    }
}

/// The smallest share of blocks that gives 90 % of hits; a block used n times gives n - 1.
fn share_for_hits(mut uses: Vec<u32>) -> f64 {
    uses.sort_unstable_by(|a, b| b.cmp(a));
    let hits = |uses: u32| u64::from(uses.saturating_sub(1));
    let total: u64 = uses.iter().map(|&uses| hits(uses)).sum();
    let mut given = 0;
    let needed = uses.iter().take_while(|&&uses| {
        let before = given;
        given += hits(uses);
        before * 10 < total * 9
    });
    ratio(needed.count(), uses.len())
}

fn by_session(trace: &Trace) -> Option<SessionReuse> {
    let highest = trace.requests().filter_map(|r| r.session).max()?;
    let mut turns = vec![0_u32; highest as usize + 1];
    trace.requests().filter_map(|r| r.session).for_each(|session| turns[session as usize] += 1);
    let mut maker = vec![None; trace.unique_blocks()];
    let (mut same, mut cross) = (0, 0);
    // [one request, several]: references and hits.
    let mut refs = [0; 2];
    let mut hits = [0; 2];
    for request in trace.requests() {
        let session = request.session?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_used_blocks_give_the_hits() {
        // Hits 9, 1, 0, 0: the first block alone gives 9 of 10.
        assert_eq!(share_for_hits(vec![1, 10, 2, 1]).to_bits(), 0.25_f64.to_bits());
        assert_eq!(share_for_hits(vec![1, 1]).to_bits(), 0.0_f64.to_bits());
    }
}
