//! Lease policies. Adding one: its file, a `mod` line and a `SPEC` line here.

mod fixed;
mod hybrid_histogram;
mod oracle;
mod per_group;
mod per_group_windows;
mod prices;
mod ski_rental;
#[cfg(test)]
mod template;
mod unlimited;

use kv_core::policy::Spec;

/// The table, in the order in which it is printed.
pub(crate) const SPECS: &[Spec] = &[
    unlimited::SPEC,
    fixed::SPEC,
    per_group::SPEC,
    per_group_windows::SPEC,
    hybrid_histogram::SPEC,
    ski_rental::SPEC,
    oracle::SPEC,
];

#[cfg(test)]
mod tests {
    use kv_core::policy::{Access, Build, Context, Lease};
    use kv_core::{BlockId, Group, TraceBuilder};

    #[test]
    fn what_a_new_policy_begins_with_works() {
        let spec = super::template::SPEC;
        let Build::Lease(build) = spec.build else { panic!("a lease policy") };
        let params = spec.params(&[("ttl_s".to_owned(), 10.0)]).expect("in range");
        let trace = TraceBuilder::new(1).finish();
        let context = Context { trace: &trace, capacity_blocks: None, seed: 1, group_leases: &[] };
        let access = Access { block: BlockId(0), depth: 0, group: Group::REST, request: 0, now_ns: 0 };
        let mut policy = build(&params, &context);
        assert_eq!([policy.on_insert(&access), policy.on_hit(&access)], [Lease::For(10_000_000_000); 2]);
    }
}
