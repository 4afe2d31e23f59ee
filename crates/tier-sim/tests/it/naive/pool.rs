//! HBM as a list of slots and a list of free ones.

use kv_core::BlockId;
use tier_sim::FreeOrder;

/// Content of a block: what a lookup asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A block that the trace names.
    Block(BlockId),
    /// A block that only its own request can ask for, by position.
    Private(usize, usize),
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    users: u32,
    /// Content, and when it was registered.
    key: Option<(Key, u64)>,
}

#[derive(Debug)]
pub(super) struct Pool {
    order: FreeOrder,
    slots: Vec<Slot>,
    /// Front first.
    free: Vec<usize>,
    registrations: u64,
    pub(super) insertions: u64,
    pub(super) evictions: u64,
}

impl Pool {
    pub(super) fn new(slots: u32, order: FreeOrder) -> Self {
        let n = slots as usize;
        Self {
            order,
            slots: vec![Slot::default(); n],
            free: (0..n).collect(),
            registrations: 0,
            insertions: 0,
            evictions: 0,
        }
    }

    pub(super) fn free(&self) -> usize {
        self.free.len()
    }

    pub(super) fn is_free(&self, slot: usize) -> bool {
        self.slots[slot].users == 0
    }

    pub(super) fn held(&self) -> u64 {
        self.slots.iter().filter(|slot| slot.users > 0 || slot.key.is_some()).count() as u64
    }

    /// The slot where this content was registered first.
    pub(super) fn find(&self, key: Key) -> Option<usize> {
        let found = (0..self.slots.len()).filter(|&s| self.slots[s].key.is_some_and(|(k, _)| k == key));
        found.min_by_key(|&s| self.slots[s].key.map(|(_, when)| when))
    }

    /// Takes the first free slot; the block that no slot holds any more.
    pub(super) fn take(&mut self) -> (usize, Option<BlockId>) {
        let slot = self.free.remove(0);
        let old = std::mem::replace(&mut self.slots[slot], Slot { users: 1, key: None });
        match old.key {
            Some((Key::Block(block), _)) if self.find(Key::Block(block)).is_none() => {
                self.evictions += 1;
                (slot, Some(block))
            }
            _ => (slot, None),
        }
    }

    pub(super) fn acquire(&mut self, slot: usize) {
        self.free.retain(|&s| s != slot);
        self.slots[slot].users += 1;
    }

    pub(super) fn register(&mut self, slot: usize, key: Key) {
        assert!(self.slots[slot].key.is_none(), "a slot is registered once");
        self.registrations += 1;
        self.insertions += 1;
        self.slots[slot].key = Some((key, self.registrations));
    }

    /// Releases a request's slots, deepest first.
    pub(super) fn release(&mut self, table: &[usize]) {
        for &slot in table.iter().rev() {
            self.slots[slot].users -= 1;
            if self.slots[slot].users > 0 {
                continue;
            }
            if self.slots[slot].key.is_none() && self.order == FreeOrder::UncachedFirst {
                self.free.insert(0, slot);
            } else {
                self.free.push(slot);
            }
        }
    }
}
