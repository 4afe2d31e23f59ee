//! S3-FIFO: a small FIFO queue filters what is used once, a main one keeps the rest, ghosts bring back
//! mistakes.
//!
//! New blocks enter the small queue. At its end a block that was hit `promote_hits` times or more moves to the
//! main queue. The others leave and are remembered; a remembered block that comes back enters the main queue at
//! once. The main queue gives a block another round for each hit, up to three. The small queue gives first
//! while it holds more than its share. Blocks in use are walked past.
//!
//! Memory: 16 bytes a slot and 9 bytes a block seen (ghosts). A hit is one store; a search is amortised O(1).
//!
//! ```
//! use policies::testing::play;
//! // Small queue: 1 of 3. a, hit twice, is promoted when d needs room; b is the first that was not, and leaves.
//! // b comes back as a ghost, into the main queue: e and f then take c and d, not b.
//! assert_eq!(play("s3-fifo", &[], 3, "a a a b c d b e"), "a a+ a+ b c d-b b-c e-d");
//! ```

use crate::ghosts::Ghosts;
use crate::grow::{grown, share};
use crate::lists::Lists;
use kv_core::BlockId;
use kv_core::policy::{Access, Build, EvictionPolicy, ParamKind, ParamSpec, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "s3-fifo",
    summary: "small FIFO queue as a filter before a main one, with ghosts",
    source: "Yang et al.: FIFO queues are all you need for cache eviction, SOSP 2023",
    params: &[
        ParamSpec {
            name: "small_ratio",
            unit: "1",
            kind: ParamKind::Real,
            default: Some(0.1),
            min: 0.001,
            max: 0.99,
            doc: "share of the tier that the small queue may hold before it must give",
        },
        ParamSpec {
            name: "promote_hits",
            unit: "hits",
            kind: ParamKind::Whole,
            default: Some(2.0),
            min: 1.0,
            max: 3.0,
            doc: "hits in the small queue from which a block moves to the main one",
        },
    ],
    revision: crate::revision::of(module_path!()),
    build: Build::Eviction(|params, context| {
        let promote_hits = params.whole("promote_hits") as u8;
        Box::new(S3Fifo::new(params.get("small_ratio"), promote_hits, context.capacity_blocks))
    }),
};

const SMALL: usize = 0;
const MAIN: usize = 1;
const GHOST: usize = 0;
const MOST_HITS: u8 = 3;

struct S3Fifo {
    small_ratio: f64,
    promote_hits: u8,
    capacity_blocks: Option<u32>,
    /// Fronts: came last.
    queues: Lists<2>,
    slots: Vec<InSlot>,
    ghosts: Ghosts<1>,
}

#[derive(Clone, Copy, Default)]
struct InSlot {
    block: u32,
    hits: u8,
    main: bool,
}

impl S3Fifo {
    fn new(small_ratio: f64, promote_hits: u8, capacity_blocks: Option<u32>) -> Self {
        let (queues, ghosts) = (Lists::new(), Ghosts::new());
        Self { small_ratio, promote_hits, capacity_blocks, queues, slots: Vec::new(), ghosts }
    }

    fn resident(&self) -> u32 {
        self.queues.len(SMALL) + self.queues.len(MAIN)
    }

    fn small_share(&self) -> u32 {
        share(self.small_ratio, self.capacity_blocks, self.resident())
    }

    /// A victim from the small queue while it holds at least `least`; promotes on the way.
    fn small_victim(&mut self, least: u32, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        let mut next = self.queues.back(SMALL);
        while let Some(at) = next
            && self.queues.len(SMALL) >= least
        {
            next = self.queues.before(at);
            let slot = &mut self.slots[at as usize];
            if slot.hits >= self.promote_hits {
                *slot = InSlot { hits: 0, main: true, ..*slot };
                self.queues.remove(SMALL, at);
                self.queues.push_front(MAIN, at);
            } else if eligible(Slot(at)) {
                return Some(Slot(at));
            }
        }
        None
    }

    /// A victim from the main queue; hits buy rounds on the way.
    fn main_victim(&mut self, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        for _round in 0..=MOST_HITS {
            let mut next = self.queues.back(MAIN);
            // One round: what is moved to the front is not met again.
            for _ in 0..self.queues.len(MAIN) {
                let at = next?;
                next = self.queues.before(at);
                if !eligible(Slot(at)) {
                    continue;
                }
                let hits = &mut self.slots[at as usize].hits;
                if *hits == 0 {
                    return Some(Slot(at));
                }
                *hits -= 1;
                self.queues.remove(MAIN, at);
                self.queues.push_front(MAIN, at);
            }
        }
        None
    }
}

impl EvictionPolicy for S3Fifo {
    fn on_insert(&mut self, slot: Slot, access: &Access) {
        let main = self.ghosts.take(access.block).is_some();
        *grown(&mut self.slots, slot.index()) = InSlot { block: access.block.0, hits: 0, main };
        self.queues.push_front(usize::from(main), slot.0);
        self.ghosts.trim(GHOST, self.resident().saturating_sub(self.small_share()));
    }

    fn on_hit(&mut self, slot: Slot, _: &Access) {
        let hits = &mut self.slots[slot.index()].hits;
        *hits = (*hits + 1).min(MOST_HITS);
    }

    fn on_remove(&mut self, slot: Slot, why: Removal) {
        let InSlot { block, main, .. } = self.slots[slot.index()];
        if !main && why == Removal::Evicted {
            self.ghosts.remember(GHOST, BlockId(block));
        }
        self.queues.remove(usize::from(main), slot.0);
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        let least = self.small_share();
        self.small_victim(least, eligible)
            .or_else(|| self.main_victim(eligible))
            .or_else(|| self.queues.back_to_front(SMALL).map(Slot).find(|&slot| eligible(slot)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Look;

    #[test]
    fn one_hit_wonders_leave_through_the_small_queue() {
        let look = Look::after("a a a b c d e f", 4, |_| S3Fifo::new(0.1, 2, Some(4)));
        // e: a is promoted and b leaves; f: c leaves. Both are remembered, 3 at most.
        let policy = look.tier.policy();
        assert_eq!(look.slots(policy.queues.back_to_front(SMALL)), "def");
        assert_eq!(look.slots(policy.queues.back_to_front(MAIN)), "a");
        assert_eq!(look.blocks(policy.ghosts.oldest_first(GHOST)), "bc");
    }
}
