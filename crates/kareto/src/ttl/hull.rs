//! The solver `hull`: nearly exact, with a proof of how nearly.
//!
//! 1. Walk the groups' hulls by slope until the budget is spent, and fill what is left with single steps. The fraction of
//!    the segment that does not fit gives the linear bound ([`super::relaxed`]).
//! 2. Fix by reduced cost: at the walk's price, drop the steps that cannot be in a better answer.
//! 3. Branch and bound over ranges of steps: split the range of the group whose segment does not fit, where the budget
//!    ends, so that the two hulls no longer bridge it. Where one large group is S-shaped, the first bound is far off and the
//!    walk poor; splits repair both. The node with the largest bound comes first, and that bound holds when work runs out.
//!
//! The single TTL, levelled, is tried too, so the answer is never below it.

use std::collections::BTreeMap;

use super::Tuned;
use super::baselines::levelled;
use super::curve::Curve;
use super::relaxed::{Hulls, Ranges, Relaxed, fixed_by_reduced_cost};

/// Steps and segments that branch and bound may look at in all: about a tenth of a second.
const WORK: usize = 3_000_000;
/// Share of the bound within which the answer is good enough to stop.
const ENOUGH: f64 = 1e-5;

/// Chooses TTLs; see the module's documentation.
#[must_use]
pub fn hull(curves: &[Curve], budget_block_ns: u128) -> Tuned {
    let all: Ranges = curves.iter().map(|curve| (0, curve.steps().len() - 1)).collect();
    let single = levelled(curves, budget_block_ns);
    let hulls = Hulls::new(curves, all);
    let Some(root) = hulls.relax(hulls.ranges(), budget_block_ns) else { return single };
    let best = better(single, filled(curves, &root));
    let hulls = Hulls::new(curves, fixed_by_reduced_cost(curves, &root, best.hits));
    let (best, bound) = branch(curves, &hulls, budget_block_ns, best, whole(root.bound));
    Tuned { upper_bound: Some(bound), ..best }
}

/// Branches from the hulls' ranges; returns the best answer and a bound for all.
fn branch(curves: &[Curve], hulls: &Hulls<'_>, budget: u128, known: Tuned, bound: u64) -> (Tuned, u64) {
    let mut best = known;
    // Open nodes by bound, then by age: the last is next.
    let mut open: BTreeMap<(u64, usize), Ranges> = BTreeMap::new();
    open.insert((bound, usize::MAX), hulls.ranges().clone());
    let (mut work, mut age) = (0, usize::MAX);
    while let Some(((bound, _), ranges)) = open.pop_last() {
        let enough = best.hits + (ENOUGH * best.hits as f64) as u64;
        if bound <= enough || work > WORK {
            let bound = bound.max(best.hits);
            return (best, bound);
        }
        let Some(relaxed) = hulls.relax(&ranges, budget) else { continue };
        work += relaxed.work + curves.len();
        best = better(best, filled(curves, &relaxed));
        let bound = bound.min(whole(relaxed.bound));
        let Some(critical) = relaxed.critical.filter(|_| bound > best.hits) else { continue };
        // The last step that fits: an answer takes it or one before it, or one after it.
        let curve = &curves[critical.group];
        let reach = curve.steps()[critical.from].storage_block_ns + relaxed.left;
        let last = curve.step_at_storage(reach);
        let (low, high) = ranges[critical.group];
        for half in [(low, last), (last + 1, high)] {
            let mut ranges = ranges.clone();
            ranges[critical.group] = half;
            age -= 1;
            open.insert((bound, age), ranges);
        }
    }
    let hits = best.hits;
    (best, hits)
}

/// The whole hits below a bound, with room for its rounding.
fn whole(bound: f64) -> u64 {
    (bound * (1.0 + 1e-12) + 1e-6).floor() as u64
}

/// The one with more hits; the first of equals.
fn better(known: Tuned, candidate: Tuned) -> Tuned {
    if candidate.hits > known.hits { candidate } else { known }
}

/// The walk with the best single steps that still fit.
fn filled(curves: &[Curve], relaxed: &Relaxed) -> Tuned {
    let (mut steps, mut left) = (relaxed.steps.clone(), relaxed.left);
    while let Some((group, step)) = best_step(curves, &steps, left) {
        left -= curves[group].steps()[step].storage_block_ns
            - curves[group].steps()[steps[group]].storage_block_ns;
        steps[group] = step;
    }
    Tuned::of(curves, &steps, None)
}

/// The single change upward that fits and gains most hits; of equals the first group's.
fn best_step(curves: &[Curve], steps: &[usize], left: u128) -> Option<(usize, usize)> {
    let gain = |(group, (curve, &step)): (usize, (&Curve, &usize))| {
        let now = &curve.steps()[step];
        let reach = curve.step_at_storage(now.storage_block_ns + left);
        (curve.steps()[reach].hits - now.hits, group, reach)
    };
    let gains = curves.iter().zip(steps).enumerate().map(gain);
    let best = gains.max_by_key(|&(hits, group, _)| (hits, usize::MAX - group))?;
    (best.0 > 0).then_some((best.1, best.2))
}
