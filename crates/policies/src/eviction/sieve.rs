//! SIEVE: a FIFO queue with a hand that spares what was used since it last passed.
//!
//! A hit only sets a mark. The hand goes from the old end towards the new one. It takes the mark of a marked
//! block away, leaves the block where it stands, and evicts the first unmarked block. New blocks come in at the
//! new end, behind the hand. A block used once leaves soon, and a block in steady use stays without being
//! moved. Blocks in use are passed and keep their mark.
//!
//! Memory: 9 bytes a slot. A hit is one store; a search is amortised O(1).
//!
//! ```
//! use policies::testing::play;
//! // d: the hand spares a, which was hit, and takes b. e: it goes on at c, though a is older and unmarked.
//! assert_eq!(play("sieve", &[], 3, "a b c a d e"), "a b c a+ d-b e-c");
//! ```

use crate::grow::grown;
use crate::lists::Lists;
use kv_core::policy::{Access, Build, EvictionPolicy, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "sieve",
    summary: "first in leaves first, unless used since the hand last passed",
    source: "Zhang et al.: SIEVE is simpler than LRU, NSDI 2024",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Eviction(|_, _| Box::new(Sieve::new())),
};

const QUEUE: usize = 0;

struct Sieve {
    /// Front: came last.
    queue: Lists<1>,
    /// Used since the hand last passed, by slot.
    marked: Vec<bool>,
    /// Where the hand looks next; `None`: at the old end.
    hand: Option<u32>,
}

impl Sieve {
    fn new() -> Self {
        Self { queue: Lists::new(), marked: Vec::new(), hand: None }
    }
}

impl EvictionPolicy for Sieve {
    fn on_insert(&mut self, slot: Slot, _: &Access) {
        *grown(&mut self.marked, slot.index()) = false;
        self.queue.push_front(QUEUE, slot.0);
    }

    fn on_hit(&mut self, slot: Slot, _: &Access) {
        self.marked[slot.index()] = true;
    }

    fn on_remove(&mut self, slot: Slot, _: Removal) {
        if self.hand == Some(slot.0) {
            self.hand = self.queue.before(slot.0);
        }
        self.queue.remove(QUEUE, slot.0);
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        // Two rounds: the first may take all marks away.
        for _ in 0..2 * self.queue.len(QUEUE) {
            let at = self.hand.or_else(|| self.queue.back(QUEUE))?;
            if eligible(Slot(at)) && !std::mem::take(&mut self.marked[at as usize]) {
                self.hand = Some(at);
                return Some(Slot(at));
            }
            self.hand = self.queue.before(at);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Look;

    #[test]
    fn survivors_keep_their_place() {
        // The paper's figure of the idea: marked blocks stay where they are, new ones come in at the head.
        let look = Look::after("a b c d a b e f", 4, |_| Sieve::new());
        // e: a and b lose their marks, c goes. f: the hand goes on to d.
        assert_eq!(look.slots(look.tier.policy().queue.back_to_front(QUEUE)), "abef");
        assert_eq!(look.slots(look.tier.policy().hand), "e");
    }

    #[test]
    fn the_illustration_of_the_paper() {
        // A, B and G are marked; then H A D I B J. H: the hand unmarks A and B and takes C. I: it unmarks D and takes E.
        // J: it takes F. B, used again behind the hand, keeps its mark and its place.
        let look = Look::after("a b c d e f g a b g h a d i b j", 7, |_| Sieve::new());
        let policy = look.tier.policy();
        assert_eq!(look.slots(policy.queue.back_to_front(QUEUE)), "abdghij");
        let marked = policy.queue.back_to_front(QUEUE).filter(|&slot| policy.marked[slot as usize]);
        assert_eq!(look.slots(marked), "abg");
        assert_eq!(look.slots(policy.hand), "g");
    }
}
