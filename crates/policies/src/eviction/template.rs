//! new-policy: say in one line which block leaves first.
//!
//! Say in a paragraph why, what that is good for, and what becomes of blocks in use. As it stands, this is least recently
//! used, and blocks in use are walked past.
//!
//! Memory: 8 bytes a slot. Every operation is O(1), apart from walking past blocks in use.
//!
//! ```
//! use policies::testing::play;
//! // Each word is a request, each letter a block of it. `a+` was found; `d-b` came in and b left for it.
//! assert_eq!(play("new-policy", &[], 3, "a b c a d b"), "a b c a+ d-b b-c");
//! ```

use crate::lists::Lists;
use kv_core::policy::{Access, Build, EvictionPolicy, Removal, Slot, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "new-policy",
    summary: "which block leaves first",
    source: "Authors: Title, where and when",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Eviction(|_, _| Box::new(NewPolicy { order: Lists::new() })),
};

/// The only list; with more of them, `Lists<2>` and so on, a slot is in one at most.
const ORDER: usize = 0;

struct NewPolicy {
    /// Front: most recently used.
    order: Lists<1>,
}

impl EvictionPolicy for NewPolicy {
    fn on_insert(&mut self, slot: Slot, _access: &Access) {
        self.order.push_front(ORDER, slot.0);
    }

    fn on_hit(&mut self, slot: Slot, _access: &Access) {
        self.order.remove(ORDER, slot.0);
        self.order.push_front(ORDER, slot.0);
    }

    fn on_remove(&mut self, slot: Slot, _why: Removal) {
        self.order.remove(ORDER, slot.0);
    }

    fn choose_victim(&mut self, _now_ns: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot> {
        self.order.back_to_front(ORDER).map(Slot).find(|&slot| eligible(slot))
    }
}
