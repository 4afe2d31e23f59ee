//! ARC: two LRU lists, for blocks seen once and seen again, whose shares follow where hits are missed.
//!
//! T1 holds blocks used once, T2 blocks used again. B1 and B2 remember what left each of them. A block that
//! comes back out of B1 says that T1 was too small, so its target p grows. A block out of B2 says the same of
//! T2, so p shrinks. T1 gives its oldest block while it holds more than p; else T2 does. Blocks in use are
//! walked past.
//!
//! The policy departs from the paper in one point. A victim is chosen before the newcomer is known, so p moves
//! after the eviction that it would have steered.
//!
//! Memory: 16 bytes a slot and 9 bytes a block seen (ghosts). Every operation is O(1), apart from walking.
//!
//! ```
//! use policies::testing::play;
//! // a is seen twice, so it is in T2; T1 is over its target of 0 and gives b and c. b comes back out of B1, which raises
//! // the target to 1: d is within it, so e takes the oldest of T2, a. With e there are two in T1, and a takes d's place.
//! assert_eq!(play("arc", &[], 3, "a a b c d b e a"), "a a+ b c d-b b-c e-a a-d");
//! ```

use crate::ghosts::Ghosts;
use crate::grow::grown;
use crate::lists::Lists;
use kv_core::BlockId;
use kv_core::policy::{Access, Build, EvictionPolicy, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "arc",
    summary: "recency and frequency lists that trade their shares by what is missed",
    source: "Megiddo, Modha: ARC, FAST 2003",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Eviction(|_, context| Box::new(Arc::new(context.capacity_blocks))),
};

/// Lists of residents (T) and of ghosts (B) have the same numbers.
const ONCE: usize = 0;
const AGAIN: usize = 1;

struct Arc {
    capacity_blocks: Option<u32>,
    /// T1 and T2; fronts: most recently used.
    resident: Lists<2>,
    slots: Vec<InSlot>,
    /// B1 and B2.
    ghosts: Ghosts<2>,
    /// p: what T1 should hold.
    target: u32,
}

#[derive(Clone, Copy, Default)]
struct InSlot {
    block: u32,
    again: bool,
}

impl Arc {
    fn new(capacity_blocks: Option<u32>) -> Self {
        let (resident, ghosts) = (Lists::new(), Ghosts::new());
        Self { capacity_blocks, resident, slots: Vec::new(), ghosts, target: 0 }
    }

    /// c: what the tier holds, or what is resident where it has no bound.
    fn capacity(&self) -> u32 {
        self.capacity_blocks.unwrap_or(self.resident.len(ONCE) + self.resident.len(AGAIN))
    }

    /// Moves the target by what the lists of ghosts weigh, as in the paper's cases II and III.
    fn learn(&mut self, ghost: usize, weighed: [u32; 2]) {
        let [once, again] = weighed.map(|len| len.max(1));
        if ghost == ONCE {
            self.target = self.target.saturating_add((again / once).max(1)).min(self.capacity());
        } else {
            self.target = self.target.saturating_sub((once / again).max(1));
        }
    }

    /// Keeps |T1| + |B1| within c and all four lists within 2 c, as the paper's case IV does.
    fn trim(&mut self) {
        let capacity = self.capacity();
        self.ghosts.trim(ONCE, capacity.saturating_sub(self.resident.len(ONCE)));
        let others = self.resident.len(ONCE) + self.resident.len(AGAIN) + self.ghosts.len(ONCE);
        self.ghosts.trim(AGAIN, capacity.saturating_mul(2).saturating_sub(others));
    }
}

impl EvictionPolicy for Arc {
    fn on_insert(&mut self, slot: Slot, access: &Access) {
        // The lists of ghosts are weighed with the newcomer still in them.
        let weighed = [self.ghosts.len(ONCE), self.ghosts.len(AGAIN)];
        let ghost = self.ghosts.take(access.block);
        if let Some(list) = ghost {
            self.learn(list, weighed);
        }
        let again = ghost.is_some();
        *grown(&mut self.slots, slot.index()) = InSlot { block: access.block.0, again };
        self.resident.push_front(usize::from(again), slot.0);
        self.trim();
    }

    fn on_hit(&mut self, slot: Slot, _: &Access) {
        let state = &mut self.slots[slot.index()];
        self.resident.remove(usize::from(state.again), slot.0);
        self.resident.push_front(AGAIN, slot.0);
        state.again = true;
    }

    fn on_remove(&mut self, slot: Slot, why: Removal) {
        let InSlot { block, again } = self.slots[slot.index()];
        self.resident.remove(usize::from(again), slot.0);
        if why == Removal::Evicted {
            self.ghosts.remember(usize::from(again), BlockId(block));
        }
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        let (first, second) =
            if self.resident.len(ONCE) > self.target { (ONCE, AGAIN) } else { (AGAIN, ONCE) };
        let order = self.resident.back_to_front(first).chain(self.resident.back_to_front(second));
        order.map(Slot).find(|&slot| eligible(slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Look;

    #[test]
    fn a_miss_remembered_in_b1_makes_t1_larger() {
        let look = Look::after("a a b c d b", 3, |_| Arc::new(Some(3)));
        // b came back out of B1 (b, c): p = 0 + max(1, 0 / 2) = 1. T1 has d, T2 a and b. |T1| + |B1| = 1 + 1 <= 3.
        let policy = look.tier.policy();
        assert_eq!(policy.target, 1);
        assert_eq!(look.slots(policy.resident.back_to_front(ONCE)), "d");
        assert_eq!(look.slots(policy.resident.back_to_front(AGAIN)), "ab");
        assert_eq!(look.blocks(policy.ghosts.oldest_first(ONCE)), "c");
        assert_eq!(look.blocks(policy.ghosts.oldest_first(AGAIN)), "");
    }

    #[test]
    fn a_miss_remembered_in_b2_makes_t1_smaller() {
        // c: T1 is empty, a goes to B2. d: c goes to B1. c, out of B1: d goes to B1, p = 1, c is in T2. e: T1 is within
        // p, so b goes to B2, which then forgets a: 5 blocks are more than 2 * 2. b, out of B2: p = 1 - 1.
        let look = Look::after("a a b b c d c e b", 2, |_| Arc::new(Some(2)));
        let policy = look.tier.policy();
        assert_eq!(policy.target, 0);
        assert_eq!(look.slots(policy.resident.back_to_front(ONCE)), "e");
        assert_eq!(look.slots(policy.resident.back_to_front(AGAIN)), "b");
        assert_eq!(look.blocks(policy.ghosts.oldest_first(AGAIN)), "c");
    }
}
