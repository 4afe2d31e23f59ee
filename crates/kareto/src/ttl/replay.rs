//! What TTLs do on a trace: hits and storage counted use by use, with the model's shortcuts undone.
//!
//! The curves count a block as hit although an earlier block of its prefix may be gone. Replaying the uses tells the
//! hits of whole prefixes, for TTLs from this trace or from another. Engine, tiers and queues are not in it.

use kv_core::Group;

use super::groups::Groups;
use super::seen::Seen;

/// Counts of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// Block uses in prompts.
    pub uses: u64,
    /// Uses of blocks that were alive: the model's hits.
    pub alive: u64,
    /// Uses of blocks that were alive with every block before them in the prompt: what an engine can hit.
    pub prefix_hits: u64,
    /// Storage until the last arrival [block-ns].
    pub storage_block_ns: u128,
}

/// Replays the block uses of requests under one TTL [ns] per group, from an empty cache.
///
/// # Panics
/// If there are fewer TTLs than groups.
#[must_use]
pub fn replay<'a>(seen: impl Into<Seen<'a>>, groups: &Groups, ttl_ns: &[u64]) -> Replayed {
    let seen = seen.into();
    assert!(ttl_ns.len() >= groups.len(), "{} TTLs for {} groups", ttl_ns.len(), groups.len());
    let ttl = |group: Group| ttl_ns[usize::from(group.0)];
    let used = seen.used();
    let mut last_use: Vec<Option<u64>> = vec![None; used.len()];
    let mut counts = Replayed { uses: 0, alive: 0, prefix_hits: 0, storage_block_ns: 0 };
    for request in seen.requests() {
        let mut whole_prefix = true;
        for &block in request.prompt_blocks {
            counts.uses += 1;
            let before = last_use[block.index()].replace(request.arrival_ns);
            let idle = before.map(|before| request.arrival_ns - before);
            counts.storage_block_ns += idle.map_or(0, |idle| u128::from(idle.min(ttl(groups.of(block)))));
            let alive = idle.is_some_and(|idle| idle <= ttl(groups.of(block)));
            whole_prefix &= alive;
            counts.alive += u64::from(alive);
            counts.prefix_hits += u64::from(whole_prefix);
        }
        for &block in request.output_blocks.iter().filter(|block| used[block.index()]) {
            last_use[block.index()].get_or_insert(request.arrival_ns);
        }
    }
    let end = seen.end_ns();
    for (block, last_use) in last_use.into_iter().enumerate() {
        let group = groups.of_blocks()[block];
        counts.storage_block_ns +=
            last_use.map_or(0, |last_use| u128::from((end - last_use).min(ttl(group))));
    }
    counts
}
