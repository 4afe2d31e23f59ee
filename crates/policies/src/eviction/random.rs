//! Random: any block may leave, all alike.
//!
//! The yardstick of what order is worth. It draws slots until it meets a block that is not in use; after 64 draws in
//! vain it takes the first such block from a drawn slot on. The stream of random numbers starts from the seed of the run.
//!
//! Memory: 1 byte a slot. Every operation is O(1), apart from the search when nearly all is in use.
//!
//! ```
//! use policies::testing::play;
//! // The same seed gives the same victims.
//! assert_eq!(play("random", &[], 3, "a b c a d e"), play("random", &[], 3, "a b c a d e"));
//! ```

use crate::grow::grown;
use kv_core::policy::{Access, Build, EvictionPolicy, Removal, Slot, Spec};
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

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
    /// Which slots hold a block: nearly all when a victim is wanted.
    taken: Vec<bool>,
}

impl Random {
    fn new(seed: u64) -> Self {
        Self { numbers: SplitMix64::seed_from_u64(seed), taken: Vec::new() }
    }

    /// A number below `bound`, which is not 0. The bias is below 2^-32.
    fn below(&mut self, bound: u32) -> u32 {
        (((self.numbers.next_u64() >> 32) * u64::from(bound)) >> 32) as u32
    }
}

impl EvictionPolicy for Random {
    fn on_insert(&mut self, slot: Slot, _: &Access) {
        *grown(&mut self.taken, slot.index()) = true;
    }

    fn on_hit(&mut self, _: Slot, _: &Access) {}

    fn on_remove(&mut self, slot: Slot, _: Removal) {
        self.taken[slot.index()] = false;
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        let slots = self.taken.len() as u32;
        if slots == 0 {
            return None;
        }
        let may_leave = |taken: &[bool], slot: Slot| taken[slot.index()] && eligible(slot);
        for _ in 0..MOST_DRAWS {
            let slot = Slot(self.below(slots));
            if may_leave(&self.taken, slot) {
                return Some(slot);
            }
        }
        let from = self.below(slots);
        (from..slots).chain(0..from).map(Slot).find(|&slot| may_leave(&self.taken, slot))
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
