//! LFU with dynamic ageing: the least used block leaves, and uses count for less the longer ago they were.
//!
//! A block's rank is its number of uses plus the rank of the last victim at the time of its last use. So a newcomer
//! competes with what has been evicted lately rather than with counts of the distant past, and nothing has to be
//! halved. Equal ranks leave in order of last use. Blocks in use are passed over and stay next in line.
//!
//! Memory: 24 bytes a slot. Amortised O(1).
//!
//! ```
//! use policies::testing::play;
//! // a has rank 3, b and c rank 1. b leaves for d, which gets 1 + 1 = 2; then c for e, then d: a is still at 3.
//! assert_eq!(play("lfu", &[], 3, "a a a b c d e f"), "a a+ a+ b c d-b e-c f-d");
//! ```

use crate::ageing::AgeingQueue;
use kv_core::policy::{Access, Build, EvictionPolicy, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "lfu",
    summary: "least frequently used leaves first, with dynamic ageing",
    source: "Arlitt et al.: Evaluating content management techniques for Web proxy caches, 2000 (LFU-DA)",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Eviction(|_, _| Box::new(Lfu(AgeingQueue::new()))),
};

struct Lfu(AgeingQueue);

/// All blocks are worth the same.
const COST: u32 = 1;

impl EvictionPolicy for Lfu {
    fn on_insert(&mut self, slot: Slot, _: &Access) {
        self.0.insert(slot, COST);
    }

    fn on_hit(&mut self, slot: Slot, _: &Access) {
        self.0.hit(slot, COST);
    }

    fn on_remove(&mut self, slot: Slot, _: Removal) {
        self.0.remove(slot);
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        self.0.serve(eligible)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Look, play};

    #[test]
    fn the_queue_of_ranks() {
        // a 3, b and c 1; d takes b, and has 1 + 1; e takes c, and has 1 + 1 too, but came later.
        for (script, least_first) in [("a a a b c", "bca"), ("a a a b c d", "cda"), ("a a a b c d e", "dea")]
        {
            let look = Look::after(script, 3, |_| Lfu(AgeingQueue::new()));
            assert_eq!(look.slots(look.tier.policy().0.least_first()), least_first, "{script}");
        }
    }

    #[test]
    fn old_fame_fades() {
        // a has rank 3 for ever; each victim raises what newcomers get: d 2, e 2, f 3, g 3, h 4. Equal ranks leave by
        // last use, so a leaves at h, before f and g, which have 3 as well.
        let line = play("lfu", &[], 3, "a a a b c d e f g h");
        assert_eq!(line, "a a+ a+ b c d-b e-c f-d g-e h-a");
    }
}
