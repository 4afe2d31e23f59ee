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

/// What is known of a slot. The free list runs through the cells; the last cell is its head and tail, and no slot.
#[derive(Debug, Clone, Copy)]
struct Cell {
    /// The block in it, or `NONE`, or `ANONYMOUS`.
    content: u32,
    /// Requests that use it.
    refs: u32,
    /// How often it was handed out: tells a preempted request whether its own block is still there.
    stamp: u32,
    next: u32,
    prev: u32,
    /// A further slot with the same block: two requests may compute one block at once.
    twin: u32,
}

/// Slots of one instance's HBM.
#[derive(Debug)]
pub(crate) struct Pool {
    order: FreeOrder,
    cells: Vec<Cell>,
    free: u32,
    /// Free slots that hold nothing reusable.
    empty: u32,
    /// First slot that holds each block.
    slot_of: Vec<u32>,
    /// Changes whenever a lookup or an allocation could end otherwise than before.
    version: u64,
}

impl Pool {
    pub(crate) fn new(slots: u32, blocks: usize, order: FreeOrder) -> Self {
        let cell = |slot: u32| Cell {
            content: NONE,
            refs: 0,
            stamp: 0,
            next: if slot == slots { 0 } else { slot + 1 },
            prev: if slot == 0 { slots } else { slot - 1 },
            twin: NONE,
        };
        Self {
            order,
            cells: (0..=slots).map(cell).collect(),
            free: slots,
            empty: slots,
            slot_of: vec![NONE; blocks],
            version: 0,
        }
    }

    /// Head and tail of the free list.
    fn end(&self) -> u32 {
        (self.cells.len() - 1) as u32
    }

    /// Slots that can be handed out.
    pub(crate) fn free(&self) -> u32 {
        self.free
    }

    /// Slots that hold something: in use, or cached.
    pub(crate) fn held(&self) -> u32 {
        self.end() - self.empty
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
        self.cells[slot as usize].refs == 0
    }

    /// How often a slot was handed out.
    pub(crate) fn stamp(&self, slot: u32) -> u32 {
        self.cells[slot as usize].stamp
    }

    /// Hands out the slot at the front of the free list, and tells which block is lost with it.
    ///
    /// # Panics
    /// If none is free: the caller asks [`Pool::free`] first.
    pub(crate) fn take(&mut self) -> (u32, Option<BlockId>) {
        assert!(self.free > 0, "no free slot to take");
        let slot = self.cells[self.end() as usize].next;
        self.unlink(slot);
        let cell = &mut self.cells[slot as usize];
        cell.refs = 1;
        cell.stamp += 1;
        let lost = std::mem::replace(&mut cell.content, NONE);
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
        let refs = &mut self.cells[slot as usize].refs;
        *refs += 1;
        if *refs == 1 {
            self.unlink(slot);
        }
    }

    /// Takes a user off a slot; the last one frees it.
    pub(crate) fn release(&mut self, slot: u32) {
        let end = self.end();
        let cell = &mut self.cells[slot as usize];
        cell.refs -= 1;
        if cell.refs > 0 {
            return;
        }
        let vacant = cell.content == NONE;
        self.version += 1;
        self.free += 1;
        self.empty += u32::from(vacant);
        let (before, after) = if vacant && self.order == FreeOrder::UncachedFirst {
            (end, self.cells[end as usize].next)
        } else {
            (self.cells[end as usize].prev, end)
        };
        let cell = &mut self.cells[slot as usize];
        (cell.prev, cell.next) = (before, after);
        self.cells[before as usize].next = slot;
        self.cells[after as usize].prev = slot;
    }

    /// Makes the block in a slot addressable.
    pub(crate) fn name(&mut self, slot: u32, block: BlockId) {
        let content = &mut self.cells[slot as usize].content;
        if *content == block.0 {
            return;
        }
        assert_eq!(*content, NONE, "a slot is named once");
        *content = block.0;
        self.version += 1;
        let first = &mut self.slot_of[block.index()];
        if *first == NONE {
            *first = slot;
            return;
        }
        let mut last = *first as usize;
        while self.cells[last].twin != NONE {
            last = self.cells[last].twin as usize;
        }
        self.cells[last].twin = slot;
    }

    /// Marks the block in a slot as full, though nothing can ever ask for it.
    pub(crate) fn seal(&mut self, slot: u32) {
        let content = &mut self.cells[slot as usize].content;
        assert!(*content >= ANONYMOUS, "a named slot is not sealed");
        *content = ANONYMOUS;
    }

    /// Removes `slot` from the chain of slots that hold `block`; true if it was the only one.
    fn forget(&mut self, slot: u32, block: u32) -> bool {
        self.version += 1;
        let rest = std::mem::replace(&mut self.cells[slot as usize].twin, NONE);
        let first = self.slot_of[block as usize];
        if first == slot {
            self.slot_of[block as usize] = rest;
            return rest == NONE;
        }
        let mut before = first as usize;
        while self.cells[before].twin != slot {
            before = self.cells[before].twin as usize;
        }
        self.cells[before].twin = rest;
        false
    }

    fn unlink(&mut self, slot: u32) {
        let Cell { prev, next, .. } = self.cells[slot as usize];
        self.cells[prev as usize].next = next;
        self.cells[next as usize].prev = prev;
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
