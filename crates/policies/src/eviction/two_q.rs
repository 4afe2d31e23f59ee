//! 2Q: a FIFO queue for what came once, an LRU queue for what came back after it had left.
//!
//! New blocks enter the queue "in", where hits do not count: uses that come close together are one use. Blocks
//! that leave it are remembered in "out". A remembered block that comes again enters the LRU queue "main". The
//! queue "in" gives while it holds more than its share; else "main" gives its oldest. Blocks in use are walked
//! past. This is the full version of the paper, with its recommended shares as defaults.
//!
//! Memory: 16 bytes a slot and 9 bytes a block seen (ghosts). Every operation is O(1), apart from walking.
//!
//! ```
//! use policies::testing::play;
//! // "in" may hold 1 of 4. a is hit there, which does not save it from e; it comes back, into "main", and stays.
//! assert_eq!(play("2q", &[], 4, "a b c d a e a f"), "a b c d a+ e-a a-b f-c");
//! ```

use crate::ghosts::Ghosts;
use crate::grow::{grown, share};
use crate::lists::Lists;
use kv_core::BlockId;
use kv_core::policy::{Access, Build, EvictionPolicy, ParamKind, ParamSpec, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "2q",
    summary: "first in first out for newcomers, least recently used for those that came back",
    source: "Johnson, Shasha: 2Q, VLDB 1994 (full version)",
    params: &[
        ParamSpec {
            name: "in_ratio",
            unit: "1",
            kind: ParamKind::Real,
            default: Some(0.25),
            min: 0.001,
            max: 0.99,
            doc: "share of the tier that newcomers may hold before they must give (Kin)",
        },
        ParamSpec {
            name: "out_ratio",
            unit: "1",
            kind: ParamKind::Real,
            default: Some(0.5),
            min: 0.0,
            max: 10.0,
            doc: "newcomers remembered after they left, as a share of the tier (Kout)",
        },
    ],
    revision: crate::revision::of(module_path!()),
    build: Build::Eviction(|params, context| {
        Box::new(TwoQ::new(params.get("in_ratio"), params.get("out_ratio"), context.capacity_blocks))
    }),
};

const IN: usize = 0;
const MAIN: usize = 1;
const OUT: usize = 0;

struct TwoQ {
    in_ratio: f64,
    out_ratio: f64,
    capacity_blocks: Option<u32>,
    /// Fronts: came last, used last.
    queues: Lists<2>,
    slots: Vec<InSlot>,
    out: Ghosts<1>,
}

#[derive(Clone, Copy, Default)]
struct InSlot {
    block: u32,
    main: bool,
}

impl TwoQ {
    fn new(in_ratio: f64, out_ratio: f64, capacity_blocks: Option<u32>) -> Self {
        let (queues, out) = (Lists::new(), Ghosts::new());
        Self { in_ratio, out_ratio, capacity_blocks, queues, slots: Vec::new(), out }
    }

    fn resident(&self) -> u32 {
        self.queues.len(IN) + self.queues.len(MAIN)
    }
}

impl EvictionPolicy for TwoQ {
    fn on_insert(&mut self, slot: Slot, access: &Access) {
        let main = self.out.take(access.block).is_some();
        *grown(&mut self.slots, slot.index()) = InSlot { block: access.block.0, main };
        self.queues.push_front(usize::from(main), slot.0);
        let most = f64::from(self.capacity_blocks.unwrap_or(self.resident())) * self.out_ratio;
        self.out.trim(OUT, most as u32);
    }

    fn on_hit(&mut self, slot: Slot, _: &Access) {
        if self.slots[slot.index()].main {
            self.queues.remove(MAIN, slot.0);
            self.queues.push_front(MAIN, slot.0);
        }
    }

    fn on_remove(&mut self, slot: Slot, why: Removal) {
        let InSlot { block, main } = self.slots[slot.index()];
        if !main && why == Removal::Evicted {
            self.out.remember(OUT, BlockId(block));
        }
        self.queues.remove(usize::from(main), slot.0);
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        let in_share = share(self.in_ratio, self.capacity_blocks, self.resident());
        let (first, second) = if self.queues.len(IN) > in_share { (IN, MAIN) } else { (MAIN, IN) };
        self.queues
            .back_to_front(first)
            .chain(self.queues.back_to_front(second))
            .map(Slot)
            .find(|&slot| eligible(slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Look;

    #[test]
    fn who_comes_back_is_in_main() {
        let look = Look::after("a b c d e a f b", 4, |_| TwoQ::new(0.25, 0.5, Some(4)));
        // e: a leaves; a: b leaves and a is in main; f: c leaves; b: d leaves and b is in main. Out keeps 2: c, d.
        let policy = look.tier.policy();
        assert_eq!(look.slots(policy.queues.back_to_front(MAIN)), "ab");
        assert_eq!(look.slots(policy.queues.back_to_front(IN)), "ef");
        assert_eq!(look.blocks(policy.out.oldest_first(OUT)), "cd");
    }
}
