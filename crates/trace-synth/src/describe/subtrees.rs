//! The prefixes that most requests share: subtrees of the prefix tree, named by their first block.
//!
//! Subtrees are ranked by the number of requests that pass through their first block. A block through which
//! nearly all requests of the subtree around it pass is left out: it is the same subtree, one block deeper. A
//! block belongs to the deepest subtree around it. The prefix groups of the TTL tuner are chosen by the same
//! rule.

use kv_core::{BlockId, Trace};
use serde::Serialize;

use crate::numbers::ratio;

/// At most so many are listed.
const LISTED: usize = 10;

/// A block through which more than this share of the requests of the subtree around it pass is that subtree.
const SAME_SUBTREE: f64 = 0.9;

/// A subtree has at least 2 requests and this share of all: rarer ones say nothing of the whole.
const LEAST_SHARE: f64 = 0.001;

/// A prefix that many requests begin with, and all that follows it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Subtree {
    /// Where its first block stands in prompts, from 0 [blocks].
    pub depth_blocks: u32,
    /// Requests whose prompt passes through its first block.
    pub requests: u32,
    /// The same over all requests.
    pub request_share: f64,
    /// Distinct blocks that belong to it and to no deeper listed one.
    pub blocks: usize,
    /// References to these blocks over all references.
    pub reference_share: f64,
    /// Hits of an unlimited cache on these blocks over all its hits.
    pub hit_share: f64,
}

/// The most frequent subtrees of a trace, most requests first.
pub(super) fn top_subtrees(trace: &Trace) -> Vec<Subtree> {
    let mut requests = vec![0_u32; trace.unique_blocks()];
    let mut references = vec![0_u32; trace.unique_blocks()];
    let mut depth = vec![0_u32; trace.unique_blocks()];
    for request in trace.requests() {
        for (place, block) in (0..).zip(request.references) {
            requests[block.index()] += u32::from((place as usize) < request.prompt_blocks.len());
            references[block.index()] += 1;
            depth[block.index()] = place;
        }
    }
    let heads = heads(trace, &requests);
    let head_of = nearest_head(trace, &heads);
    let mut subtrees: Vec<Subtree> = heads
        .iter()
        .map(|&head| Subtree {
            depth_blocks: depth[head],
            requests: requests[head],
            request_share: ratio(requests[head] as usize, trace.len()),
            blocks: 0,
            reference_share: 0.0,
            hit_share: 0.0,
        })
        .collect();
    let mut counts = vec![(0_usize, 0_usize); heads.len()];
    for (head, &references) in head_of.iter().zip(&references) {
        if let Some(head) = *head {
            subtrees[head].blocks += 1;
            counts[head].0 += references as usize;
            counts[head].1 += references.saturating_sub(1) as usize;
        }
    }
    let hits: usize = references.iter().map(|&uses| uses.saturating_sub(1) as usize).sum();
    for (subtree, (references, hit)) in subtrees.iter_mut().zip(counts) {
        subtree.reference_share = ratio(references, trace.references());
        subtree.hit_share = ratio(hit, hits);
    }
    subtrees
}

/// First blocks of the subtrees, most requests first.
fn heads(trace: &Trace, requests: &[u32]) -> Vec<usize> {
    let enough =
        |&block: &usize| requests[block] >= 2 && ratio(requests[block] as usize, trace.len()) >= LEAST_SHARE;
    let mut candidates: Vec<usize> = (0..requests.len()).filter(enough).collect();
    candidates.sort_by_key(|&block| (std::cmp::Reverse(requests[block]), block));
    let mut is_head = vec![false; requests.len()];
    let mut heads = Vec::new();
    for block in candidates {
        if heads.len() == LISTED {
            break;
        }
        let above =
            std::iter::successors(parent(trace, block), |&it| parent(trace, it)).find(|&it| is_head[it]);
        let own = f64::from(requests[block]);
        if above.is_none_or(|head| own <= SAME_SUBTREE * f64::from(requests[head])) {
            is_head[block] = true;
            heads.push(block);
        }
    }
    heads
}

/// For each block the deepest head at or above it, as its place in the list. Parents have lower ids than children.
fn nearest_head(trace: &Trace, heads: &[usize]) -> Vec<Option<usize>> {
    let mut of: Vec<Option<usize>> = vec![None; trace.unique_blocks()];
    heads.iter().enumerate().for_each(|(place, &head)| of[head] = Some(place));
    for block in 0..of.len() {
        of[block] = of[block].or_else(|| parent(trace, block).and_then(|parent| of[parent]));
    }
    of
}

fn parent(trace: &Trace, block: usize) -> Option<usize> {
    let block = BlockId(u32::try_from(block).expect("blocks are u32"));
    trace.parent(block).map(BlockId::index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kv_core::TraceBuilder;

    #[test]
    fn a_shared_prefix_is_one_subtree_and_its_branches_are_others() {
        let mut builder = TraceBuilder::new(4);
        // All six begin with 1; 2 follows in all of them and is the same subtree; 3 in three of them, 4 in two.
        for ids in [[1, 2, 3, 10], [1, 2, 3, 11], [1, 2, 3, 11], [1, 2, 4, 12], [1, 2, 4, 13], [1, 2, 5, 14]]
        {
            builder.push(0, 16, 1, &ids, None).unwrap();
        }
        let subtrees = top_subtrees(&builder.finish());
        let shape: Vec<_> = subtrees.iter().map(|s| (s.depth_blocks, s.requests, s.blocks)).collect();
        // The root has 1, 2, 5 and 14; 3 has 10 beside itself; 11 is two of its three requests; 4 has 12 and 13.
        assert_eq!(shape, [(0, 6, 4), (2, 3, 2), (3, 2, 1), (2, 2, 3)]);
        // Of 24 references 6 + 6 + 1 + 1 are the root's; of 5 + 5 + 2 + 1 + 1 = 14 hits, 10.
        assert!((subtrees[0].reference_share - 14.0 / 24.0).abs() < 1e-12);
        assert!((subtrees[0].hit_share - 10.0 / 14.0).abs() < 1e-12);
    }
}
