//! Segmented LRU: a block must be hit once to enter the protected segment.
//!
//! New blocks enter the probation segment, from whose old end blocks leave. A hit moves a block to the protected
//! segment; when that holds more than its share, its oldest go back to the new end of probation. A burst of blocks
//! used once thus passes through probation only. Blocks in use are walked past.
//!
//! Memory: 9 bytes a slot. Every operation is O(1), apart from walking past blocks in use.
//!
//! ```
//! use policies::testing::play;
//! // a, hit once, is protected: the scan b c d e leaves it alone, where LRU would have evicted it for e.
//! assert_eq!(play("slru", &[], 3, "a a b c d e a"), "a a+ b c d-b e-c a+");
//! ```

use crate::grow::{grown, share};
use crate::lists::Lists;
use kv_core::policy::{Access, Build, EvictionPolicy, ParamKind, ParamSpec, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "slru",
    summary: "least recently used, in a probation and a protected segment",
    source: "Karedla, Love, Wherry: Caching strategies to improve disk system performance, Computer 1994",
    params: &[ParamSpec {
        name: "protected_ratio",
        unit: "1",
        kind: ParamKind::Real,
        default: Some(0.8),
        min: 0.01,
        max: 0.99,
        doc: "share of the tier that the protected segment may hold",
    }],
    revision: crate::revision::of(module_path!()),
    build: Build::Eviction(|params, context| {
        Box::new(Slru::new(params.get("protected_ratio"), context.capacity_blocks))
    }),
};

const PROBATION: usize = 0;
const PROTECTED: usize = 1;

struct Slru {
    protected_ratio: f64,
    capacity_blocks: Option<u32>,
    /// Fronts: most recently used.
    segments: Lists<2>,
    /// By slot.
    protected: Vec<bool>,
}

impl Slru {
    fn new(protected_ratio: f64, capacity_blocks: Option<u32>) -> Self {
        Self { protected_ratio, capacity_blocks, segments: Lists::new(), protected: Vec::new() }
    }

    fn segment(&self, slot: Slot) -> usize {
        usize::from(self.protected[slot.index()])
    }
}

impl EvictionPolicy for Slru {
    fn on_insert(&mut self, slot: Slot, _: &Access) {
        *grown(&mut self.protected, slot.index()) = false;
        self.segments.push_front(PROBATION, slot.0);
    }

    fn on_hit(&mut self, slot: Slot, _: &Access) {
        self.segments.remove(self.segment(slot), slot.0);
        self.segments.push_front(PROTECTED, slot.0);
        self.protected[slot.index()] = true;
        let protected = self.segments.len(PROTECTED);
        let resident = protected + self.segments.len(PROBATION);
        if protected > share(self.protected_ratio, self.capacity_blocks, resident)
            && let Some(oldest) = self.segments.back(PROTECTED)
        {
            self.segments.remove(PROTECTED, oldest);
            self.segments.push_front(PROBATION, oldest);
            self.protected[oldest as usize] = false;
        }
    }

    fn on_remove(&mut self, slot: Slot, _: Removal) {
        self.segments.remove(self.segment(slot), slot.0);
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        let segments = self.segments.back_to_front(PROBATION).chain(self.segments.back_to_front(PROTECTED));
        segments.map(Slot).find(|&slot| eligible(slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Look;

    #[test]
    fn the_oldest_of_the_protected_steps_back() {
        // Half of 4 is protected: the hit on c pushes a back to the new end of probation.
        let look = Look::after("a b c d a b c", 4, |_| Slru::new(0.5, Some(4)));
        let segments = &look.tier.policy().segments;
        assert_eq!(look.slots(segments.back_to_front(PROTECTED)), "bc");
        assert_eq!(look.slots(segments.back_to_front(PROBATION)), "da");
    }
}
