//! Routers. Adding one: its file, a `mod` line and a `SPEC` line here.

mod cache_aware;
mod least_loaded;
mod power_of_two;
mod round_robin;

use kv_core::policy::{Fleet, Spec};

/// The table, in the order in which it is printed.
pub(crate) const SPECS: &[Spec] =
    &[round_robin::SPEC, least_loaded::SPEC, power_of_two::SPEC, cache_aware::SPEC];

/// The instance with the fewest requests; the first of equals.
fn least_loaded(fleet: &dyn Fleet) -> usize {
    (0..fleet.instances()).min_by_key(|&instance| fleet.load(instance)).expect("a fleet has instances")
}
