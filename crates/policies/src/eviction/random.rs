//! Random: any block may leave, all alike.
//!
//! The yardstick of what order is worth. It draws until it meets a block that is not in use; after 64 draws in vain it
//! takes the first such block from a drawn place on. The stream of random numbers starts from the seed of the run.
//!
//! Memory: 8 bytes a slot. Every operation is O(1), apart from the search when nearly all is in use.
//!
//! ```
//! use policies::testing::play;
//! // The same seed gives the same victims.
//! assert_eq!(play("random", &[], 3, "a b c a d e"), play("random", &[], 3, "a b c a d e"));
//! ```

use crate::grow::grown;
use crate::random_numbers::SplitMix64;
use kv_core::policy::{Access, Build, EvictionPolicy, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "random",
    summary: "any block may leave, all alike",
    source: "the usual yardstick; numbers from SplitMix64 (Steele, Lea, Flood, OOPSLA 2014)",
    params: &[],
    build: Build::Eviction(|_, context| Box::new(Random::new(context.seed))),
};

const MOST_DRAWS: u32 = 64;

struct Random {
    numbers: SplitMix64,
    /// Slots that hold a block, in no order.
    slots: Vec<Slot>,
    /// Where each slot stands in `slots`.
    place: Vec<u32>,
}

impl Random {
    fn new(seed: u64) -> Self {
        Self { numbers: SplitMix64(seed), slots: Vec::new(), place: Vec::new() }
    }

    fn draw(&mut self) -> usize {
        self.numbers.below(self.slots.len() as u32) as usize
    }
}

impl EvictionPolicy for Random {
    fn on_insert(&mut self, slot: Slot, _: &Access) {
        *grown(&mut self.place, slot.index()) = self.slots.len() as u32;
        self.slots.push(slot);
    }

    fn on_hit(&mut self, _: Slot, _: &Access) {}

    fn on_remove(&mut self, slot: Slot, _: Removal) {
        let place = self.place[slot.index()] as usize;
        self.slots.swap_remove(place);
        if let Some(moved) = self.slots.get(place) {
            self.place[moved.index()] = place as u32;
        }
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        if self.slots.is_empty() {
            return None;
        }
        for _ in 0..MOST_DRAWS {
            let place = self.draw();
            let slot = self.slots[place];
            if eligible(slot) {
                return Some(slot);
            }
        }
        let from = self.draw();
        let (before, from) = self.slots.split_at(from);
        from.iter().chain(before).copied().find(|&slot| eligible(slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Look;

    #[test]
    fn victims_are_spread_evenly() {
        let mut look = Look::after("a b c d", 4, |_| Random::new(7));
        let mut counts = [0_i32; 4];
        for _ in 0..4000 {
            counts[look.tier.victim(0, &|_| true).expect("all are eligible").index()] += 1;
        }
        // 1000 each on average, with a standard deviation of sqrt(4000 * 1/4 * 3/4) = 27: within 4 of them.
        assert!(counts.iter().all(|count| (count - 1000).abs() < 110), "{counts:?}");
    }
}
