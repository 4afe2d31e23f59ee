//! A hash table from raw ids to dense numbers. It does not hold the raw ids: the caller has them in a list by
//! dense number.
//!
//! A slot is one `u32`. Its low bits hold the dense number plus one. The bits above are free as long as there
//! are few ids, and hold more bits of the hash (the tag). So a lookup that passes the slot of another id nearly
//! always sees that from the tag alone. It does not read the list, where it would miss the cache again.
//!
//! This table is our own because it is measured: half of the time of reading a trace of 64-bit ids goes into it
//! (see `crates/README.md`).

/// The table has at least so many slots for each id.
const SLOTS_PER_ID: usize = 2;

/// So many ids are looked up together, because a core can have about as many cache misses under way.
pub(super) const AT_ONCE: usize = 32;

/// Slots of the first table.
const FIRST_SLOTS: usize = 1 << 10;

/// Open addressing; each id stands in the first free slot from where its hash says.
#[derive(Debug, Default)]
pub(super) struct Hashed {
    /// Tag and dense number plus one; 0 for none. A power of two of them, or none.
    slots: Vec<u32>,
    /// Slots that are not 0.
    len: usize,
    /// How many low bits hold the dense number plus one: at least those that number the slots.
    dense_bits: u32,
}

/// Where a lookup ended.
pub(super) enum Place {
    /// The dense number of the id.
    Known(u32),
    /// The slot where it would stand.
    Free(usize),
}

impl Hashed {
    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether another id, numbered `dense`, needs [`Hashed::rebuild`] first.
    pub(super) fn is_full(&self, dense: usize) -> bool {
        (self.len + 1) * SLOTS_PER_ID > self.slots.len() || dense >= self.dense_mask() as usize
    }

    /// The dense number in an id's first slot, where the tag fits. It may be another id's number, so the caller
    /// must compare. The table is not empty.
    #[inline]
    pub(super) fn likely(&self, raw: u64) -> Option<u32> {
        let hash = hash(raw);
        let slot = self.slots[self.first_slot(hash)];
        let dense_plus_one = if self.has_tag(slot, hash) { slot & self.dense_mask() } else { 0 };
        dense_plus_one.checked_sub(1)
    }

    /// Looks an id up among those of `raw_of`. The table is not full.
    #[inline]
    pub(super) fn find(&self, raw: u64, raw_of: &[u64]) -> Place {
        let hash = hash(raw);
        let mut at = self.first_slot(hash);
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return Place::Free(at);
            }
            if self.has_tag(slot, hash) {
                let dense = (slot & self.dense_mask()) - 1;
                if raw_of[dense as usize] == raw {
                    return Place::Known(dense);
                }
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// Enters an id where [`Hashed::find`] said.
    #[inline]
    pub(super) fn enter(&mut self, at: usize, raw: u64, dense: u32) {
        self.slots[at] = self.tag(hash(raw)) | (dense + 1);
        self.len += 1;
    }

    /// Makes the table anew of `len` ids, with room for as many more. `known` is the number of all ids, those
    /// outside of this table included.
    #[cold]
    pub(super) fn rebuild(&mut self, ids: impl Iterator<Item = (u32, u64)>, len: usize, known: usize) {
        let slots = (SLOTS_PER_ID * (len + 1)).next_power_of_two().max(FIRST_SLOTS);
        self.slots.clear();
        // Written as a whole: of fresh zeroed memory, the system gives what is read first a second time when it is written.
        self.slots.resize(slots, 0);
        self.dense_bits = slots.ilog2().max((2 * known + 2).ilog2() + 1).min(u32::BITS);
        self.len = 0;
        for (dense, raw) in ids {
            let mut at = self.first_slot(hash(raw));
            while self.slots[at] != 0 {
                at = (at + 1) & (slots - 1);
            }
            self.enter(at, raw, dense);
        }
    }

    fn first_slot(&self, hash: u32) -> usize {
        (u64::from(hash) >> (u32::BITS - self.slots.len().ilog2())) as usize
    }

    fn dense_mask(&self) -> u32 {
        u32::MAX >> (u32::BITS - self.dense_bits)
    }

    /// The lowest bits of the hash, moved above the dense number. These bits did not choose the slot.
    fn tag(&self, hash: u32) -> u32 {
        (u64::from(hash) << self.dense_bits) as u32
    }

    fn has_tag(&self, slot: u32, hash: u32) -> bool {
        (slot ^ self.tag(hash)) & !self.dense_mask() == 0
    }
}

/// Fibonacci hashing: the high bits of a product with 2^64 over the golden ratio spread runs of numbers evenly.
fn hash(raw: u64) -> u32 {
    (raw.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}
