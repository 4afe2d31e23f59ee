//! What TTLs do on a trace: hits and storage counted use by use, with the model's shortcuts undone.
//!
//! The curves count a block as hit although an earlier block of its prefix may be gone. Replaying the uses
//! tells the hits of whole prefixes, for TTLs from this trace or from another. Engine, tiers and queues are not
//! in it.

use kv_core::BlockId;

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
    assert!(ttl_ns.len() >= groups.len(), "{} TTLs for {} groups", ttl_ns.len(), groups.len());
    replay_with(seen, |block, _| ttl_ns[usize::from(groups.of(block).0)])
}

/// The same under TTLs [ns] by block and time of use [ns].
#[must_use]
pub fn replay_with<'a>(seen: impl Into<Seen<'a>>, ttl_ns: impl Fn(BlockId, u64) -> u64) -> Replayed {
    let seen = seen.into();
    let used = seen.used();
    // By block: its last use and the TTL that it got then.
    let mut last: Vec<Option<(u64, u64)>> = vec![None; used.len()];
    let mut counts = Replayed { uses: 0, alive: 0, prefix_hits: 0, storage_block_ns: 0 };
    for request in seen.requests() {
        let now_ns = request.arrival_ns;
        let mut whole_prefix = true;
        for &block in request.prompt_blocks {
            counts.uses += 1;
            let before = last[block.index()].replace((now_ns, ttl_ns(block, now_ns)));
            counts.storage_block_ns +=
                before.map_or(0, |(used_ns, ttl)| u128::from((now_ns - used_ns).min(ttl)));
            let alive = before.is_some_and(|(used_ns, ttl)| now_ns - used_ns <= ttl);
            whole_prefix &= alive;
            counts.alive += u64::from(alive);
            counts.prefix_hits += u64::from(whole_prefix);
        }
        for &block in request.output_blocks.iter().filter(|block| used[block.index()]) {
            last[block.index()].get_or_insert((now_ns, ttl_ns(block, now_ns)));
        }
    }
    let end = seen.end_ns();
    let tails = last.into_iter().flatten().map(|(used_ns, ttl)| u128::from((end - used_ns).min(ttl)));
    counts.storage_block_ns += tails.sum::<u128>();
    counts
}
