//! How many groups are worth having: K where the gain flattens.
//!
//! K doubles from 1. The K taken is the first whose next two doublings together bring less than [`FLAT`] more
//! hits; two, because a trunk and the branches below it may pay only together. Hits are those of `hull` at the
//! same budget, by the paper's model.

use super::curve::{TailCharge, curves};
use super::groups::Groups;
use super::hull::hull;
use super::reuse::Reuse;
use super::seen::Seen;

/// Share of the hits that two doublings must bring.
const FLAT: f64 = 0.01;
/// Most groups that are tried.
const MOST: usize = 1024;

/// The choice of K.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flattening {
    /// The groups that are enough, the rest not counted.
    pub groups: usize,
    /// Every K that was tried with its hits, K increasing.
    pub tried: Vec<(usize, u64)>,
}

/// Chooses K for a budget [block-ns]; 1 where no subtree is used twice.
#[must_use]
pub fn flattening<'a>(seen: impl Into<Seen<'a>>, charge: TailCharge, budget_block_ns: u128) -> Flattening {
    let seen = seen.into();
    let all = Groups::most_frequent(seen.clone(), MOST).expect("a number of groups that is allowed");
    let most = all.heads().len().max(1);
    let mut tried: Vec<(usize, u64)> = Vec::new();
    loop {
        let groups = tried.last().map_or(1, |last| (2 * last.0).min(most));
        let reuse = Reuse::of(seen.clone(), &all.first(seen.trace(), groups));
        tried.push((groups, hull(&curves(&reuse, charge), budget_block_ns).hits));
        let before = tried[tried.len().saturating_sub(3)];
        let hits = tried[tried.len() - 1].1;
        let flat = ((hits.saturating_sub(before.1)) as f64) < FLAT * before.1.max(1) as f64;
        if tried.len() > 2 && flat {
            return Flattening { groups: before.0, tried };
        }
        if groups == most {
            return Flattening { groups: enough(&tried), tried };
        }
    }
}

/// The first K that no K tried beats by [`FLAT`].
fn enough(tried: &[(usize, u64)]) -> usize {
    let best = tried.iter().map(|&(_, hits)| hits).max().unwrap_or(0) as f64;
    let found = tried.iter().find(|(_, hits)| best < (1.0 + FLAT) * *hits as f64 || best == 0.0);
    found.map_or(1, |&(groups, _)| groups)
}
