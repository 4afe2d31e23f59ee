//! A lower tier as a map of blocks, searched from end to end for what has expired.

use kv_core::BlockId;
use kv_core::policy::{Access, EvictionPolicy, Lease, LeasePolicy, Removal, Slot};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Incoming,
    Ready,
    /// Its lease is over while something needs it.
    Due,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    slot: Slot,
    state: State,
    pins: u32,
    uses: u8,
    /// (since, duration)
    lease: Option<(u64, u64)>,
}

pub(super) struct Residency {
    capacity: Option<u32>,
    blocks: BTreeMap<BlockId, Entry>,
    eviction: Box<dyn EvictionPolicy>,
    lease: Box<dyn LeasePolicy>,
    /// How often a block came, left, or changed its state.
    pub(super) changes: u64,
    counted_ns: u64,
    pub(super) block_ns: u128,
    pub(super) peak: u64,
    pub(super) insertions: u64,
    pub(super) evictions: u64,
    pub(super) expiries: u64,
    pub(super) rejections: u64,
}

impl Residency {
    pub(super) fn new(
        capacity: Option<u32>,
        eviction: Box<dyn EvictionPolicy>,
        lease: Box<dyn LeasePolicy>,
    ) -> Self {
        Self {
            capacity,
            blocks: BTreeMap::new(),
            eviction,
            lease,
            changes: 0,
            counted_ns: 0,
            block_ns: 0,
            peak: 0,
            insertions: 0,
            evictions: 0,
            expiries: 0,
            rejections: 0,
        }
    }

    pub(super) fn has(&self, block: BlockId) -> bool {
        self.blocks.contains_key(&block)
    }

    pub(super) fn is_ready(&self, block: BlockId) -> bool {
        self.blocks.get(&block).is_some_and(|entry| entry.state == State::Ready)
    }

    pub(super) fn is_incoming(&self, block: BlockId) -> bool {
        self.blocks.get(&block).is_some_and(|entry| entry.state == State::Incoming)
    }

    /// When the next lease ends.
    pub(super) fn next_expiry_ns(&self) -> Option<u64> {
        let leases = self.blocks.values().filter_map(|entry| entry.lease);
        leases.map(|(since, duration)| since.saturating_add(duration)).min()
    }

    /// Adds up what was held until now.
    pub(super) fn count(&mut self, now_ns: u64) {
        self.block_ns += u128::from(now_ns - self.counted_ns) * self.blocks.len() as u128;
        self.counted_ns = now_ns;
    }

    pub(super) fn expire(&mut self, now_ns: u64) {
        loop {
            let ends = self.blocks.iter().filter_map(|(&block, entry)| {
                entry.lease.map(|(since, duration)| (since.saturating_add(duration), block))
            });
            let Some((end_ns, block)) = ends.min().filter(|(end_ns, _)| *end_ns <= now_ns) else { return };
            let entry = self.entry(block);
            entry.lease = None;
            if entry.pins > 0 {
                entry.state = State::Due;
                self.changes += 1;
            } else {
                self.expiries += 1;
                self.drop_block(block, end_ns, Removal::Expired);
            }
        }
    }

    fn entry(&mut self, block: BlockId) -> &mut Entry {
        self.blocks.get_mut(&block).expect("a resident block")
    }

    fn drop_block(&mut self, block: BlockId, now_ns: u64, why: Removal) {
        self.count(now_ns);
        self.changes += 1;
        let entry = self.blocks.remove(&block).expect("a resident block");
        self.eviction.on_remove(entry.slot, why);
    }

    /// Evicts until `count` more blocks fit, or nothing; the blocks that left.
    pub(super) fn make_room(&mut self, count: usize, now_ns: u64) -> Option<Vec<BlockId>> {
        let capacity = self.capacity.map_or(usize::MAX, |n| n as usize);
        let needed = (self.blocks.len() + count).saturating_sub(capacity);
        if needed > self.blocks.values().filter(|entry| entry.pins == 0).count() {
            return None;
        }
        let mut left = Vec::new();
        while left.len() < needed {
            let free: Vec<Slot> =
                self.blocks.values().filter(|entry| entry.pins == 0).map(|entry| entry.slot).collect();
            let victim = self.eviction.choose_victim(now_ns, &|slot| free.contains(&slot));
            let (&block, _) = self
                .blocks
                .iter()
                .find(|(_, entry)| Some(entry.slot) == victim)
                .expect("a victim that is there");
            self.evictions += 1;
            self.drop_block(block, now_ns, Removal::Evicted);
            left.push(block);
        }
        Some(left)
    }

    pub(super) fn reserve(&mut self, access: &Access) {
        self.count(access.now_ns);
        self.changes += 1;
        let used: Vec<u32> = self.blocks.values().map(|entry| entry.slot.0).collect();
        let slot = Slot((0..).find(|slot| !used.contains(slot)).expect("a number"));
        let entry = Entry { slot, state: State::Incoming, pins: 1, uses: 0, lease: None };
        assert!(self.blocks.insert(access.block, entry).is_none(), "a block resides once");
        self.peak = self.peak.max(self.blocks.len() as u64);
        self.eviction.on_insert(slot, access);
    }

    pub(super) fn arrive(&mut self, access: &Access) {
        self.insertions += 1;
        let lease = self.lease.on_insert(access);
        self.entry(access.block).state = State::Ready;
        self.changes += 1;
        self.set_lease(access.block, lease, access.now_ns);
        self.unpin(access.block, access.now_ns);
    }

    fn set_lease(&mut self, block: BlockId, lease: Lease, now_ns: u64) {
        let entry = self.entry(block);
        match lease {
            Lease::Unlimited => entry.lease = None,
            Lease::For(duration) => entry.lease = Some((now_ns, duration)),
            Lease::Unchanged => {}
            Lease::Drop => {
                entry.lease = None;
                entry.state = State::Due;
                self.changes += 1;
            }
        }
    }

    pub(super) fn withdraw(&mut self, block: BlockId, now_ns: u64) {
        self.drop_block(block, now_ns, Removal::Withdrawn);
    }

    /// A request is going to use a block; its uses so far, this one included.
    pub(super) fn use_begins(&mut self, access: &Access) -> u8 {
        let lease = self.lease.on_hit(access);
        let entry = self.entry(access.block);
        entry.uses = entry.uses.saturating_add(1);
        let uses = entry.uses;
        self.set_lease(access.block, lease, access.now_ns);
        self.pin(access.block);
        self.unpin(access.block, access.now_ns);
        uses
    }

    pub(super) fn use_ends(&mut self, access: &Access) {
        let Some(entry) = self.blocks.get_mut(&access.block).filter(|e| e.state != State::Due) else {
            return;
        };
        entry.lease = entry.lease.map(|(_, duration)| (access.now_ns, duration));
        self.eviction.on_hit(entry.slot, access);
    }

    pub(super) fn pin(&mut self, block: BlockId) {
        self.entry(block).pins += 1;
    }

    pub(super) fn unpin(&mut self, block: BlockId, now_ns: u64) {
        let entry = self.entry(block);
        entry.pins -= 1;
        if entry.pins == 0 && entry.state == State::Due {
            self.expiries += 1;
            self.drop_block(block, now_ns, Removal::Expired);
        }
    }
}
