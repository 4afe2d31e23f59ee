//! `kareto`: our search after the paper's Algorithm 1. It begins with the ends of the axes instead of a coarse grid.
//!
//! 1. The ends of the ordered axes are evaluated first ([`super::ends`]).
//! 2. Where the objectives bend most, the step is halved, again and again ([`super::halving`]).
//! 3. When no middle promises more, each axis is followed in coarse steps from the points that matter, until a step
//!    gains less than `tau_e` ([`expand`]).
//!
//! The steps are the paper's; [`super::algorithm_1`] has them in the paper's order. The order differs here for two reasons. The
//! ends tell where to look: an overloaded service wants all the storage there is, a service with time to spare wants none. And
//! halving between two ends finds in a few evaluations what coarse steps pass one by one.
//!
//! A step's gain is the best relative improvement of any objective. Curvature is measured by what it could be worth. The
//! objectives in the middle of two neighbours may lie better than the straight line between the neighbours. How much
//! better is guessed from the bends on both sides. The hypervolume that the middle would add then is the measure.
//!
//! Categories have no "further", so each of them gets ends of its own. Every ask is a function of the answers alone, so
//! the search has no state to lose. Every point that is never asked has a reason ([`reasons`]).

mod expand;
mod reasons;

use kv_core::policy::{ParamKind, ParamSpec, Params};

use super::coarse::{COARSE_STEPS, CoarseGrid, TAU_E};
use super::ends::ends;
use super::halving::{Known, gaps, midpoints};
use super::{Ask, Reason, Search, SearchContext, SearchSpec, SkipReason, Skipped};
use crate::archive::Archive;
use crate::front::growing::GrowingFront;
use crate::space::DesignSpace;
use expand::expansion;

/// The row for the registry.
pub(super) const SPEC: SearchSpec = SearchSpec {
    name: "kareto",
    summary: "ours, after the paper's Algorithm 1: ends first, then halving, then coarse steps",
    source: "after arXiv 2603.08739, Algorithm 1",
    draws: false,
    params: &[
        COARSE_STEPS,
        TAU_E,
        ParamSpec {
            name: "tau_curvature",
            unit: "1",
            kind: ParamKind::Real,
            default: Some(0.001),
            min: 0.0,
            max: 1.0,
            doc: "least share of the hypervolume that halving must be able to add, and that must rest on a point to look \
                  around it",
        },
    ],
    build: |params, context| Box::new(Kareto::new(params, context)),
};

/// Thresholds of [`Kareto`].
#[derive(Debug, Clone, Copy)]
struct Settings {
    /// The least relative improvement of some objective that makes one more coarse step worthwhile.
    tau_e: f64,
    /// The least share of the front's hypervolume that halving must be able to add, and that must rest on a point for its
    /// neighbours to be looked at.
    tau_curvature: f64,
}

/// The search on a lattice.
#[derive(Debug)]
struct Kareto {
    space: DesignSpace,
    grid: CoarseGrid,
    settings: Settings,
}

impl Kareto {
    fn new(params: &Params, context: &SearchContext<'_>) -> Self {
        let settings = Settings { tau_e: params.get("tau_e"), tau_curvature: params.get("tau_curvature") };
        let space = context.space.clone();
        Self { grid: CoarseGrid::new(&space, params.get("coarse_steps") as u32), space, settings }
    }
}

/// The evaluated points with their minimised objectives.
fn known(archive: &Archive) -> Vec<Known<'_>> {
    archive.iter().map(|(point, evaluation)| (point, archive.vector(evaluation))).collect()
}

impl Search for Kareto {
    fn ask(&mut self, archive: &Archive) -> Ask {
        let Some(front) = GrowingFront::of(archive) else { return Ask::Evaluate(ends(&self.space)) };
        let gaps = gaps(&self.space, &known(archive));
        let hoped: Vec<_> = gaps.iter().map(|gap| (gap.middle.clone(), gap.hoped())).collect();
        let finer = midpoints(&hoped, &front, self.settings.tau_curvature);
        if !finer.is_empty() {
            return Ask::Evaluate(finer);
        }
        let Settings { tau_e, tau_curvature } = self.settings;
        let wider = expansion(&self.grid, archive, &front, tau_e, tau_curvature);
        if !wider.is_empty() {
            return Ask::Evaluate(wider);
        }
        Ask::Done(if archive.len() == self.space.size() { Reason::Exhausted } else { Reason::Converged })
    }

    fn skipped(&self, archive: &Archive) -> Skipped {
        reasons::skipped(&self.space, &self.grid, archive, &self.settings)
    }
}
