//! One lease for each prefix group. Kareto's tuner sets these leases.
//!
//! Groups are the trace's most frequent prefix subtrees, and the rest. Blocks of a system prompt that thousands
//! share idle much less than those of one conversation, so one TTL for both wastes storage or hits. The leases
//! are not parameters in the file's policy table; they come with the build context (`group_leases`). A group
//! without a lease has no limit. Each use starts the lease anew.
//!
//! ```
//! use policies::testing::play_lease;
//! // No groups are set here, so nothing expires.
//! assert_eq!(play_lease("per-group", &[], "a@0 a@9000"), "a=unlimited a+=unlimited");
//! ```

use kv_core::policy::{Access, Build, Lease, LeasePolicy, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "per-group",
    summary: "the lease that the tuner gave to the block's prefix group",
    source: "Kareto, arXiv 2603.08739 (group TTL)",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Lease(|_, context| Box::new(PerGroup { leases: context.group_leases.to_vec() })),
};

struct PerGroup {
    /// By group.
    leases: Vec<Lease>,
}

impl PerGroup {
    fn lease(&self, access: &Access) -> Lease {
        self.leases.get(usize::from(access.group.0)).copied().unwrap_or(Lease::Unlimited)
    }
}

impl LeasePolicy for PerGroup {
    fn on_insert(&mut self, access: &Access) -> Lease {
        self.lease(access)
    }

    fn on_hit(&mut self, access: &Access) -> Lease {
        self.lease(access)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kv_core::{BlockId, Group};

    #[test]
    fn each_group_has_its_own() {
        let mut policy = PerGroup { leases: vec![Lease::Drop, Lease::For(60)] };
        let mut lease = |group| {
            policy.on_hit(&Access { block: BlockId(0), depth: 0, group: Group(group), request: 0, now_ns: 0 })
        };
        assert_eq!([0, 1, 2].map(&mut lease), [Lease::Drop, Lease::For(60), Lease::Unlimited]);
    }
}
