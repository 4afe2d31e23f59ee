//! Belady's MIN, prefix-closed: the block whose next use is furthest in the future leaves, deepest first among
//! equals.
//!
//! The policy is offline: the trace to be replayed says when each block is used next. A use is a request that
//! names the block among its full prompt blocks. The time of a use is the position of that request in the
//! trace, because the times at which an engine will serve it are not known. Blocks that no later request names
//! leave first. Every request that uses a block also uses all blocks before it, so a block's next use is never
//! after that of an extension. Ties go to the deepest block, so a prefix never loses its head before its
//! extensions.
//!
//! MIN is optimal for the number of hits of blocks of one size where every miss is inserted. Its hits here are
//! all usable ones, so nothing beats it in usable hits either (a test holds this). It is not optimal for
//! latency.
//!
//! The next use is looked up when a block is inserted or hit: it is the first request after `Access::request`
//! that names the block. When a later request is seen, the next uses of all requests up to it have passed (by
//! hits in a faster tier, for example), and resident blocks that wait for one of them are ranked anew.
//!
//! Memory: 24 bytes a slot, and 8 bytes a reference and 12 a block of the trace. O(log n) an operation.
//!
//! ```
//! use policies::testing::play;
//! // When d comes, a and b will be used again, c will not. When e comes, only a will.
//! assert_eq!(play("belady", &[], 3, "a b c a d b e a"), "a b c a+ d-c b+ e-b a+");
//! ```

use crate::grow::grown;
use crate::heap::Heap;
use crate::uses::{Rows, prompt_blocks};
use kv_core::policy::{Access, Build, EvictionPolicy, Removal, Slot, Spec};
use kv_core::{BlockId, Trace};

pub(super) const SPEC: Spec = Spec {
    name: "belady",
    summary: "offline: furthest next use leaves first, deepest first among equals",
    source: "Belady, IBM Syst. J. 1966 (MIN); ties so that prefixes stay closed",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Eviction(|_, context| Box::new(Belady::new(context.trace))),
};

/// The next use of a block that no later request names: after all others.
const NEVER: u32 = u32::MAX;

struct Belady {
    /// Full prompt blocks of each request.
    blocks_of: Rows,
    /// Requests that use each block, in order.
    uses_of: Rows,
    /// Slots by next use, as a position in the trace, and by depth.
    order: Heap,
    /// By slot.
    block_in: Vec<u32>,
    /// By block: its slot plus one, 0 where it is not resident.
    slot_of: Vec<u32>,
    /// The latest request seen.
    latest: u32,
}

impl Belady {
    fn new(trace: &Trace) -> Self {
        let blocks_of = prompt_blocks(trace);
        let uses_of = blocks_of.transposed(trace.unique_blocks());
        let slot_of = vec![0; trace.unique_blocks()];
        Self { blocks_of, uses_of, order: Heap::default(), block_in: Vec::new(), slot_of, latest: 0 }
    }

    /// Takes note that a request is being served: what was to be used before it will not be.
    fn advance(&mut self, request: u32) {
        while self.latest < request {
            for at in 0..self.blocks_of.row(self.latest).len() {
                let block = BlockId(self.blocks_of.row(self.latest)[at]);
                let Some(slot) = self.slot_of[block.index()].checked_sub(1) else { continue };
                let Some((next, depth)) = self.order.rank(slot).map(next_use_and_depth) else { continue };
                if next == self.latest {
                    self.place(Slot(slot), block, depth, self.latest + 1);
                }
            }
            self.latest += 1;
        }
    }

    /// Ranks a block by its first use by a request from `first` on.
    fn place(&mut self, slot: Slot, block: BlockId, depth: u32, first: u32) {
        let next_use = self.uses_of.first_from(block.0, first).unwrap_or(NEVER);
        self.order.set(slot.0, (u64::from(next_use) << u32::BITS) | u64::from(depth));
    }

    fn used(&mut self, slot: Slot, access: &Access) {
        self.advance(access.request);
        self.place(slot, access.block, access.depth, self.latest + 1);
    }
}

fn next_use_and_depth(rank: u64) -> (u32, u32) {
    ((rank >> u32::BITS) as u32, rank as u32)
}

impl EvictionPolicy for Belady {
    fn on_insert(&mut self, slot: Slot, access: &Access) {
        self.used(slot, access);
        *grown(&mut self.block_in, slot.index()) = access.block.0;
        self.slot_of[access.block.index()] = slot.0 + 1;
    }

    fn on_hit(&mut self, slot: Slot, access: &Access) {
        self.used(slot, access);
    }

    fn on_remove(&mut self, slot: Slot, _: Removal) {
        self.order.remove(slot.0);
        self.slot_of[self.block_in[slot.index()] as usize] = 0;
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        self.order.greatest(|slot| eligible(Slot(slot))).map(Slot)
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
        assert_eq!(look.tier.policy().order.rank(0).map(next_use_and_depth), Some((NEVER, 0)));
    }
}
