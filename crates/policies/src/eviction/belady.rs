//! Belady's MIN, prefix-closed: the block whose next use is furthest in the future leaves, deepest first among equals.
//!
//! Offline: the trace to be replayed says when each block is used next. A use is a request that names the block among
//! its full prompt blocks; the time of a use is the position of that request in the trace, because a policy has to rank
//! uses and the times at which an engine will serve them are not known. Blocks that no later request names come first
//! of all. Every request that uses a block also uses all blocks before it, so no block's next use is after that of an
//! extension of it, and with ties going to the deepest block a prefix never loses its head before its extensions.
//! MIN is optimal for the number of hits of blocks of one size, every miss being inserted; with the above, its hits are
//! all usable ones, so nothing beats it in usable hits either (held by a test). It is not optimal for latency.
//!
//! The next use is looked up when a block is inserted or hit: the first request after `Access::request` that names it.
//! When a later request is seen, the next uses of all requests up to it have passed (by hits in a faster tier, say),
//! and resident blocks that wait for one of them are ranked anew.
//!
//! Memory: some 54 bytes a slot, and 8 bytes a reference and 16 a block of the trace. O(log n) an operation.
//!
//! ```
//! use policies::testing::play;
//! // When d comes, a and b will be used again, c will not. When e comes, only a will.
//! assert_eq!(play("belady", &[], 3, "a b c a d b e a"), "a b c a+ d-c b+ e-b a+");
//! ```

use crate::grow::grown;
use crate::uses::{Rows, prompt_blocks};
use kv_core::policy::{Access, Build, EvictionPolicy, Removal, Slot, Spec};
use kv_core::{BlockId, Trace};
use std::cmp::Reverse;
use std::collections::BTreeSet;

pub(super) const SPEC: Spec = Spec {
    name: "belady",
    summary: "offline: furthest next use leaves first, deepest first among equals",
    source: "Belady, IBM Syst. J. 1966 (MIN); ties so that prefixes stay closed",
    params: &[],
    build: Build::Eviction(|_, context| Box::new(Belady::new(context.trace))),
};

/// When a block is used next, by position of the request in the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NextUse {
    At(u32),
    Never,
}

/// The greatest leaves first.
type Rank = (NextUse, u32, Reverse<Slot>);

struct Belady {
    /// Full prompt blocks of each request.
    blocks_of: Rows,
    /// Requests that use each block, in order.
    uses_of: Rows,
    order: BTreeSet<Rank>,
    /// Rank and block by slot; `None` where it holds none.
    slots: Vec<Option<(Rank, BlockId)>>,
    /// By block.
    slot_of: Vec<Option<Slot>>,
    /// The latest request seen.
    latest: u32,
}

impl Belady {
    fn new(trace: &Trace) -> Self {
        let blocks_of = prompt_blocks(trace);
        let uses_of = blocks_of.transposed(trace.unique_blocks());
        let slot_of = vec![None; trace.unique_blocks()];
        Self { blocks_of, uses_of, order: BTreeSet::new(), slots: Vec::new(), slot_of, latest: 0 }
    }

    /// The first use of a block by a request from `first` on.
    fn next_use(&self, block: BlockId, first: u32) -> NextUse {
        self.uses_of.first_from(block.0, first).map_or(NextUse::Never, NextUse::At)
    }

    /// Takes note that a request is being served: what was to be used before it will not be.
    fn advance(&mut self, request: u32) {
        while self.latest < request {
            for at in 0..self.blocks_of.row(self.latest).len() {
                let block = BlockId(self.blocks_of.row(self.latest)[at]);
                let Some(slot) = self.slot_of[block.index()] else { continue };
                let Some(((next, depth, _), _)) = self.slots[slot.index()] else { continue };
                if next == NextUse::At(self.latest) {
                    self.place(slot, block, depth, self.latest + 1);
                }
            }
            self.latest += 1;
        }
    }

    /// Ranks a block by its first use by a request from `first` on.
    fn place(&mut self, slot: Slot, block: BlockId, depth: u32, first: u32) {
        let rank = (self.next_use(block, first), depth, Reverse(slot));
        if let Some((old, _)) = grown(&mut self.slots, slot.index()).replace((rank, block)) {
            self.order.remove(&old);
        }
        self.order.insert(rank);
    }

    fn used(&mut self, slot: Slot, access: &Access) {
        self.advance(access.request);
        self.place(slot, access.block, access.depth, self.latest + 1);
    }
}

impl EvictionPolicy for Belady {
    fn on_insert(&mut self, slot: Slot, access: &Access) {
        self.used(slot, access);
        self.slot_of[access.block.index()] = Some(slot);
    }

    fn on_hit(&mut self, slot: Slot, access: &Access) {
        self.used(slot, access);
    }

    fn on_remove(&mut self, slot: Slot, _: Removal) {
        if let Some((rank, block)) = self.slots[slot.index()].take() {
            self.order.remove(&rank);
            self.slot_of[block.index()] = None;
        }
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        self.order.iter().rev().map(|&(_, _, Reverse(slot))| slot).find(|&slot| eligible(slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Look;

    #[test]
    fn extensions_leave_before_their_prefix() {
        // Neither abc nor d is used again: the deepest goes first.
        let mut look = Look::after("abc d", 4, Belady::new);
        for expected in [2, 1] {
            assert_eq!(look.tier.victim(0, &|_| true), Some(BlockId(expected)));
            look.tier.remove(BlockId(expected), Removal::Evicted);
        }
    }

    #[test]
    fn a_use_that_passed_unseen_protects_no_longer() {
        // Request 1 was to use a, but a faster tier served it: once request 2 is seen, a is as useless as it is.
        let mut look = Look::after("a a", 2, Belady::new);
        let access =
            |request| Access { block: BlockId(0), depth: 0, group: kv_core::Group::REST, request, now_ns: 0 };
        look.tier.remove(BlockId(0), Removal::Expired);
        look.tier.touch(&access(0), &|_| true);
        assert_eq!(look.tier.policy().order.last().map(|rank| rank.0), Some(NextUse::Never));
    }
}
