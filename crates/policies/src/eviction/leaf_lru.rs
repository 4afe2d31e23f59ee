//! Least recently used among leaves: a block leaves only when no resident block extends it.
//!
//! SGLang's radix cache has this order, and vLLM approximates it by freeing deepest first. Plain LRU gives the
//! same answer while every use walks a whole prefix. Where leases, pins or a faster tier hide uses of the
//! prefix's head, plain LRU strands extensions that nothing can reach. Inner blocks found at the old end are
//! parked until their last extension has left. Then they stand again where their last use puts them, so a
//! search is amortised O(1). Where only inner blocks are eligible, the one parked first leaves.
//!
//! Memory: 24 bytes a slot and 12 bytes a block of the trace (who extends whom).
//!
//! ```
//! use policies::testing::play;
//! // c is alone. The single-block request a leaves a newer than its extension b, so c goes first, then b.
//! assert_eq!(play("leaf-lru", &[], 3, "c ab a d e"), "c b,a a+ d-c e-b");
//! ```

use crate::lists::Lists;
use kv_core::policy::{Access, Build, EvictionPolicy, Removal, Slot, Spec};
use kv_core::{BlockId, Trace};

pub(super) const SPEC: Spec = Spec {
    name: "leaf-lru",
    summary: "least recently used of the blocks that no resident block extends",
    source: "Zheng et al.: SGLang, NeurIPS 2024 (RadixAttention)",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Eviction(|_, context| Box::new(LeafLru::new(context.trace))),
};

/// Blocks that may be leaves; front: most recently used.
const ORDER: usize = 0;
/// Blocks found to be extended; front: parked last.
const PARKED: usize = 1;

struct LeafLru {
    lists: Lists<2, InSlot>,
    blocks: Vec<InTree>,
    uses: u64,
}

#[derive(Clone, Copy, Default)]
struct InSlot {
    /// Count of uses up to and including its last, doubled; plus one while it is parked.
    used_and_parked: u64,
    block: u32,
}

/// Plus one each, 0 for none: half the room of options.
#[derive(Clone, Copy)]
struct InTree {
    parent: u32,
    slot: u32,
    /// Resident blocks that extend it by one.
    children: u32,
}

impl InSlot {
    fn list(self) -> usize {
        if self.used_and_parked & 1 == 1 { PARKED } else { ORDER }
    }
}

impl LeafLru {
    fn new(trace: &Trace) -> Self {
        let parent = |id| trace.parent(BlockId(id)).map_or(0, |parent| parent.0 + 1);
        let blocks = (0..trace.unique_blocks() as u32)
            .map(|id| InTree { parent: parent(id), slot: 0, children: 0 })
            .collect();
        Self { lists: Lists::new(), blocks, uses: 0 }
    }

    /// Makes a block the most recently used.
    fn use_now(&mut self, slot: Slot) {
        self.uses += 1;
        self.lists.item_mut(slot.0).used_and_parked = 2 * self.uses;
        self.lists.push_front(ORDER, slot.0);
    }

    /// The node of a block's parent.
    fn parent(&mut self, block: u32) -> Option<&mut InTree> {
        let parent = self.blocks[block as usize].parent.checked_sub(1)?;
        Some(&mut self.blocks[parent as usize])
    }

    /// Puts a parked block that became a leaf back where its last use belongs: near the old end.
    fn unpark(&mut self, slot: u32) {
        self.lists.remove(PARKED, slot);
        let state = self.lists.item_mut(slot);
        state.used_and_parked -= 1;
        let used = state.used_and_parked;
        let newer =
            self.lists.back_to_front(ORDER).find(|&other| self.lists.item(other).used_and_parked > used);
        self.lists.insert_behind(ORDER, newer, slot);
    }
}

impl EvictionPolicy for LeafLru {
    fn on_insert(&mut self, slot: Slot, access: &Access) {
        self.lists.item_mut(slot.0).block = access.block.0;
        self.use_now(slot);
        self.blocks[access.block.index()].slot = slot.0 + 1;
        if let Some(parent) = self.parent(access.block.0) {
            parent.children += 1;
        }
    }

    fn on_hit(&mut self, slot: Slot, _: &Access) {
        self.lists.remove(self.lists.item(slot.0).list(), slot.0);
        self.use_now(slot);
    }

    fn on_remove(&mut self, slot: Slot, _: Removal) {
        let state = self.lists.item(slot.0);
        self.lists.remove(state.list(), slot.0);
        self.blocks[state.block as usize].slot = 0;
        let Some(parent) = self.parent(state.block) else { return };
        parent.children -= 1;
        if let (0, Some(slot)) = (parent.children, parent.slot.checked_sub(1))
            && self.lists.item(slot).list() == PARKED
        {
            self.unpark(slot);
        }
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        let mut next = self.lists.back(ORDER);
        while let Some(slot) = next {
            next = self.lists.before(slot);
            if self.blocks[self.lists.item(slot).block as usize].children > 0 {
                self.lists.remove(ORDER, slot);
                self.lists.item_mut(slot).used_and_parked += 1;
                self.lists.push_front(PARKED, slot);
            } else if eligible(Slot(slot)) {
                return Some(Slot(slot));
            }
        }
        self.lists.back_to_front(PARKED).map(Slot).find(|&slot| eligible(slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Look, play};

    #[test]
    fn an_extension_used_alone_keeps_its_prefix() {
        // A faster tier holds a, so this one sees only uses of b: LRU would evict a and strand b.
        let mut look = Look::after("ab c", 3, LeafLru::new);
        let access =
            Access { block: BlockId(1), depth: 1, group: kv_core::Group::REST, request: 2, now_ns: 0 };
        look.tier.touch(&access, &|_| true);
        assert_eq!(look.tier.victim(0, &|_| true), Some(BlockId(2)), "c, although a was used before it");
        assert_eq!(look.slots(look.tier.policy().lists.back_to_front(PARKED)), "a");
        look.tier.remove(BlockId(2), Removal::Evicted);
        look.tier.remove(BlockId(1), Removal::Expired);
        // b is gone, so a is a leaf again, and the oldest.
        assert_eq!(look.tier.victim(0, &|_| true), Some(BlockId(0)));
    }

    #[test]
    fn full_walks_give_the_order_of_lru() {
        let script = "abc abd e abc f ag h abd i abcj";
        for capacity in 3..8 {
            assert_eq!(play("leaf-lru", &[], capacity, script), play("lru", &[], capacity, script));
        }
    }
}
