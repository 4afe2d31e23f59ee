//! LFU with dynamic ageing: the least used block leaves, and uses count for less the longer ago they were.
//!
//! A block's rank is its number of uses plus the rank of the last victim at the time of its last use. So a newcomer
//! competes with what has been evicted lately rather than with counts of the distant past, and nothing has to be
//! halved. Equal ranks leave in order of last use. Blocks in use are passed over and stay next in line.
//!
//! Memory: 20 bytes a slot. Amortised O(1) in practice; see the radix queue.
//!
//! ```
//! use policies::testing::play;
//! // a has rank 3, b and c rank 1. b leaves for d, which gets 1 + 1 = 2; then c for e, then d: a is still at 3.
//! assert_eq!(play("lfu", &[], 3, "a a a b c d e f"), "a a+ a+ b c d-b e-c f-d");
//! ```

use crate::grow::grown;
use crate::radix::RadixQueue;
use kv_core::policy::{Access, Build, EvictionPolicy, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "lfu",
    summary: "least frequently used leaves first, with dynamic ageing",
    source: "Arlitt et al.: Evaluating content management techniques for Web proxy caches, 2000 (LFU-DA)",
    params: &[],
    build: Build::Eviction(|_, _| Box::new(Lfu::new())),
};

struct Lfu {
    ranks: RadixQueue,
    /// By slot.
    uses: Vec<u32>,
}

impl Lfu {
    fn new() -> Self {
        Self { ranks: RadixQueue::new(), uses: Vec::new() }
    }
}

impl EvictionPolicy for Lfu {
    fn on_insert(&mut self, slot: Slot, _: &Access) {
        *grown(&mut self.uses, slot.index()) = 1;
        self.ranks.insert(slot, self.ranks.least() + 1);
    }

    fn on_hit(&mut self, slot: Slot, _: &Access) {
        let uses = &mut self.uses[slot.index()];
        *uses = uses.saturating_add(1);
        self.ranks.remove(slot);
        self.ranks.insert(slot, self.ranks.least() + u64::from(*uses));
    }

    fn on_remove(&mut self, slot: Slot, _: Removal) {
        self.ranks.remove(slot);
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        self.ranks.serve(eligible)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::play;

    #[test]
    fn old_fame_fades() {
        // a has rank 3 for ever; each victim raises what newcomers get: d 2, e 2, f 3, g 3, h 4. Equal ranks leave by
        // last use, so a leaves at h, before f and g, which have 3 as well.
        let line = play("lfu", &[], 3, "a a a b c d e f g h");
        assert_eq!(line, "a a+ a+ b c d-b e-c f-d g-e h-a");
    }
}
