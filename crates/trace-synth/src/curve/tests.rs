//! Curves against caches written out plainly, and against exhaustive search for the optimum.

use std::collections::BTreeSet;

use kv_core::{BlockId, TraceBuilder};
use proptest::prelude::*;

use super::*;

/// Requests of 1-token blocks along the paths of a small binary tree.
fn tree_trace(paths: &[Vec<u8>]) -> Trace {
    let mut builder = TraceBuilder::new(1);
    for (time, path) in paths.iter().enumerate() {
        let mut id = 1_u64;
        let ids: Vec<u64> = path
            .iter()
            .map(|&child| {
                id = id * 2 + u64::from(child);
                id
            })
            .collect();
        builder.push(time as u64, u32::try_from(path.len()).unwrap(), 1, &ids, None).unwrap();
    }
    builder.finish()
}

/// A cache that looks at all its blocks for each victim. `last`: whether use or arrival dates a block.
fn plain(trace: &Trace, capacity: usize, policy: CachePolicy) -> u64 {
    let mut dated: Vec<Option<u64>> = vec![None; trace.unique_blocks()];
    let mut clock = 0;
    let mut hits = 0;
    for request in trace.requests() {
        let path = request.references;
        hits += path.iter().take_while(|b| dated[b.index()].is_some()).count() as u64;
        let stays: Vec<BlockId> = path[..path.len().min(capacity)].to_vec();
        let missing = stays.iter().filter(|b| dated[b.index()].is_none()).count();
        while dated.iter().flatten().count() + missing > capacity {
            let parents: BTreeSet<usize> = (0..dated.len())
                .filter(|&b| dated[b].is_some())
                .filter_map(|b| trace.parent(BlockId(u32::try_from(b).unwrap())).map(BlockId::index))
                .collect();
            let leaves = (0..dated.len()).filter(|b| dated[*b].is_some() && !parents.contains(b));
            let free = leaves.filter(|&b| !stays.iter().any(|s| s.index() == b));
            let victim = free.min_by_key(|&b| dated[b]).unwrap();
            dated[victim] = None;
        }
        for block in stays.iter().rev() {
            clock += 1;
            if dated[block.index()].is_none() || policy == CachePolicy::Lru {
                dated[block.index()] = Some(clock);
            }
        }
    }
    hits
}

/// The best by trying every prefix-closed content after every request.
fn exhaustive(trace: &Trace, capacity: u32) -> u64 {
    let blocks = trace.unique_blocks();
    let closed = |set: u32| {
        (0..blocks).filter(|b| set >> b & 1 == 1).all(|b| {
            trace.parent(BlockId(u32::try_from(b).unwrap())).is_none_or(|parent| set >> parent.0 & 1 == 1)
        })
    };
    let sets: Vec<u32> = (0..1_u32 << blocks).filter(|s| s.count_ones() <= capacity && closed(*s)).collect();
    let mut best = vec![(0_u32, 0_u64)];
    for request in trace.requests() {
        let path: u32 = request.references.iter().map(|b| 1 << b.0).sum();
        let after = |&set: &u32| {
            let reachable = best.iter().filter(|(before, _)| set & !(before | path) == 0);
            let hits = reachable.map(|(before, hits)| hits + u64::from((before & path).count_ones())).max();
            hits.map(|hits| (set, hits))
        };
        best = sets.iter().filter_map(after).collect();
    }
    best.iter().map(|(_, hits)| *hits).max().unwrap()
}

#[test]
fn three_requests_by_hand() {
    // Paths 00, 01, 00 in one-token blocks: ids r, r0, r1. With 2 blocks: the second request hits r (1), LRU then
    // holds r, r1 and hits r only (1); the optimum keeps r0 instead of r1 and hits both (2).
    let trace = tree_trace(&[vec![0, 0], vec![0, 1], vec![0, 0]]);
    let hits =
        |policy| hit_curve(&trace, policy, &[0, 1, 2, 3]).iter().map(|p| p.hit_blocks).collect::<Vec<_>>();
    assert_eq!(hits(CachePolicy::Lru), [0, 2, 2, 3]);
    assert_eq!(hits(CachePolicy::Fifo), [0, 2, 2, 3]);
    assert_eq!(hits(CachePolicy::Opt), [0, 2, 3, 3]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]
    #[test]
    fn lru_and_fifo_are_as_the_plain_caches(
        paths in prop::collection::vec(prop::collection::vec(0..2_u8, 1..6), 1..40),
    ) {
        let trace = tree_trace(&paths);
        for policy in [CachePolicy::Lru, CachePolicy::Fifo] {
            for point in hit_curve(&trace, policy, &[0, 1, 2, 3, 5, 8, 13]) {
                prop_assert_eq!(point.hit_blocks, plain(&trace, point.capacity_blocks, policy), "{:?}", point);
            }
        }
    }

    #[test]
    fn opt_is_the_best_there_is(
        paths in prop::collection::vec(prop::collection::vec(0..2_u8, 1..4), 1..9),
        capacity in 0..5_usize,
    ) {
        let trace = tree_trace(&paths);
        prop_assume!(trace.unique_blocks() <= 10);
        let opt = hit_curve(&trace, CachePolicy::Opt, &[capacity])[0].hit_blocks;
        prop_assert_eq!(opt, exhaustive(&trace, u32::try_from(capacity).unwrap()));
    }
}
