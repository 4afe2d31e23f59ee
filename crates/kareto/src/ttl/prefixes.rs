//! The first correction of the paper's model: a hit needs its whole prefix.
//!
//! Within a group that is so by itself: a block's prefix was used whenever the block was. Between groups it is
//! not, where a group is kept shorter than one below it, and then the groups' curves depend on each other. So
//! they are tuned in rounds: each round counts only hits whose prefix in other groups was alive under the round
//! before. A heuristic: the best round by replay is kept, and the plain model's bound still holds, for whole
//! prefixes only take hits away.

use super::curve::{TailCharge, curves};
use super::groups::Groups;
use super::replay::{Replayed, replay};
use super::reuse::{GroupReuse, Reuse};
use super::seen::Seen;
use super::{Method, Step, Tuned, tune};

/// Rounds after the first, at most.
const ROUNDS: usize = 4;

/// Tunes for hits of whole prefixes; returns the best round and what a replay counts for it.
///
/// The answer's hits are those of the replay; its bound is the plain model's.
#[must_use]
pub fn tune_whole_prefixes<'a>(
    seen: impl Into<Seen<'a>>,
    groups: &Groups,
    charge: TailCharge,
    budget_block_ns: u128,
    method: Method,
) -> (Tuned, Replayed) {
    let seen = seen.into();
    let first = tune(&curves(&Reuse::of(seen.clone(), groups), charge), budget_block_ns, method);
    let bound = first.upper_bound;
    let mut last_ttls = first.ttl_ns.clone();
    let mut best = (replay(seen.clone(), groups, &first.ttl_ns), first);
    for _ in 0..ROUNDS {
        let reuse = Reuse::with_whole_prefixes(seen.clone(), groups, &last_ttls);
        let next = tune(&curves(&reuse, charge), budget_block_ns, method);
        if next.ttl_ns == last_ttls {
            break;
        }
        last_ttls.clone_from(&next.ttl_ns);
        let counted = replay(seen.clone(), groups, &next.ttl_ns);
        if counted.prefix_hits > best.0.prefix_hits {
            best = (counted, next);
        }
    }
    let (counted, tuned) = best;
    let groups = with_counted_hits(&Reuse::with_whole_prefixes(seen, groups, &tuned.ttl_ns), &tuned);
    (Tuned { groups, hits: counted.prefix_hits, upper_bound: bound, ..tuned }, counted)
}

/// Each group's choice with the hits that it has next to the others' choices.
fn with_counted_hits(reuse: &Reuse, tuned: &Tuned) -> Vec<Step> {
    let counted = |(reuse, step): (&GroupReuse, &Step)| {
        let hits = reuse.hit_intervals_ns.partition_point(|&interval| interval <= step.ttl_ns);
        Step { hits: hits as u64, ..*step }
    };
    reuse.groups.iter().zip(&tuned.groups).map(counted).collect()
}
