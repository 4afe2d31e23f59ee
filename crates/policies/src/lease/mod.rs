//! Lease policies. Adding one: its file, a `mod` line and a `SPEC` line here.

mod fixed;
mod hybrid_histogram;
mod oracle;
mod per_group;
mod prices;
mod ski_rental;
mod unlimited;

use kv_core::policy::Spec;

/// The table, in the order in which it is printed.
pub(crate) const SPECS: &[Spec] =
    &[unlimited::SPEC, fixed::SPEC, per_group::SPEC, hybrid_histogram::SPEC, ski_rental::SPEC, oracle::SPEC];
