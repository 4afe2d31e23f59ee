//! Lease policies. Adding one: its file, a `mod` line and a `SPEC` line here.

mod fixed;
mod unlimited;

use kv_core::policy::Spec;

/// The table, in the order in which it is printed.
pub(crate) const SPECS: &[Spec] = &[unlimited::SPEC, fixed::SPEC];
