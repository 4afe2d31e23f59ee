//! W-TinyLFU: a small LRU window, and before the main tier a contest of frequencies between newcomer and
//! victim.
//!
//! New blocks enter the window. The block that falls out of it meets the oldest block of the main segmented
//! LRU. The one that was used more often lately stays, and the other leaves. Every use counts, up to 15, and
//! all counts are halved after ten uses for each block of the tier. The counts are exact, where the paper has a
//! sketch. The paper's shares are the defaults (window 1 %, four fifths of the main part protected). There is
//! no hill climbing: where recency matters most, raise the window's share. Blocks in use are walked past.
//!
//! Memory: 16 bytes a slot and 4 bytes a block seen. Every operation is O(1), apart from walking.
//!
//! ```
//! use policies::testing::play;
//! // The window holds 1 of 3. When d comes, c falls out of it and, used once, loses against a, used three times; for e,
//! // d does. b is safe behind a.
//! assert_eq!(play("w-tinylfu", &[], 3, "a a a b c d e a"), "a a+ a+ b c d-c e-d a+");
//! ```

use super::recent_counts::RecentCounts;
use crate::grow::{grown, share};
use crate::lists::Lists;
use kv_core::BlockId;
use kv_core::policy::{Access, Build, EvictionPolicy, ParamKind, ParamSpec, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "w-tinylfu",
    summary: "an LRU window, then admission by recent frequency into a segmented LRU",
    source: "Einziger, Friedman, Manes: TinyLFU, ACM Trans. Storage 2017",
    params: &[
        ParamSpec {
            name: "window_ratio",
            unit: "1",
            kind: ParamKind::Real,
            default: Some(0.01),
            min: 0.001,
            max: 0.99,
            doc: "share of the tier that the window may hold",
        },
        ParamSpec {
            name: "protected_ratio",
            unit: "1",
            kind: ParamKind::Real,
            default: Some(0.8),
            min: 0.01,
            max: 0.99,
            doc: "share of the main part that its protected segment may hold",
        },
    ],
    revision: crate::revision::of(module_path!()),
    build: Build::Eviction(|params, context| {
        let (window, protected) = (params.get("window_ratio"), params.get("protected_ratio"));
        Box::new(WTinyLfu::new(window, protected, context.capacity_blocks))
    }),
};

const WINDOW: u8 = 0;
const PROBATION: u8 = 1;
const PROTECTED: u8 = 2;

struct WTinyLfu {
    window_ratio: f64,
    protected_ratio: f64,
    capacity_blocks: Option<u32>,
    /// Fronts: most recently used.
    lists: Lists<3>,
    slots: Vec<InSlot>,
    recent: RecentCounts,
}

#[derive(Clone, Copy, Default)]
struct InSlot {
    block: u32,
    list: u8,
}

impl WTinyLfu {
    fn new(window_ratio: f64, protected_ratio: f64, capacity_blocks: Option<u32>) -> Self {
        let recent = RecentCounts::for_blocks(capacity_blocks.unwrap_or(1 << 20));
        let lists = Lists::new();
        Self { window_ratio, protected_ratio, capacity_blocks, lists, slots: Vec::new(), recent }
    }

    fn capacity(&self) -> u32 {
        let resident = [WINDOW, PROBATION, PROTECTED].map(|list| self.lists.len(list.into()));
        self.capacity_blocks.unwrap_or(resident.iter().sum())
    }

    fn window_share(&self) -> u32 {
        share(self.window_ratio, self.capacity_blocks, self.capacity())
    }

    fn shift(&mut self, slot: u32, to: u8) {
        let from = std::mem::replace(&mut self.slots[slot as usize].list, to);
        self.lists.remove(from.into(), slot);
        self.lists.push_front(to.into(), slot);
    }

    fn frequency(&self, slot: u32) -> u32 {
        self.recent.count(BlockId(self.slots[slot as usize].block))
    }

    fn first_eligible(&self, lists: &[u8], eligible: &dyn Fn(Slot) -> bool) -> Option<u32> {
        let order = lists.iter().flat_map(|&list| self.lists.back_to_front(list.into()));
        order.into_iter().find(|&slot| eligible(Slot(slot)))
    }
}

impl EvictionPolicy for WTinyLfu {
    fn on_insert(&mut self, slot: Slot, access: &Access) {
        self.recent.add(access.block);
        *grown(&mut self.slots, slot.index()) = InSlot { block: access.block.0, list: WINDOW };
        self.lists.push_front(WINDOW.into(), slot.0);
    }

    fn on_hit(&mut self, slot: Slot, access: &Access) {
        self.recent.add(access.block);
        let to = if self.slots[slot.index()].list == WINDOW { WINDOW } else { PROTECTED };
        self.shift(slot.0, to);
        let main = self.capacity().saturating_sub(self.window_share());
        let most = share(self.protected_ratio, Some(main), 0);
        if self.lists.len(PROTECTED.into()) > most
            && let Some(oldest) = self.lists.back(PROTECTED.into())
        {
            self.shift(oldest, PROBATION);
        }
    }

    fn on_remove(&mut self, slot: Slot, _: Removal) {
        self.lists.remove(self.slots[slot.index()].list.into(), slot.0);
    }

    fn choose_victim(&mut self, _: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        // Room was free when these fell out of the window: no contest.
        while self.lists.len(WINDOW.into()) > self.window_share()
            && let Some(oldest) = self.lists.back(WINDOW.into())
        {
            self.shift(oldest, PROBATION);
        }
        let main = self.first_eligible(&[PROBATION, PROTECTED], eligible);
        let window_is_full = self.lists.len(WINDOW.into()) >= self.window_share();
        let candidate =
            if window_is_full || main.is_none() { self.first_eligible(&[WINDOW], eligible) } else { None };
        match (candidate, main) {
            (Some(candidate), Some(main)) if self.frequency(candidate) > self.frequency(main) => {
                self.shift(candidate, PROBATION);
                Some(Slot(main))
            }
            (candidate, main) => candidate.or(main).map(Slot),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Look;

    #[test]
    fn a_frequent_newcomer_displaces_the_oldest() {
        // Window 1 of 3. a, b fall into probation as d comes, and c (once) loses against a (once): ties stay out.
        // d, used three times in the window, beats a when e comes.
        let look = Look::after("a b c d d d e", 3, |_| WTinyLfu::new(0.01, 0.8, Some(3)));
        let lists = &look.tier.policy().lists;
        assert_eq!(look.slots(lists.back_to_front(WINDOW.into())), "e");
        assert_eq!(look.slots(lists.back_to_front(PROBATION.into())), "bd");
    }
}
