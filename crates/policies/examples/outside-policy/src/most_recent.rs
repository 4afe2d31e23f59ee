//! most-recent: the block used last leaves first, which is right for loops that do not fit.
//!
//! Slots are kept in a list by last use, oldest first; a search starts at the other end. Finding a slot in the list
//! takes time in proportion to the tier: good enough to try an idea, and the first thing to change afterwards.

use kv_core::policy::{Access, Build, EvictionPolicy, Removal, Slot, Spec};

/// The row for the registry.
pub const SPEC: Spec = Spec {
    name: "most-recent",
    summary: "most recently used leaves first",
    source: "an example",
    params: &[],
    revision: kv_core::Revision::Unstated,
    build: Build::Eviction(|_, _| Box::new(MostRecent { by_use: Vec::new() })),
};

struct MostRecent {
    by_use: Vec<Slot>,
}

impl EvictionPolicy for MostRecent {
    fn on_insert(&mut self, slot: Slot, _: &Access) {
        self.by_use.push(slot);
    }

    fn on_hit(&mut self, slot: Slot, _: &Access) {
        self.by_use.retain(|&other| other != slot);
        self.by_use.push(slot);
    }

    fn on_remove(&mut self, slot: Slot, _: Removal) {
        self.by_use.retain(|&other| other != slot);
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        self.by_use.iter().rev().copied().find(|&slot| eligible(slot))
    }
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use policies::testing::play_spec;

    #[test]
    fn a_loop_of_four_in_three() {
        // LRU would miss every time.
        assert_eq!(play_spec(&SPEC, &[], 3, "a b c d a b c d"), "a b c d-c a+ b+ c-b d+");
    }
}
