//! GreedyDual-Size-Frequency: a block is worth its uses times what it would cost to compute again.
//!
//! Blocks have one size, so only the cost differs: attention makes the block at depth d cost about 1 + d /
//! `depth_doubling_blocks` times the first one. The rank of a block is uses times cost, plus the rank of the
//! last victim at the time of its last use (the ageing of GreedyDual). Cheap blocks that are seldom used leave
//! first; equal ranks leave by last use. Deep blocks cost more, so a prefix may lose its head before its
//! extensions, and the extensions then cannot be used: this policy weighs cost alone. Blocks in use are passed
//! over and stay next in line.
//!
//! Memory: 24 bytes a slot. Amortised O(1).
//!
//! ```
//! use policies::testing::play;
//! // With one block to double the cost, b and c at depths 1 and 2 cost 2 and 3 times what a and d cost. a leaves first,
//! // as the older of these two; used twice, it outlives d.
//! let params = [("depth_doubling_blocks", 1.0)];
//! assert_eq!(play("gdsf", &params, 4, "abc d e"), "c,b,a d e-a");
//! assert_eq!(play("gdsf", &params, 4, "abc d abc e"), "c,b,a d c+,b+,a+ e-d");
//! ```

use crate::ageing::AgeingQueue;
use kv_core::policy::{Access, Build, EvictionPolicy, ParamKind, ParamSpec, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "gdsf",
    summary: "uses times recompute cost, which grows with depth, with ageing",
    source: "Cherkasova: Improving WWW proxies performance with Greedy-Dual-Size-Frequency, HPL-98-69R1",
    params: &[ParamSpec {
        name: "depth_doubling_blocks",
        unit: "blocks",
        kind: ParamKind::Real,
        default: Some(64.0),
        min: 1.0,
        max: 1e9,
        doc: "depth at which a block costs twice as much to compute as the first of its prefix",
    }],
    revision: crate::revision::of(module_path!()),
    build: Build::Eviction(|params, _| Box::new(Gdsf::new(params.get("depth_doubling_blocks")))),
};

/// Ranks are integers; this is the cost of a first block, so that costs are resolved to 1/16 of it.
const FIRST_BLOCK: f64 = 16.0;

struct Gdsf {
    depth_doubling_blocks: f64,
    ranks: AgeingQueue,
}

impl Gdsf {
    fn new(depth_doubling_blocks: f64) -> Self {
        Self { depth_doubling_blocks, ranks: AgeingQueue::new() }
    }

    fn cost(&self, access: &Access) -> u32 {
        (FIRST_BLOCK * (1.0 + f64::from(access.depth) / self.depth_doubling_blocks)) as u32
    }
}

impl EvictionPolicy for Gdsf {
    fn on_insert(&mut self, slot: Slot, access: &Access) {
        self.ranks.insert(slot, self.cost(access));
    }

    fn on_hit(&mut self, slot: Slot, access: &Access) {
        self.ranks.hit(slot, self.cost(access));
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
    use super::*;
    use crate::testing::Look;

    #[test]
    fn ranks_are_uses_times_cost_above_the_last_victim() {
        // Costs of depths 0, 1 and 2 are 1, 2 and 3. a and d 1, b 2, c 3; then a 2, b 4, c 6; e takes d, and has 1 + 1.
        let after = |script| {
            let look = Look::after(script, 4, |_| Gdsf::new(1.0));
            look.slots(look.tier.policy().ranks.least_first())
        };
        assert_eq!(after("abc d"), "adbc");
        assert_eq!(after("abc d abc"), "dabc");
        assert_eq!(after("abc d abc e"), "aebc");
    }
}
