//! Least recently used: the block whose last use is longest ago leaves first.
//!
//! vLLM's free list and most caches do this. Blocks of one request are reported deepest first. So the first
//! block of a prefix is the most recent one, and outlives its extensions as long as every use walks the whole
//! prefix. Where a use does not, see `leaf-lru`. Blocks in use are walked past and keep their place.
//!
//! Memory: 8 bytes a slot. Every operation is O(1), apart from walking past blocks in use.
//!
//! ```
//! use policies::testing::play;
//! // Three slots. The hit on a (`a+`) saves it: d takes the place of b (`d-b`), then b that of c.
//! assert_eq!(play("lru", &[], 3, "a b c a d b"), "a b c a+ d-b b-c");
//! ```

use crate::lists::Lists;
use kv_core::policy::{Access, Build, EvictionPolicy, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "lru",
    summary: "least recently used leaves first",
    source: "Mattson, Gecsei, Slutz, Traiger: Evaluation techniques for storage hierarchies, IBM Syst. J. 1970",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Eviction(|_, _| Box::new(Lru { order: Lists::new() })),
};

const ORDER: usize = 0;

struct Lru {
    /// Front: most recently used.
    order: Lists<1>,
}

impl EvictionPolicy for Lru {
    fn on_insert(&mut self, slot: Slot, _: &Access) {
        self.order.push_front(ORDER, slot.0);
    }

    fn on_hit(&mut self, slot: Slot, _: &Access) {
        self.order.move_to_front(ORDER, slot.0);
    }

    fn on_remove(&mut self, slot: Slot, _: Removal) {
        self.order.remove(ORDER, slot.0);
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        self.order.back_to_front(ORDER).map(Slot).find(|&slot| eligible(slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Look;

    #[test]
    fn the_stack_of_last_uses() {
        // Mattson's stack: a used block moves to the top, and what falls off the end has left.
        for (script, oldest_first) in
            [("a b c", "abc"), ("a b c a", "bca"), ("a b c a d", "cad"), ("a b c a d b", "adb")]
        {
            let look = Look::after(script, 3, |_| Lru { order: Lists::new() });
            assert_eq!(look.slots(look.tier.policy().order.back_to_front(ORDER)), oldest_first, "{script}");
        }
    }
}
