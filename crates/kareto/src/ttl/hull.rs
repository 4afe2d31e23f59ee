//! The solver `hull`: nearly exact, with a proof of how nearly.
//!
//! 1. Walk the merged hull until the budget is spent, then fill what is left with single steps. The walk's fraction of the
//!    segment that does not fit gives the linear bound.
//! 2. That segment's group is the critical one. If it is large and S-shaped, the bound is loose and the walk poor:
//!    so every choice of the critical group is tried, with the linear bound of the others at what is left. The largest
//!    of these bounds holds for all; the most promising choices are filled.
//! 3. For the best of them, choices of the other groups are fixed by reduced cost and the rest is searched exactly
//!    ([`super::core_search`]).
//!
//! The single TTL is tried too, so the answer is never below it.

use super::Tuned;
use super::baselines::uniform;
use super::core_search;
use super::curve::Curve;
use super::frontier::Frontier;

/// Choices of the critical group that are filled in step 2.
const FILLED: usize = 32;
/// Choices of the critical group whose rest is searched in step 3.
const SEARCHED: usize = 4;

/// Chooses TTLs; see the module's documentation.
#[must_use]
pub fn hull(curves: &[Curve], budget_block_ns: u128) -> Tuned {
    let frontier = Frontier::of(curves);
    let walked = filled(curves, &frontier, budget_block_ns, None);
    let mut best = better(uniform(curves, budget_block_ns), walked);
    let mut bound = whole(frontier.bound(budget_block_ns)).max(best.hits);
    let critical = frontier.segments().get(frontier.fitting(budget_block_ns)).map(|segment| segment.group);
    if let Some(group) = critical.filter(|_| best.hits < bound) {
        let others = Frontier::without(curves, Some(group));
        let choices = choices(&curves[group], &others, budget_block_ns);
        bound = choices.first().map_or(bound, |first| bound.min(first.bound));
        for choice in choices.iter().take(FILLED) {
            if choice.bound > best.hits {
                best = better(best, filled(curves, &others, budget_block_ns, Some((group, choice.step))));
            }
        }
        for choice in choices.iter().take(SEARCHED) {
            if choice.bound > best.hits {
                let fixed = (group, choice.step);
                if let Some(steps) = core_search::search(curves, &others, budget_block_ns, fixed, best.hits) {
                    best = better(best, Tuned::of(curves, steps, None));
                }
            }
        }
    }
    Tuned { upper_bound: Some(bound.max(best.hits)), ..best }
}

/// The one with more hits; the first of equals.
fn better(known: Tuned, candidate: Tuned) -> Tuned {
    if candidate.hits > known.hits { candidate } else { known }
}

/// The whole hits below a bound, with room for its rounding.
fn whole(bound: f64) -> u64 {
    (bound * (1.0 + 1e-12) + 1e-6).floor() as u64
}

/// A choice of the critical group with the bound that it leaves.
struct Choice {
    step: usize,
    bound: u64,
}

/// The choices of a group that fit, largest bound first.
fn choices(curve: &Curve, others: &Frontier, budget: u128) -> Vec<Choice> {
    let steps = curve.steps().iter().enumerate().take_while(|(_, step)| step.storage_block_ns <= budget);
    let bound = |hits: u64, storage: u128| whole(hits as f64 + others.bound(budget - storage));
    let mut choices: Vec<Choice> =
        steps.map(|(step, it)| Choice { step, bound: bound(it.hits, it.storage_block_ns) }).collect();
    choices.sort_by(|a, b| b.bound.cmp(&a.bound).then(a.step.cmp(&b.step)));
    choices
}

/// Walks a frontier with what the fixed choice leaves, taking every segment that fits, then the best single steps.
fn filled(curves: &[Curve], frontier: &Frontier, budget: u128, fixed: Option<(usize, usize)>) -> Tuned {
    let mut steps = vec![0; curves.len()];
    let mut left = budget;
    if let Some((group, step)) = fixed {
        steps[group] = step;
        left -= curves[group].steps()[step].storage_block_ns;
    }
    for segment in frontier.segments() {
        // A segment can only follow those below it, which a group that was passed over lacks.
        if steps[segment.group] == segment.from && segment.storage_block_ns <= left {
            steps[segment.group] = segment.to;
            left -= segment.storage_block_ns;
        }
    }
    while let Some((group, step)) = best_step(curves, &steps, left) {
        left -= curves[group].steps()[step].storage_block_ns
            - curves[group].steps()[steps[group]].storage_block_ns;
        steps[group] = step;
    }
    Tuned::of(curves, steps, None)
}

/// The single change upward that fits and gains most hits.
fn best_step(curves: &[Curve], steps: &[usize], left: u128) -> Option<(usize, usize)> {
    let gain = |(group, (curve, &step)): (usize, (&Curve, &usize))| {
        let now = &curve.steps()[step];
        let reach = curve.step_at_storage(now.storage_block_ns + left);
        (curve.steps()[reach].hits - now.hits, group, reach)
    };
    let best = curves
        .iter()
        .zip(steps)
        .enumerate()
        .map(gain)
        .max_by_key(|&(hits, group, _)| (hits, usize::MAX - group))?;
    (best.0 > 0).then_some((best.1, best.2))
}
