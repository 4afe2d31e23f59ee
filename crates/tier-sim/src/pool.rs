//! The HBM block pool of one instance: reference counts, the prefix cache and the free list, in vLLM's order.
//!
//! A free slot keeps its content until it is reused, so the free list is the LRU list of the prefix cache. Nothing
//! here knows requests or time.

use kv_core::BlockId;

/// Marks an empty cell of the arrays below; private, so that no sentinel leaves this file.
const NONE: u32 = u32::MAX;
/// A full block that the trace never names: it is kept like a cached one, and never found.
const ANONYMOUS: u32 = u32::MAX - 1;

/// Where a freed slot that holds nothing reusable goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreeOrder {
    /// To the front, so that it is reused before any cached block (vLLM since its 2026 releases).
    UncachedFirst,
    /// To the back like any other (vLLM 0.19).
    Uniform,
}

/// Slots of one instance's HBM.
#[derive(Debug)]
pub(crate) struct Pool {
    order: FreeOrder,
    /// Block in each slot, or `NONE`, or `ANONYMOUS`.
    content: Vec<u32>,
    /// Requests that use each slot.
    refs: Vec<u32>,
    /// How often each slot was handed out: tells a preempted request whether its own block is still there.
    stamp: Vec<u32>,
    /// Free list through the slots; the last cell is its head and tail.
    next: Vec<u32>,
    prev: Vec<u32>,
    free: u32,
    /// Free slots that hold nothing reusable.
    empty: u32,
    /// First slot that holds each block.
    slot_of: Vec<u32>,
    /// Further slots with the same block, linked from the first: two requests may compute one block at once.
    twin: Vec<u32>,
    /// Changes whenever a lookup or an allocation could end otherwise than before.
    version: u64,
}

impl Pool {
    pub(crate) fn new(slots: u32, blocks: usize, order: FreeOrder) -> Self {
        let n = slots as usize;
        let mut pool = Self {
            order,
            content: vec![NONE; n],
            refs: vec![0; n],
            stamp: vec![0; n],
            next: (1..=slots).chain([0]).collect(),
            prev: [slots].into_iter().chain(0..slots).collect(),
            free: slots,
            empty: slots,
            slot_of: vec![NONE; blocks],
            twin: vec![NONE; n],
            version: 0,
        };
        if slots == 0 {
            pool.next[0] = 0;
            pool.prev[0] = 0;
        }
        pool
    }

    /// Slots that can be handed out.
    pub(crate) fn free(&self) -> u32 {
        self.free
    }

    /// Slots that hold something: in use, or cached.
    pub(crate) fn held(&self) -> u32 {
        self.content.len() as u32 - self.empty
    }

    /// Changes whenever a lookup or an allocation could end otherwise than before.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The slot that holds a block.
    pub(crate) fn find(&self, block: BlockId) -> Option<u32> {
        Some(self.slot_of[block.index()]).filter(|&slot| slot != NONE)
    }

    /// Whether nobody uses a slot.
    pub(crate) fn is_free(&self, slot: u32) -> bool {
        self.refs[slot as usize] == 0
    }

    /// How often a slot was handed out.
    pub(crate) fn stamp(&self, slot: u32) -> u32 {
        self.stamp[slot as usize]
    }

    /// Hands out the slot at the front of the free list, and tells which block is lost with it.
    ///
    /// # Panics
    /// If none is free: the caller asks [`Pool::free`] first.
    pub(crate) fn take(&mut self) -> (u32, Option<BlockId>) {
        let slot = self.next[self.content.len()];
        assert!(self.free > 0, "no free slot to take");
        self.unlink(slot);
        let s = slot as usize;
        self.refs[s] = 1;
        self.stamp[s] += 1;
        let lost = std::mem::replace(&mut self.content[s], NONE);
        match lost {
            NONE => self.empty -= 1,
            ANONYMOUS => {}
            block if self.forget(slot, block) => return (slot, Some(BlockId(block))),
            _ => {}
        }
        (slot, None)
    }

    /// Adds a user to a slot.
    pub(crate) fn acquire(&mut self, slot: u32) {
        if self.refs[slot as usize] == 0 {
            self.unlink(slot);
        }
        self.refs[slot as usize] += 1;
    }

    /// Takes a user off a slot; the last one frees it.
    pub(crate) fn release(&mut self, slot: u32) {
        let s = slot as usize;
        self.refs[s] -= 1;
        if self.refs[s] > 0 {
            return;
        }
        self.version += 1;
        self.free += 1;
        let end = self.content.len() as u32;
        let vacant = self.content[s] == NONE;
        self.empty += u32::from(vacant);
        let (before, after) = if vacant && self.order == FreeOrder::UncachedFirst {
            (end, self.next[end as usize])
        } else {
            (self.prev[end as usize], end)
        };
        self.prev[s] = before;
        self.next[s] = after;
        self.next[before as usize] = slot;
        self.prev[after as usize] = slot;
    }

    /// Makes the block in a slot addressable.
    pub(crate) fn name(&mut self, slot: u32, block: BlockId) {
        let s = slot as usize;
        if self.content[s] == block.0 {
            return;
        }
        assert_eq!(self.content[s], NONE, "a slot is named once");
        self.version += 1;
        self.content[s] = block.0;
        let first = &mut self.slot_of[block.index()];
        if *first == NONE {
            *first = slot;
            return;
        }
        let mut last = *first as usize;
        while self.twin[last] != NONE {
            last = self.twin[last] as usize;
        }
        self.twin[last] = slot;
    }

    /// Marks the block in a slot as full, though nothing can ever ask for it.
    pub(crate) fn seal(&mut self, slot: u32) {
        assert!(self.content[slot as usize] >= ANONYMOUS, "a named slot is not sealed");
        self.content[slot as usize] = ANONYMOUS;
    }

    /// Removes `slot` from the chain of slots that hold `block`; true if it was the only one.
    fn forget(&mut self, slot: u32, block: u32) -> bool {
        self.version += 1;
        let rest = std::mem::replace(&mut self.twin[slot as usize], NONE);
        let first = self.slot_of[block as usize];
        if first == slot {
            self.slot_of[block as usize] = rest;
            return rest == NONE;
        }
        let mut before = first as usize;
        while self.twin[before] != slot {
            before = self.twin[before] as usize;
        }
        self.twin[before] = rest;
        false
    }

    fn unlink(&mut self, slot: u32) {
        let (before, after) = (self.prev[slot as usize], self.next[slot as usize]);
        self.next[before as usize] = after;
        self.prev[after as usize] = before;
        self.free -= 1;
        self.version += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take_all(pool: &mut Pool) -> Vec<u32> {
        (0..pool.free()).map(|_| pool.take().0).collect()
    }

    #[test]
    fn a_prefix_outlives_its_extensions() {
        let mut pool = Pool::new(3, 3, FreeOrder::UncachedFirst);
        let slots = take_all(&mut pool);
        for (slot, block) in slots.iter().zip([0, 1]) {
            pool.name(*slot, BlockId(block));
        }
        // Freed last block first; the third slot holds a partial block.
        slots.iter().rev().for_each(|&slot| pool.release(slot));
        assert_eq!(pool.held(), 2);
        assert_eq!(pool.take(), (slots[2], None));
        assert_eq!(pool.take(), (slots[1], Some(BlockId(1))));
        assert_eq!(pool.find(BlockId(0)), Some(slots[0]));
        assert_eq!(pool.find(BlockId(1)), None);
    }

    #[test]
    fn uniform_order_keeps_partial_blocks_in_line() {
        let mut pool = Pool::new(2, 1, FreeOrder::Uniform);
        let slots = take_all(&mut pool);
        pool.name(slots[0], BlockId(0));
        pool.release(slots[0]);
        pool.release(slots[1]);
        assert_eq!(pool.take(), (slots[0], Some(BlockId(0))));
    }

    #[test]
    fn a_block_computed_twice_is_lost_with_its_last_copy() {
        let mut pool = Pool::new(2, 1, FreeOrder::UncachedFirst);
        let slots = take_all(&mut pool);
        slots.iter().for_each(|&slot| pool.name(slot, BlockId(0)));
        slots.iter().for_each(|&slot| pool.release(slot));
        assert_eq!(pool.take(), (slots[0], None));
        assert_eq!(pool.find(BlockId(0)), Some(slots[1]));
        assert_eq!(pool.take(), (slots[1], Some(BlockId(0))));
    }

    #[test]
    fn a_slot_in_use_is_not_handed_out() {
        let mut pool = Pool::new(2, 2, FreeOrder::UncachedFirst);
        let (slot, _) = pool.take();
        pool.name(slot, BlockId(1));
        pool.release(slot);
        pool.acquire(slot);
        assert_eq!(pool.free(), 1);
        assert_ne!(pool.take().0, slot);
        assert_eq!(pool.free(), 0);
    }
}
