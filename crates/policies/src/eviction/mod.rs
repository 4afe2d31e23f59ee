//! Eviction policies. Adding one: its file, a `mod` line and a `SPEC` line here.

mod fifo;
mod lru;

use kv_core::policy::Spec;

/// The table, in the order in which it is printed.
pub(crate) const SPECS: &[Spec] = &[lru::SPEC, fifo::SPEC];
