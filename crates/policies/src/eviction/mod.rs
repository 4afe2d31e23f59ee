//! Eviction policies. Adding one: its file, a `mod` line and a `SPEC` line here.

mod arc;
mod belady;
mod fifo;
mod gdsf;
mod hit_density;
mod leaf_lru;
mod lfu;
mod lirs;
mod lru;
mod random;
mod recent_counts;
mod s3_fifo;
mod sieve;
mod slru;
#[cfg(test)]
mod template;
mod two_q;
mod w_tinylfu;

use kv_core::policy::Spec;

/// The table, in the order in which it is printed.
pub(crate) const SPECS: &[Spec] = &[
    lru::SPEC,
    leaf_lru::SPEC,
    fifo::SPEC,
    random::SPEC,
    sieve::SPEC,
    s3_fifo::SPEC,
    slru::SPEC,
    two_q::SPEC,
    lfu::SPEC,
    arc::SPEC,
    lirs::SPEC,
    w_tinylfu::SPEC,
    gdsf::SPEC,
    hit_density::SPEC,
    belady::SPEC,
];

#[cfg(test)]
mod tests {
    use crate::testing::play_spec;

    #[test]
    fn what_a_new_policy_begins_with_works() {
        assert_eq!(play_spec(&super::template::SPEC, &[], 3, "a b c a d b"), "a b c a+ d-b b-c");
    }
}
