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
