//! What tuned TTLs are compared with: one TTL for all, and an oracle that knows every next use.

use super::Tuned;
use super::curve::Curve;
use super::reuse::Reuse;

/// The largest single TTL for all groups whose storage is within the budget.
#[must_use]
pub fn uniform(curves: &[Curve], budget_block_ns: u128) -> Tuned {
    let mut ttls: Vec<u64> =
        curves.iter().flat_map(|curve| curve.steps().iter().map(|step| step.ttl_ns)).collect();
    ttls.sort_unstable();
    ttls.dedup();
    let steps_at = |ttl: u64| curves.iter().map(|curve| curve.step_at_ttl(ttl)).collect::<Vec<_>>();
    let fits = |ttl: u64| Tuned::of(curves, steps_at(ttl), None).storage_block_ns <= budget_block_ns;
    // Storage never decreases with the TTL, so the TTLs that fit come first; 0 always does.
    let fitting = ttls.partition_point(|&ttl| fits(ttl));
    let ttl = fitting.checked_sub(1).map_or(0, |last| ttls[last]);
    Tuned::of(curves, steps_at(ttl), None)
}

/// The most hits that any policy can have, which knows the future and keeps a block exactly from one use to the next:
/// the shortest intervals first. No choice of TTLs reaches it.
#[must_use]
pub fn oracle_hits(reuse: &Reuse, budget_block_ns: u128) -> u64 {
    let mut intervals: Vec<u64> =
        reuse.groups.iter().flat_map(|group| group.intervals_ns.iter().copied()).collect();
    intervals.sort_unstable();
    let mut spent = 0_u128;
    let affordable = intervals.iter().take_while(|&&interval| {
        spent += u128::from(interval);
        spent <= budget_block_ns
    });
    affordable.count() as u64
}
