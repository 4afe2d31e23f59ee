//! A priority queue of slots whose least key never falls: the queue of ageing policies.
//!
//! Keys may only be set to the least key ever served or above it, as in LFU with dynamic ageing and GreedyDual. A slot
//! stands in a list by the highest byte in which its key differs from that least key, and by the value of this byte (a
//! radix heap with 256 lists a byte). Setting or removing one is O(1); a slot moves to a lower byte at most seven times
//! before it is served, and not at all while keys are within 256 of each other. Equal keys are served in the order in
//! which they were set. Memory: 16 bytes a slot, and 25 kB.

use crate::grow::grown;
use crate::lists::Lists;
use kv_core::policy::Slot;

const DIGITS: usize = 256;
const LEVELS: usize = u64::BITS as usize / 8;
/// The list of slots that a search has passed over.
const ASIDE: usize = LEVELS * DIGITS;

/// See the module.
#[derive(Debug)]
pub(crate) struct RadixQueue {
    lists: Box<Lists<{ ASIDE + 1 }>>,
    /// Key by slot.
    key: Vec<u64>,
    /// No key is below it.
    least: u64,
}

impl RadixQueue {
    pub(crate) fn new() -> Self {
        Self { lists: Box::new(Lists::new()), key: Vec::new(), least: 0 }
    }

    /// The key last served; no key may be set below it.
    pub(crate) fn least(&self) -> u64 {
        self.least
    }

    /// Adds a slot that is not in the queue.
    pub(crate) fn insert(&mut self, slot: Slot, key: u64) {
        debug_assert!(key >= self.least);
        *grown(&mut self.key, slot.index()) = key;
        self.lists.push_front(self.list_of(key), slot.0);
    }

    pub(crate) fn remove(&mut self, slot: Slot) {
        self.lists.remove(self.list_of(self.key[slot.index()]), slot.0);
    }

    /// The slot of the least key among the eligible, which becomes [`RadixQueue::least`]. Slots passed over stay next
    /// in line.
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
            self.key[passed as usize] = self.least;
            self.lists.push_back(self.list_of(self.least), passed);
        }
        found
    }

    /// The first slot of the least key, which becomes `least`.
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
        // The least key that this list may hold: the same above its byte, the digit there, nothing below.
        let above = self.least.checked_shr(8 * (level as u32 + 1)).unwrap_or(0);
        self.least = above.checked_shl(8 * (level as u32 + 1)).unwrap_or(0) | (digit << (8 * level));
        while let Some(slot) = self.lists.back(list) {
            self.lists.remove(list, slot);
            self.lists.push_front(self.list_of(self.key[slot as usize]), slot);
        }
        Some(())
    }

    fn list_of(&self, key: u64) -> usize {
        let differs = (key ^ self.least) | 1;
        let level = (u64::BITS - 1 - differs.leading_zeros()) as usize / 8;
        level * DIGITS + (key >> (8 * level)) as usize % DIGITS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// Serves what a scan for the least (key, order of setting) would serve.
        #[test]
        fn serves_the_least(steps in prop::collection::vec((prop_oneof![0_u64..9, 0_u64..999, 0_u64..1 << 30], any::<bool>()), 1..80)) {
            let mut queue = RadixQueue::new();
            let mut naive: Vec<(u64, u32)> = Vec::new();
            for (next, (ahead, serve)) in (0..).zip(steps) {
                let key = queue.least() + ahead;
                queue.insert(Slot(next), key);
                naive.push((key, next));
                if serve {
                    let least = *naive.iter().min().expect("not empty");
                    prop_assert_eq!(queue.serve(&|_| true), Some(Slot(least.1)));
                    queue.remove(Slot(least.1));
                    naive.retain(|entry| *entry != least);
                }
            }
        }
    }

    #[test]
    fn the_ineligible_stay_next_in_line() {
        let mut queue = RadixQueue::new();
        for (slot, key) in [(0, 5), (1, 6), (2, 900)] {
            queue.insert(Slot(slot), key);
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
}
