//! What tuned TTLs are compared with: one TTL for all, and an oracle that knows every next use.

use super::Tuned;
use super::curve::{Curve, Step, TailCharge};
use super::reuse::{GroupReuse, Reuse};

/// The largest single TTL for all groups whose storage is within the budget. The groups do not matter for its
/// totals.
#[must_use]
pub fn uniform(reuse: &Reuse, charge: TailCharge, budget_block_ns: u128) -> Tuned {
    let mut ttls: Vec<u64> =
        reuse.groups.iter().flat_map(|group| group.hit_intervals_ns.iter().copied()).collect();
    ttls.push(0);
    ttls.sort_unstable();
    ttls.dedup();
    let storage =
        |ttl_ns: u64| reuse.groups.iter().map(|it| it.storage_block_ns(ttl_ns, charge)).sum::<u128>();
    // Storage never decreases with the TTL, so the TTLs that fit come first; 0 always does.
    let fitting = ttls.partition_point(|&ttl_ns| storage(ttl_ns) <= budget_block_ns);
    let ttl_ns = ttls[fitting - 1];
    let step = |group: &GroupReuse| Step {
        ttl_ns,
        hits: group.hit_intervals_ns.partition_point(|&interval| interval <= ttl_ns) as u64,
        storage_block_ns: group.storage_block_ns(ttl_ns, charge),
    };
    Tuned::with(reuse.groups.iter().map(step).collect(), None)
}

/// The largest single TTL again, but each group's cut down to the longest interval that it has within it: the
/// same hits for less storage, so a little more than one TTL can do.
#[must_use]
pub fn levelled(curves: &[Curve], budget_block_ns: u128) -> Tuned {
    let mut ttls: Vec<u64> =
        curves.iter().flat_map(|curve| curve.steps().iter().map(|step| step.ttl_ns)).collect();
    ttls.sort_unstable();
    ttls.dedup();
    let steps_at = |ttl: u64| curves.iter().map(|curve| curve.step_at_ttl(ttl)).collect::<Vec<_>>();
    let fits = |ttl: u64| Tuned::of(curves, &steps_at(ttl), None).storage_block_ns <= budget_block_ns;
    // Storage never decreases with the TTL, so the TTLs that fit come first; 0 always does.
    let fitting = ttls.partition_point(|&ttl| fits(ttl));
    let ttl = fitting.checked_sub(1).map_or(0, |last| ttls[last]);
    Tuned::of(curves, &steps_at(ttl), None)
}

/// What the best policy of all would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oracle {
    /// Block hits.
    pub hits: u64,
    /// Storage [block-ns]; within the budget.
    pub storage_block_ns: u128,
    /// Hits and storage of each group [block-ns].
    pub groups: Vec<(u64, u128)>,
}

/// The most hits that any policy can have, which knows the future and keeps a block exactly from one use to the
/// next: the shortest intervals first. No choice of TTLs reaches it.
#[must_use]
pub fn oracle(reuse: &Reuse, budget_block_ns: u128) -> Oracle {
    let of_group = |(group, reuse): (usize, &GroupReuse)| {
        reuse.intervals_ns.iter().map(move |&interval| (interval, group)).collect::<Vec<_>>()
    };
    let mut intervals: Vec<(u64, usize)> = reuse.groups.iter().enumerate().flat_map(of_group).collect();
    intervals.sort_unstable();
    let mut spent = 0_u128;
    let affordable = intervals.iter().take_while(|(interval, _)| {
        spent += u128::from(*interval);
        spent <= budget_block_ns
    });
    let mut groups = vec![(0, 0); reuse.groups.len()];
    for &(interval, group) in affordable {
        groups[group].0 += 1;
        groups[group].1 += u128::from(interval);
    }
    let (hits, storage_block_ns) =
        groups.iter().fold((0, 0), |sum, group| (sum.0 + group.0, sum.1 + group.1));
    Oracle { hits, storage_block_ns, groups }
}
