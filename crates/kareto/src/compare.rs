//! Searches against each other, on a space all of whose points have been evaluated.
//!
//! The full grid is evaluated once. Then every search, with every seed, is replayed against the recorded answers, and
//! two things count: how many evaluations it asks for until its front has a given share of the full grid's hypervolume, and
//! what a buyer loses who trusts its first evaluations ([`Judged`]). Nothing is simulated here.

mod regret;

pub use regret::{BuyerRegret, Regret};

use crate::archive::{Archive, ArchiveStore};
use crate::evaluate::{Evaluate, EvaluateError, Evaluation};
use crate::front::hypervolume::{ReferencePoint, hypervolume};
use crate::front::indicators::{Scale, additive_epsilon, igd_plus};
use crate::front::own_range::OwnRange;
use crate::front::{Front, non_dominated};
use crate::objectives::ObjectiveSet;
use crate::search::{Certificate, Reason, SearchContext, SearchError, SearchSpec, Silent, run_search};
use crate::space::Point;
use kv_core::policy::Params;
use kv_core::stats::nearest_rank;
use regret::buyer_regret;

/// How far out the reference point of the hypervolume lies, as a fraction of each objective's range over the grid.
/// The same as in searches that look ahead by it.
pub const MARGIN: f64 = crate::front::growing::MARGIN;

/// The front of the full grid, and what it is measured by.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    front: Vec<[f64; 3]>,
    reference: ReferencePoint,
    volume: f64,
    own_range: OwnRange,
    /// Place of the last objective.
    last: usize,
    scale: Scale,
}

/// What some evaluations are worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// How many evaluations.
    pub evaluations: usize,
    /// Share of the hypervolume in the range of the full grid's own front, over the objectives that vary there by more than
    /// 1 % of their size.
    pub own_range_share: f64,
    /// What a buyer loses who takes the best of these instead of the best of the full grid.
    pub regret: BuyerRegret,
}

/// One search with one seed, replayed.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// Share of the full grid's hypervolume after the first evaluation, the second, and so on.
    pub shares: Vec<f64>,
    /// What the evaluations of the budget are worth, or all of them if the search ended before.
    pub judged: Judged,
    /// IGD+ at the end, with every objective scaled to 0..1 over the full grid's front.
    pub igd_plus: f64,
    /// Additive epsilon at the end, on the same scale.
    pub epsilon: f64,
    /// Why the search ended.
    pub reason: Reason,
    /// What it says could still be added, if it can tell.
    pub certificate: Option<Certificate>,
}

impl Target {
    /// What there is to reach; none for an empty archive.
    #[must_use]
    pub fn of(full: &Archive) -> Option<Self> {
        let reference = ReferencePoint::worst_of(full, MARGIN)?;
        let front = Front::of(full).minimised();
        Some(Self {
            volume: hypervolume(&front, reference),
            own_range: OwnRange::of(&front)?,
            last: full.objectives().count() - 1,
            scale: Scale::of(&front)?,
            front,
            reference,
        })
    }

    /// The share of the full grid's hypervolume that some vectors (less is better) have.
    #[must_use]
    pub fn share(&self, vectors: &[[f64; 3]]) -> f64 {
        hypervolume(vectors, self.reference) / self.volume
    }

    /// What some vectors (less is better) are worth, one for each evaluation.
    #[must_use]
    pub fn judged(&self, vectors: &[[f64; 3]]) -> Judged {
        Judged {
            evaluations: vectors.len(),
            own_range_share: self.own_range.share(vectors),
            regret: buyer_regret(vectors, &self.front, self.last),
        }
    }

    /// Points on the full grid's front.
    #[must_use]
    pub fn front_points(&self) -> usize {
        self.front.len()
    }
}

impl Replay {
    /// How many evaluations it took until the share was reached; none if it never was.
    #[must_use]
    pub fn reached(&self, share: f64) -> Option<usize> {
        first_at_least(&self.shares, share)
    }

    /// Evaluations until the search ended by itself.
    #[must_use]
    pub fn evaluations(&self) -> usize {
        self.shares.len()
    }

    /// The share at its end.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.shares.last().copied().unwrap_or(0.0)
    }

    /// The share after a number of evaluations; a search that has ended keeps what it has.
    #[must_use]
    pub fn share_after(&self, evaluations: usize) -> f64 {
        match evaluations.min(self.shares.len()).checked_sub(1) {
            Some(last) => self.shares[last],
            None => 0.0,
        }
    }
}

/// Replays a search against recorded answers, under their objectives. Its first `budget` evaluations are judged.
///
/// # Errors
/// A point that `full` does not have, or that the search has no business to ask for.
pub fn replay(
    search: &SearchSpec,
    params: &Params,
    context: &SearchContext<'_>,
    full: &Archive,
    target: &Target,
    budget: usize,
) -> Result<Replay, SearchError> {
    let context = SearchContext { objectives: full.objectives().clone(), ..context.clone() };
    let store = ArchiveStore::in_memory(context.space);
    let mut search = search.search(params, &context);
    let run = run_search(search.as_mut(), context.space, &Recorded(full), &store, &Silent)?;
    let vectors: Vec<[f64; 3]> = run.order.iter().map(|point| vector(full, point)).collect();
    let reached = target.scale.apply_all(&Front::of(&run.archive).minimised());
    let wanted = target.scale.apply_all(&target.front);
    Ok(Replay {
        shares: shares(&vectors, target),
        judged: target.judged(&vectors[..budget.min(vectors.len())]),
        igd_plus: igd_plus(&reached, &wanted).unwrap_or(f64::INFINITY),
        epsilon: additive_epsilon(&reached, &wanted).unwrap_or(f64::INFINITY),
        reason: run.reason,
        certificate: run.certificate,
    })
}

fn vector(full: &Archive, point: &Point) -> [f64; 3] {
    full.vector(full.get(point).expect("the search was answered from this archive"))
}

/// The share after each vector.
fn shares(vectors: &[[f64; 3]], target: &Target) -> Vec<f64> {
    let mut front: Vec<[f64; 3]> = Vec::new();
    let mut share = 0.0;
    let after = |vector: &[f64; 3]| {
        front.push(*vector);
        let kept = non_dominated(&front);
        if kept.last() == Some(&(front.len() - 1)) {
            front = kept.iter().map(|&index| front[index]).collect();
            share = target.share(&front);
        } else {
            front.pop();
        }
        share
    };
    vectors.iter().map(after).collect()
}

fn first_at_least(shares: &[f64], share: f64) -> Option<usize> {
    shares.iter().position(|&known| known >= share).map(|before| before + 1)
}

/// Answers from an archive.
struct Recorded<'a>(&'a Archive);

impl Evaluate for Recorded<'_> {
    fn evaluate(&self, point: &Point) -> Result<Evaluation, EvaluateError> {
        let known = self.0.get(point).cloned();
        known.ok_or_else(|| EvaluateError::new(format!("{point} is not among the recorded answers")))
    }

    fn objectives(&self) -> ObjectiveSet {
        self.0.objectives().clone()
    }
}

/// Median, lower and upper quartile of counts some of which may be missing: a missing one is larger than all others.
///
/// The quantile is the value at rank ceil(q * n), so it is one that occurred, or none.
#[must_use]
pub fn quartiles(counts: &[Option<usize>]) -> [Option<usize>; 3] {
    let mut sorted: Vec<usize> = counts.iter().map(|count| count.unwrap_or(usize::MAX)).collect();
    sorted.sort_unstable();
    [0.25, 0.5, 0.75].map(|q| nearest_rank(&sorted, q).filter(|&count| count != usize::MAX))
}
