//! One lower tier: which blocks reside in it, which are pinned, how long they may stay.
//!
//! It owns bytes, residency, pins and clocks; its policies own order and duration only. A block whose copy
//! is on the way has a slot, cannot be found, and cannot be a victim.

use crate::leases::Leases;
use kv_core::BlockId;
use kv_core::policy::{Access, EvictionPolicy, Lease, LeasePolicy, Removal, Slot};

const NONE: u32 = u32::MAX;

/// What is known of a slot.
#[derive(Debug, Clone, Copy)]
struct Cell {
    block: u32,
    /// Transfers and requests that need the block to stay.
    pins: u16,
    /// Uses since it came, for selective writes of the tier below.
    uses: u8,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Vacant,
    /// A copy is on the way.
    Incoming,
    Ready,
    /// Its lease has ended, or its policy has refused it, while it was pinned. Its removal is due: it leaves with its last
    /// pin, and no lookup finds it until then.
    Due,
}

/// A lookup's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nowhere in the tier.
    Absent,
    /// On the way.
    Incoming,
    /// There.
    Ready(Slot),
}

/// What a tier has done.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ResidencyTotals {
    pub(crate) insertions: u64,
    pub(crate) evictions: u64,
    pub(crate) expiries: u64,
    pub(crate) rejections: u64,
    pub(crate) peak: u32,
    /// Integral of held blocks over time \[blocks ns\].
    pub(crate) block_ns: u128,
}

/// A tier's residency.
pub(crate) struct Residency {
    capacity: Option<u32>,
    slot_of: Vec<u32>,
    cells: Vec<Cell>,
    vacant: Vec<u32>,
    held: u32,
    pinned: u32,
    eviction: Box<dyn EvictionPolicy>,
    lease: Box<dyn LeasePolicy>,
    leases: Leases,
    /// When `totals.block_ns` was last brought up to date.
    counted_ns: u64,
    /// Changes whenever a lookup could end otherwise than before.
    version: u64,
    totals: ResidencyTotals,
    /// When each lease ended, and the blocks held after it; kept for an observer.
    expired: Option<Vec<(u64, u32)>>,
}

impl Residency {
    pub(crate) fn new(
        capacity: Option<u32>,
        blocks: usize,
        eviction: Box<dyn EvictionPolicy>,
        lease: Box<dyn LeasePolicy>,
    ) -> Self {
        Self {
            capacity,
            slot_of: vec![NONE; blocks],
            cells: Vec::new(),
            vacant: Vec::new(),
            held: 0,
            pinned: 0,
            eviction,
            lease,
            leases: Leases::default(),
            counted_ns: 0,
            version: 0,
            totals: ResidencyTotals::default(),
            expired: None,
        }
    }

    /// Keeps a note of every lease that ends.
    pub(crate) fn keep_expired(&mut self) {
        self.expired = Some(Vec::new());
    }

    /// Leases that have ended since the last call: when, how many at once, and the blocks held afterwards.
    pub(crate) fn drain_expired(&mut self) -> Vec<(u64, u32, u32)> {
        let expired = self.expired.as_mut().map(std::mem::take).unwrap_or_default();
        let same = expired.chunk_by(|a, b| a.0 == b.0);
        same.map(|ends| (ends[0].0, ends.len() as u32, ends[ends.len() - 1].1)).collect()
    }

    /// Blocks held, those on their way included.
    pub(crate) fn held(&self) -> u32 {
        self.held
    }

    /// What it has done until `now_ns`.
    pub(crate) fn totals(&mut self, now_ns: u64) -> ResidencyTotals {
        self.expire(now_ns);
        self.count(now_ns);
        self.totals
    }

    /// Drops what has expired by `now_ns`. Called before anything else happens at that time.
    pub(crate) fn expire(&mut self, now_ns: u64) {
        while let Some((end_ns, slot)) = self.leases.ended(now_ns) {
            self.leases.remove(slot);
            if self.cells[slot.index()].pins > 0 {
                self.remove_when_unpinned(slot);
            } else {
                self.count(end_ns);
                self.totals.expiries += 1;
                self.drop_block(slot, Removal::Expired);
                self.note_expired(end_ns);
            }
        }
    }

    /// Looks a block up; expiry is up to date.
    pub(crate) fn find(&self, block: BlockId) -> Found {
        let slot = self.slot_of[block.index()];
        if slot == NONE {
            return Found::Absent;
        }
        match self.cells[slot as usize].state {
            State::Incoming => Found::Incoming,
            State::Ready => Found::Ready(Slot(slot)),
            State::Vacant | State::Due => Found::Absent,
        }
    }

    /// When the next lease ends [ns]: until then, time alone makes nothing leave.
    pub(crate) fn next_expiry_ns(&self) -> Option<u64> {
        self.leases.first().map(|(end_ns, _)| end_ns)
    }

    /// Changes whenever a lookup could end otherwise than before.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Whether a block has a slot, whatever its state.
    pub(crate) fn has(&self, block: BlockId) -> bool {
        self.slot_of[block.index()] != NONE
    }

    /// Evicts until `count` more blocks fit. If pins prevent it, it evicts nothing and returns false. It appends the blocks
    /// that have left to `evicted`, if that is given.
    pub(crate) fn make_room(
        &mut self,
        count: u32,
        now_ns: u64,
        mut evicted: Option<&mut Vec<BlockId>>,
    ) -> bool {
        let Some(capacity) = self.capacity else { return true };
        let needed = (self.held + count).saturating_sub(capacity);
        if needed > self.held - self.pinned {
            return false;
        }
        if needed > 0 {
            self.count(now_ns);
        }
        for _ in 0..needed {
            let cells = &self.cells;
            let eligible = |slot: Slot| {
                let cell = &cells[slot.index()];
                cell.state != State::Vacant && cell.pins == 0
            };
            let victim = self.eviction.choose_victim(now_ns, &eligible);
            let victim = victim.expect("a policy names a victim while one is eligible");
            assert!(eligible(victim), "a policy named a victim that is not eligible");
            if let Some(evicted) = &mut evicted {
                evicted.push(BlockId(self.cells[victim.index()].block));
            }
            self.leases.remove(victim);
            self.totals.evictions += 1;
            self.drop_block(victim, Removal::Evicted);
        }
        true
    }

    /// Counts copies that were not taken.
    pub(crate) fn reject(&mut self, count: u32) {
        self.totals.rejections += u64::from(count);
    }

    /// Gives an absent block a slot for a copy on the way. Room has been made.
    pub(crate) fn reserve(&mut self, access: &Access) -> Slot {
        assert!(!self.has(access.block), "a block resides once");
        self.count(access.now_ns);
        let cell = Cell { block: access.block.0, pins: 1, uses: 0, state: State::Incoming };
        let slot = match self.vacant.pop() {
            Some(slot) => {
                self.cells[slot as usize] = cell;
                slot
            }
            None => {
                self.cells.push(cell);
                u32::try_from(self.cells.len() - 1).expect("slots are counted in u32")
            }
        };
        self.slot_of[access.block.index()] = slot;
        self.version += 1;
        self.pinned += 1;
        self.held += 1;
        self.totals.peak = self.totals.peak.max(self.held);
        self.eviction.on_insert(Slot(slot), access);
        Slot(slot)
    }

    /// The copy has arrived: the block can be found. Its reservation's pin is released.
    pub(crate) fn arrive(&mut self, slot: Slot, access: &Access) {
        let cell = &mut self.cells[slot.index()];
        assert_eq!(cell.state, State::Incoming);
        cell.state = State::Ready;
        self.version += 1;
        self.totals.insertions += 1;
        let lease = self.lease.on_insert(access);
        self.leases.set(slot, lease, access.now_ns);
        if lease == Lease::Drop {
            self.remove_when_unpinned(slot);
        }
        self.unpin(slot, access.now_ns);
    }

    /// The copy on the way will not come.
    pub(crate) fn withdraw(&mut self, slot: Slot, now_ns: u64) {
        self.count(now_ns);
        self.cells[slot.index()].pins = 0;
        self.pinned -= 1;
        self.drop_block(slot, Removal::Withdrawn);
    }

    /// A request is going to use the block: its lease starts anew, as its policy says.
    pub(crate) fn use_begins(&mut self, slot: Slot, access: &Access) -> u8 {
        let lease = self.lease.on_hit(access);
        self.leases.set(slot, lease, access.now_ns);
        if lease == Lease::Drop {
            self.pin(slot);
            self.remove_when_unpinned(slot);
            self.unpin(slot, access.now_ns);
        }
        let uses = &mut self.cells[slot.index()].uses;
        *uses = uses.saturating_add(1);
        *uses
    }

    /// The request that used the block has ended: it idles from now, and counts as used now.
    pub(crate) fn use_ends(&mut self, access: &Access) {
        let slot = self.slot_of[access.block.index()];
        if slot != NONE && self.cells[slot as usize].state != State::Due {
            self.eviction.on_hit(Slot(slot), access);
            self.leases.restart(Slot(slot), access.now_ns);
        }
    }

    /// Keeps a block from leaving.
    pub(crate) fn pin(&mut self, slot: Slot) {
        let pins = &mut self.cells[slot.index()].pins;
        self.pinned += u32::from(*pins == 0);
        *pins = pins.checked_add(1).expect("fewer than 65536 pins on one block");
    }

    /// Undoes one [`Residency::pin`].
    pub(crate) fn unpin(&mut self, slot: Slot, now_ns: u64) {
        let cell = &mut self.cells[slot.index()];
        cell.pins -= 1;
        if cell.pins > 0 {
            return;
        }
        let due = cell.state == State::Due;
        self.pinned -= 1;
        if due {
            self.drop_due(slot, now_ns);
        }
    }

    /// Removes a block that is due. It is a function of its own, for [`Residency::unpin`] is called for every block of every
    /// transfer and seldom gets here.
    #[cold]
    fn drop_due(&mut self, slot: Slot, now_ns: u64) {
        self.count(now_ns);
        self.totals.expiries += 1;
        self.drop_block(slot, Removal::Expired);
        self.note_expired(now_ns);
    }

    fn note_expired(&mut self, at_ns: u64) {
        if let Some(expired) = &mut self.expired {
            expired.push((at_ns, self.held));
        }
    }

    fn remove_when_unpinned(&mut self, slot: Slot) {
        self.cells[slot.index()].state = State::Due;
        self.version += 1;
        self.leases.remove(slot);
    }

    fn drop_block(&mut self, slot: Slot, why: Removal) {
        self.eviction.on_remove(slot, why);
        self.leases.remove(slot);
        self.version += 1;
        let cell = &mut self.cells[slot.index()];
        self.slot_of[cell.block as usize] = NONE;
        *cell = Cell { block: NONE, pins: 0, uses: 0, state: State::Vacant };
        self.vacant.push(slot.0);
        self.held -= 1;
    }

    fn count(&mut self, now_ns: u64) {
        self.totals.block_ns += u128::from(self.held) * u128::from(now_ns - self.counted_ns);
        self.counted_ns = now_ns;
    }
}
