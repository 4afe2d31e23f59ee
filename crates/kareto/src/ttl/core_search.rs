//! The exact stage of `hull`: dynamic programming over the choices that reduced costs leave open.
//!
//! At the multiplier of the critical segment, a choice's reduced cost is what it gives away against its group's best.
//! A choice that gives away more than the bound exceeds the best answer known cannot be in a better one: it is dropped.
//! What is left is searched by lists of undominated (storage, hits) states, pruned by the same rule.

use super::curve::Curve;
use super::frontier::Frontier;

/// States kept after each group; beyond it every second one is dropped, and the search is no longer exact.
const STATES: usize = 4_096;
/// State-choice pairs looked at in all; beyond it the search gives up.
const PAIRS: usize = 8_000_000;

/// A partial answer.
#[derive(Debug, Clone, Copy)]
struct State {
    storage: u128,
    hits: u64,
    given_away: f64,
    /// Index of the state before it and the choice taken since.
    before: usize,
    step: usize,
}

/// Searches the groups other than the fixed one; returns all steps if they have more hits than `found`.
pub(super) fn search(
    curves: &[Curve],
    others: &Frontier,
    budget: u128,
    fixed: (usize, usize),
    found: u64,
) -> Option<Vec<usize>> {
    let chosen = &curves[fixed.0].steps()[fixed.1];
    let left = budget.checked_sub(chosen.storage_block_ns)?;
    let price = others.segments().get(others.fitting(left))?.slope();
    let open = open_choices(curves, price, left, fixed.0, found.saturating_sub(chosen.hits))?;
    let mut lists = vec![vec![State { storage: 0, hits: 0, given_away: 0.0, before: 0, step: 0 }]];
    let mut pairs = 0;
    for group in &open.groups {
        let states = lists.last()?;
        pairs += states.len() * group.choices.len();
        if pairs > PAIRS {
            return None;
        }
        let next = extend(states, &curves[group.group], group, left, open.allowance);
        lists.push(next);
    }
    let best = lists.last()?.iter().enumerate().max_by_key(|(_, state)| state.hits)?;
    if best.1.hits + chosen.hits <= found {
        return None;
    }
    let mut steps = vec![0; curves.len()];
    steps[fixed.0] = fixed.1;
    let mut index = best.0;
    for (group, list) in open.groups.iter().zip(&lists[1..]).rev() {
        steps[group.group] = list[index].step;
        index = list[index].before;
    }
    Some(steps)
}

/// The choices of a group that may be in a better answer, with what each gives away.
struct OpenGroup {
    group: usize,
    choices: Vec<(usize, f64)>,
}

struct Open {
    groups: Vec<OpenGroup>,
    /// What all choices together may give away.
    allowance: f64,
}

fn open_choices(curves: &[Curve], price: f64, left: u128, skipped: usize, found: u64) -> Option<Open> {
    let value = |curve: &Curve, step: usize| {
        curve.steps()[step].hits as f64 - price * curve.steps()[step].storage_block_ns as f64
    };
    let groups = || curves.iter().enumerate().filter(|&(group, _)| group != skipped);
    let best_of = |curve: &Curve| (0..curve.steps().len()).map(|step| value(curve, step)).fold(0.0, f64::max);
    let bests: Vec<f64> = curves.iter().map(best_of).collect();
    let bound = groups().map(|(group, _)| bests[group]).sum::<f64>() + price * left as f64;
    // A better answer has at least one hit more.
    let allowance = bound - (found + 1) as f64 + 1e-6 * bound.max(1.0).sqrt();
    if allowance < 0.0 {
        return None;
    }
    let open = groups().map(|(group, curve)| {
        let choices = (0..curve.steps().len()).map(|step| (step, bests[group] - value(curve, step)));
        OpenGroup { group, choices: choices.filter(|choice| choice.1 <= allowance).collect() }
    });
    let mut groups: Vec<OpenGroup> = open.collect();
    groups.sort_by_key(|group| (group.choices.len(), group.group));
    Some(Open { groups, allowance })
}

/// All states one group further, undominated.
fn extend(states: &[State], curve: &Curve, group: &OpenGroup, left: u128, allowance: f64) -> Vec<State> {
    let mut next = Vec::with_capacity(states.len() * group.choices.len());
    for (before, state) in states.iter().enumerate() {
        for &(step, gives) in &group.choices {
            let choice = &curve.steps()[step];
            let given_away = state.given_away + gives;
            let storage = state.storage + choice.storage_block_ns;
            if storage > left || given_away > allowance {
                continue;
            }
            next.push(State { storage, hits: state.hits + choice.hits, given_away, before, step });
        }
    }
    next.sort_by(|a, b| a.storage.cmp(&b.storage).then(b.hits.cmp(&a.hits)));
    let mut most = None;
    next.retain(|state| {
        let better = most.is_none_or(|most| state.hits > most);
        if better {
            most = Some(state.hits);
        }
        better
    });
    while next.len() > STATES {
        let mut index = 0;
        next.retain(|_| {
            index += 1;
            index % 2 == 0
        });
    }
    next
}
