//! LIRS: blocks rank by the distance between their last two uses, not by how recent the last one is.
//!
//! Most of the tier holds blocks of low inter-reference recency (LIR). A small rest holds the others (HIR), and
//! only they leave, first come first. The stack S orders blocks by last use, down to the oldest LIR block. A
//! HIR block that is hit while it is still in S was used again sooner than that LIR block, so the two change
//! places. S also remembers HIR blocks that left, at most `ghost_ratio` times the tier (the paper has no
//! bound). Blocks in use are walked past. Where all HIR blocks are in use, the oldest LIR block leaves.
//!
//! Memory: 4 bytes a slot and 24 bytes a block seen. Operations are O(1) amortised, apart from walking.
//!
//! ```
//! use policies::testing::play;
//! // LIR may hold 2 of 3: a and b. c and d pass through the rest; d comes again while in S and turns a into HIR.
//! let params = [("hir_ratio", 0.34)];
//! assert_eq!(play("lirs", &params, 3, "a b c d d e a b"), "a b c d-c d+ e-a a-e b+");
//! ```

use crate::grow::grown;
use crate::lists::Lists;
use kv_core::policy::{Access, Build, EvictionPolicy, ParamKind, ParamSpec, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "lirs",
    summary: "low inter-reference recency stays; the rest passes through a small queue",
    source: "Jiang, Zhang: LIRS, SIGMETRICS 2002",
    params: &[
        ParamSpec {
            name: "hir_ratio",
            unit: "1",
            kind: ParamKind::Real,
            default: Some(0.01),
            min: 0.001,
            max: 0.99,
            doc: "share of the tier for blocks of high inter-reference recency",
        },
        ParamSpec {
            name: "ghost_ratio",
            unit: "1",
            kind: ParamKind::Real,
            default: Some(2.0),
            min: 0.0,
            max: 100.0,
            doc: "blocks remembered after they left, as a multiple of the tier",
        },
    ],
    revision: crate::revision::of(module_path!()),
    build: Build::Eviction(|params, context| {
        Box::new(Lirs::new(params.get("hir_ratio"), params.get("ghost_ratio"), context.capacity_blocks))
    }),
};

/// The only list of `stack`; front: most recently used.
const S: usize = 0;
/// Lists of `rest`: resident HIR blocks, and those that left. Back: leaves, or is forgotten, first.
const Q: usize = 0;
const GHOSTS: usize = 1;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Unknown,
    Lir,
    Hir,
    Ghost,
}

#[derive(Clone, Copy, Default)]
struct Block {
    state: State,
    in_stack: bool,
    slot: u32,
}

struct Lirs {
    hir_ratio: f64,
    ghost_ratio: f64,
    capacity_blocks: Option<u32>,
    /// Both over block ids.
    stack: Lists<1>,
    rest: Lists<2>,
    blocks: Vec<Block>,
    /// Block by slot.
    block_in: Vec<u32>,
    lir: u32,
}

impl Lirs {
    fn new(hir_ratio: f64, ghost_ratio: f64, capacity_blocks: Option<u32>) -> Self {
        Self {
            hir_ratio,
            ghost_ratio,
            capacity_blocks,
            stack: Lists::new(),
            rest: Lists::new(),
            blocks: Vec::new(),
            block_in: Vec::new(),
            lir: 0,
        }
    }

    fn capacity(&self) -> u32 {
        self.capacity_blocks.unwrap_or(self.lir + self.rest.len(Q))
    }

    /// What the LIR blocks may hold: all but the HIR share, which is at least 1.
    fn lir_share(&self) -> u32 {
        let hir = crate::grow::share(self.hir_ratio, self.capacity_blocks, self.capacity());
        self.capacity().saturating_sub(hir).max(1)
    }

    fn raise(&mut self, id: u32) {
        if std::mem::replace(&mut self.blocks[id as usize].in_stack, true) {
            self.stack.remove(S, id);
        }
        self.stack.push_front(S, id);
    }

    fn drop_from_stack(&mut self, id: u32) {
        self.stack.remove(S, id);
        self.blocks[id as usize].in_stack = false;
    }

    /// Makes a block that is in no list of `rest` LIR; if that is one too many, the oldest becomes HIR.
    fn make_lir(&mut self, id: u32) {
        self.blocks[id as usize].state = State::Lir;
        self.lir += 1;
        self.raise(id);
        self.prune();
        if self.lir > self.lir_share()
            && let Some(oldest) = self.stack.back(S)
        {
            self.drop_from_stack(oldest);
            self.blocks[oldest as usize].state = State::Hir;
            self.lir -= 1;
            self.rest.push_front(Q, oldest);
            self.prune();
        }
    }

    /// Takes blocks off the bottom of the stack until it is a LIR block.
    fn prune(&mut self) {
        while let Some(bottom) = self.stack.back(S) {
            match self.blocks[bottom as usize].state {
                State::Lir => return,
                State::Hir | State::Unknown => self.drop_from_stack(bottom),
                State::Ghost => self.forget(bottom),
            }
        }
    }

    fn forget(&mut self, ghost: u32) {
        self.rest.remove(GHOSTS, ghost);
        self.drop_from_stack(ghost);
        self.blocks[ghost as usize].state = State::Unknown;
    }
}

impl EvictionPolicy for Lirs {
    fn on_insert(&mut self, slot: Slot, access: &Access) {
        let id = access.block.0;
        *grown(&mut self.block_in, slot.index()) = id;
        let block = grown(&mut self.blocks, access.block.index());
        let ghost = block.state == State::Ghost;
        block.slot = slot.0;
        if ghost {
            self.rest.remove(GHOSTS, id);
        }
        if ghost || self.lir < self.lir_share() {
            self.make_lir(id);
        } else {
            self.blocks[id as usize].state = State::Hir;
            self.rest.push_front(Q, id);
            self.raise(id);
        }
        let most = (f64::from(self.capacity()) * self.ghost_ratio) as u32;
        while self.rest.len(GHOSTS) > most
            && let Some(oldest) = self.rest.back(GHOSTS)
        {
            self.forget(oldest);
        }
    }

    fn on_hit(&mut self, _: Slot, access: &Access) {
        let id = access.block.0;
        let Block { state, in_stack, .. } = self.blocks[id as usize];
        if state == State::Lir {
            self.raise(id);
            self.prune();
        } else if in_stack {
            self.rest.remove(Q, id);
            self.make_lir(id);
        } else {
            self.raise(id);
            self.rest.move_to_front(Q, id);
        }
    }

    fn on_remove(&mut self, slot: Slot, why: Removal) {
        let id = self.block_in[slot.index()];
        let Block { state, in_stack, .. } = self.blocks[id as usize];
        let mut next = State::Unknown;
        if state == State::Lir {
            self.lir -= 1;
            self.drop_from_stack(id);
        } else {
            self.rest.remove(Q, id);
            if in_stack && why == Removal::Evicted {
                self.rest.push_front(GHOSTS, id);
                next = State::Ghost;
            } else if in_stack {
                self.drop_from_stack(id);
            }
        }
        self.blocks[id as usize].state = next;
        self.prune();
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        let lir = self.stack.back_to_front(S).filter(|&id| self.blocks[id as usize].state == State::Lir);
        let order = self.rest.back_to_front(Q).chain(lir);
        order.map(|id| Slot(self.blocks[id as usize].slot)).find(|&slot| eligible(slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Look;
    use kv_core::BlockId;

    fn stack_and_queue(look: &Look<Lirs>) -> (String, String) {
        let policy = look.tier.policy();
        let ids = |list: Vec<u32>| look.blocks(list.into_iter().map(BlockId));
        (ids(policy.stack.back_to_front(S).collect()), ids(policy.rest.back_to_front(Q).collect()))
    }

    #[test]
    fn a_second_use_soon_changes_places_with_the_oldest() {
        // Two LIR blocks of three, as in the paper's example: a and b come first. c leaves for d and is a ghost in S.
        let look = Look::after("a b c d", 3, |_| Lirs::new(0.34, 2.0, Some(3)));
        assert_eq!(stack_and_queue(&look), ("abcd".into(), "d".into()));
        // d again, while in S: LIR. a is the oldest LIR block: it leaves S and is the HIR block.
        let look = Look::after("a b c d d", 3, |_| Lirs::new(0.34, 2.0, Some(3)));
        assert_eq!(stack_and_queue(&look), ("bcd".into(), "a".into()));
        // c comes back as a ghost: a leaves, c is LIR, b becomes HIR.
        let look = Look::after("a b c d d c", 3, |_| Lirs::new(0.34, 2.0, Some(3)));
        assert_eq!(stack_and_queue(&look), ("dc".into(), "b".into()));
    }

    #[test]
    fn the_example_of_the_paper() {
        // Table 1 of the paper: A is used at times 1, 6, 8, B at 3, 5, C at 4, D at 2, 7, E at 9; two LIR blocks and one
        // other. At time 10 A and B, used again after one other block, are LIR, and E is the resident HIR block. The
        // table starts in the middle: A and B are made LIR first.
        let look = Look::after("a b a d b c b a d a e", 3, |_| Lirs::new(0.34, 2.0, Some(3)));
        let policy = look.tier.policy();
        let lir = (0..5).filter(|&id| policy.blocks[id].state == State::Lir).map(|id| BlockId(id as u32));
        assert_eq!(look.blocks(lir), "ab");
        assert_eq!(look.blocks(policy.rest.back_to_front(Q).map(BlockId)), "e");
    }
}
