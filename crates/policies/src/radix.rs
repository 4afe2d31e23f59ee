//! A priority queue of slots whose least key never falls: the queue of ageing policies.
//!
//! Keys may only be set to the least key ever served or above it, as in LFU with dynamic ageing and GreedyDual. Slots
//! stand in lists by the highest bit in which their key differs from that least key (a radix heap), so setting or
//! removing one is O(1) and serving the least is amortised O(64), in practice a few steps. Equal keys are served in
//! the order in which they were set. Memory: 16 bytes a slot.

use crate::grow::grown;
use crate::lists::Lists;
use kv_core::policy::Slot;

/// One list for keys equal to the least one, and one for each bit.
const BUCKETS: usize = 65;
/// The list of slots that a search has passed over.
const ASIDE: usize = BUCKETS;

/// See the module.
#[derive(Debug)]
pub(crate) struct RadixQueue {
    buckets: Lists<{ BUCKETS + 1 }>,
    /// Key by slot.
    key: Vec<u64>,
    least: u64,
}

impl RadixQueue {
    pub(crate) fn new() -> Self {
        Self { buckets: Lists::new(), key: Vec::new(), least: 0 }
    }

    /// The key last served; no key may be set below it.
    pub(crate) fn least(&self) -> u64 {
        self.least
    }

    /// Adds a slot that is not in the queue.
    pub(crate) fn insert(&mut self, slot: Slot, key: u64) {
        debug_assert!(key >= self.least);
        *grown(&mut self.key, slot.index()) = key;
        self.buckets.push_front(self.bucket(key), slot.0);
    }

    pub(crate) fn remove(&mut self, slot: Slot) {
        self.buckets.remove(self.bucket(self.key[slot.index()]), slot.0);
    }

    /// The slot of the least key among the eligible, which becomes [`RadixQueue::least`]. Slots passed over stay next
    /// in line.
    pub(crate) fn serve(&mut self, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        let found = loop {
            match self.first() {
                Some(slot) if !eligible(slot) => {
                    self.buckets.remove(0, slot.0);
                    self.buckets.push_front(ASIDE, slot.0);
                }
                other => break other,
            }
        };
        while let Some(passed) = self.latest_aside() {
            self.buckets.remove(ASIDE, passed);
            self.key[passed as usize] = self.least;
            self.buckets.push_back(0, passed);
        }
        found
    }

    fn latest_aside(&self) -> Option<u32> {
        self.buckets.front(ASIDE)
    }

    /// The first slot of the least key, which becomes `least`.
    fn first(&mut self) -> Option<Slot> {
        if self.buckets.len(0) == 0 {
            let bucket = (1..BUCKETS).find(|&bucket| self.buckets.len(bucket) > 0)?;
            let keys = self.buckets.back_to_front(bucket).map(|slot| self.key[slot as usize]);
            self.least = keys.min().expect("the bucket is not empty");
            while let Some(slot) = self.buckets.back(bucket) {
                // Below `bucket`, since all of its keys share the bit that set them apart from the old least one.
                let lower = self.bucket(self.key[slot as usize]);
                self.buckets.remove(bucket, slot);
                self.buckets.push_front(lower, slot);
            }
        }
        self.buckets.back(0).map(Slot)
    }

    fn bucket(&self, key: u64) -> usize {
        (u64::BITS - (key ^ self.least).leading_zeros()) as usize
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
        fn serves_the_least(steps in prop::collection::vec((0_u64..300, any::<bool>()), 1..80)) {
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
