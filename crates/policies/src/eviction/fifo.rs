//! First in, first out: the block that came first leaves first, however often it was used since.
//!
//! The cheapest order there is, and the one whose lock-free form large caches favour; the baseline that SIEVE and
//! S3-FIFO improve on. Hits do nothing. Blocks in use are walked past and keep their place.
//!
//! Memory: 8 bytes a slot. Every operation is O(1), apart from walking past blocks in use.
//!
//! ```
//! use policies::testing::play;
//! // Three slots. The hit on a does not save it: d takes its place.
//! assert_eq!(play("fifo", &[], 3, "a b c a d b"), "a b c a+ d-a b+");
//! ```

use crate::lists::Lists;
use kv_core::policy::{Access, Build, EvictionPolicy, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "fifo",
    summary: "first in leaves first",
    source: "Belady: A study of replacement algorithms for a virtual-storage computer, IBM Syst. J. 1966",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Eviction(|_, _| Box::new(Fifo { order: Lists::new() })),
};

const ORDER: usize = 0;

struct Fifo {
    /// Front: came last.
    order: Lists<1>,
}

impl EvictionPolicy for Fifo {
    fn on_insert(&mut self, slot: Slot, _: &Access) {
        self.order.push_front(ORDER, slot.0);
    }

    fn on_hit(&mut self, _: Slot, _: &Access) {}

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
    use crate::testing::{Look, play};

    /// The anomaly of Belady, Nelson and Shedler (CACM 1969): a larger tier hits less.
    const ANOMALY: &str = "a b c d a b e a b c d e";

    #[test]
    fn the_queue_of_arrivals() {
        let look = Look::after(ANOMALY, 3, |_| Fifo { order: Lists::new() });
        assert_eq!(look.slots(look.tier.policy().order.back_to_front(ORDER)), "ecd");
    }

    #[test]
    fn a_larger_tier_may_hit_less() {
        // 9 misses of 12 in three slots, 10 in four.
        assert_eq!([3, 4].map(|capacity| play("fifo", &[], capacity, ANOMALY).matches('+').count()), [3, 2]);
    }
}
