//! Ranks that age: uses times cost, plus the rank of the last victim at the time of the last use.
//!
//! LFU with dynamic ageing and GreedyDual queue their blocks by such ranks. A rank is always set at or above
//! the least rank served, which never falls, so a radix heap can hold them. A slot stands in a list that is
//! chosen by the highest byte in which its rank differs from that least rank, and by the value of this byte.
//! Setting or removing a rank is O(1). A slot moves to a lower byte at most seven times before it is served,
//! and never while ranks are within 256 of each other. Equal ranks are served in the order in which they were
//! set. Memory: 24 bytes a slot, and 25 kB.

use crate::grow::grown;
use crate::lists::Lists;
use kv_core::policy::Slot;

const DIGITS: usize = 256;
const LEVELS: usize = u64::BITS as usize / 8;
/// The list of slots that a search has passed over.
const ASIDE: usize = LEVELS * DIGITS;

/// See the module.
#[derive(Debug)]
pub(crate) struct AgeingQueue {
    lists: Box<Lists<{ ASIDE + 1 }>>,
    slots: Vec<InSlot>,
    /// No rank is below it.
    least: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct InSlot {
    rank: u64,
    uses: u32,
}

impl AgeingQueue {
    pub(crate) fn new() -> Self {
        Self { lists: Box::new(Lists::new()), slots: Vec::new(), least: 0 }
    }

    /// Adds a slot that is not in the queue: its first use.
    pub(crate) fn insert(&mut self, slot: Slot, cost: u32) {
        let rank = self.least.saturating_add(cost.into());
        *grown(&mut self.slots, slot.index()) = InSlot { rank, uses: 1 };
        self.lists.push_front(self.list_of(rank), slot.0);
    }

    /// Counts another use.
    pub(crate) fn hit(&mut self, slot: Slot, cost: u32) {
        let InSlot { rank, uses } = self.slots[slot.index()];
        self.lists.remove(self.list_of(rank), slot.0);
        let uses = uses.saturating_add(1);
        let rank = self.least.saturating_add(u64::from(uses) * u64::from(cost));
        self.slots[slot.index()] = InSlot { rank, uses };
        self.lists.push_front(self.list_of(rank), slot.0);
    }

    pub(crate) fn remove(&mut self, slot: Slot) {
        self.lists.remove(self.list_of(self.slots[slot.index()].rank), slot.0);
    }

    /// The slot of the least rank among the eligible, with which newcomers rank from now on. Slots passed over stay
    /// next in line.
    pub(crate) fn serve(&mut self, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        let found = loop {
            match self.first() {
                Some(slot) if !eligible(slot) => {
                    self.remove(slot);
                    self.lists.push_front(ASIDE, slot.0);
                }
                other => break other,
            }
        };
        while let Some(passed) = self.lists.front(ASIDE) {
            self.lists.remove(ASIDE, passed);
            self.slots[passed as usize].rank = self.least;
            self.lists.push_back(self.list_of(self.least), passed);
        }
        found
    }

    /// The first slot of the least rank, which becomes `least`.
    fn first(&mut self) -> Option<Slot> {
        loop {
            let digit = (self.least % DIGITS as u64) as usize;
            if let Some(list) = (digit..DIGITS).find(|&list| self.lists.len(list) > 0) {
                self.least += (list - digit) as u64;
                return self.lists.back(list).map(Slot);
            }
            self.lower()?;
        }
    }

    /// Moves the slots of the first list above the lowest byte to lower bytes; `None` if there are none.
    #[cold]
    fn lower(&mut self) -> Option<()> {
        let list = (DIGITS..ASIDE).find(|&list| self.lists.len(list) > 0)?;
        let (level, digit) = (list / DIGITS, (list % DIGITS) as u64);
        // The least rank that this list may hold: the same above its byte, the digit there, nothing below.
        let above = self.least.checked_shr(8 * (level as u32 + 1)).unwrap_or(0);
        self.least = above.checked_shl(8 * (level as u32 + 1)).unwrap_or(0) | (digit << (8 * level));
        while let Some(slot) = self.lists.back(list) {
            self.lists.remove(list, slot);
            self.lists.push_front(self.list_of(self.slots[slot as usize].rank), slot);
        }
        Some(())
    }

    /// All slots in the order in which they would be served.
    #[cfg(test)]
    pub(crate) fn least_first(&self) -> Vec<u32> {
        // Equal ranks stand in one list, so a stable sort keeps their order.
        let mut slots: Vec<u32> = (0..ASIDE).flat_map(|list| self.lists.back_to_front(list)).collect();
        slots.sort_by_key(|&slot| self.slots[slot as usize].rank);
        slots
    }

    fn list_of(&self, rank: u64) -> usize {
        let differs = (rank ^ self.least) | 1;
        let level = (u64::BITS - 1 - differs.leading_zeros()) as usize / 8;
        level * DIGITS + (rank >> (8 * level)) as usize % DIGITS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// Serves what a scan for the least (rank, order of setting) would serve.
        #[test]
        fn serves_the_least(
            steps in prop::collection::vec((prop_oneof![1_u32..9, 1_u32..999, 1_u32..1 << 30], any::<bool>()), 1..80),
        ) {
            let mut queue = AgeingQueue::new();
            let mut naive: Vec<(u64, u32)> = Vec::new();
            let mut least = 0;
            for (next, (cost, serve)) in (0..).zip(steps) {
                queue.insert(Slot(next), cost);
                naive.push((least + u64::from(cost), next));
                if serve {
                    let first = *naive.iter().min().expect("not empty");
                    prop_assert_eq!(queue.serve(&|_| true), Some(Slot(first.1)));
                    queue.remove(Slot(first.1));
                    naive.retain(|entry| *entry != first);
                    least = first.0;
                }
            }
        }
    }

    #[test]
    fn the_ineligible_stay_next_in_line() {
        let mut queue = AgeingQueue::new();
        for (slot, cost) in [(0, 5), (1, 6), (2, 900)] {
            queue.insert(Slot(slot), cost);
        }
        assert_eq!(queue.serve(&|slot| slot.0 == 2), Some(Slot(2)));
        queue.remove(Slot(2));
        assert_eq!(queue.serve(&|_| false), None);
        for expected in [0, 1] {
            assert_eq!(queue.serve(&|_| true), Some(Slot(expected)));
            queue.remove(Slot(expected));
        }
        assert_eq!(queue.serve(&|_| true), None);
    }

    #[test]
    fn uses_count_from_the_last_victim_on() {
        let mut queue = AgeingQueue::new();
        queue.insert(Slot(0), 10);
        queue.hit(Slot(0), 10); // 0 + 2 * 10
        queue.insert(Slot(1), 15);
        assert_eq!(queue.serve(&|_| true), Some(Slot(1)));
        queue.remove(Slot(1));
        queue.insert(Slot(2), 4); // 15 + 4
        assert_eq!(queue.serve(&|_| true), Some(Slot(2)));
    }
}
