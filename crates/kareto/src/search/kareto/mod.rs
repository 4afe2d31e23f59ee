//! The paper's Algorithm 1: diminishing-return-guided adaptive Pareto search.
//!
//! 1. A coarse grid of wide steps over every ordered axis; its ends are evaluated first ([`super::ends`]).
//! 2. From the points that matter each axis is followed in coarse steps, until a step gains less than `tau_e` ([`expand`]).
//! 3. Where the objectives bend most, the step is halved, again and again ([`super::halving`]).
//!
//! The paper leaves open how gain and curvature are measured. A step's gain is the best relative improvement of
//! any objective. Curvature is measured by what it could be worth: the hypervolume that the middle of two neighbours
//! would add, lay it as far on the better side of the straight line as the bends around it let hope.
//!
//! Two things are not in the paper's order. The far ends come before anything is followed, for what the most storage
//! gives tells where to look: an overloaded service wants all there is, one with time to spare none. And halving goes
//! before following: between two ends it finds in a few evaluations what coarse steps pass one by one.
//!
//! Categories have no "further", so each of them gets ends of its own. Every ask is a function of the answers alone, so
//! the search has no state to lose. Every point that is never asked has a reason ([`reasons`]).

mod expand;
mod reasons;

use std::collections::BTreeMap;

use super::ends::ends;
use super::halving::{Known, gaps, midpoints};
use super::{Ask, Reason, Search, SkipReason};
use crate::archive::Archive;
use crate::front::growing::GrowingFront;
use crate::space::{DesignSpace, Point};
use expand::CoarseGrid;

/// Thresholds of [`Kareto`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KaretoSettings {
    /// Steps that the coarse grid makes along an ordered axis; the paper's grids have 4 (512 GB, 600 s).
    pub coarse_steps: u32,
    /// Expansion threshold: the least relative improvement of some objective that makes one more step worthwhile.
    pub tau_e: f64,
    /// Curvature threshold: the least share of the front's hypervolume that halving must be able to add, and that must
    /// rest on a point for its neighbours to be looked at.
    pub tau_curvature: f64,
}

impl KaretoSettings {
    /// Our choice; the paper does not give its thresholds.
    pub const OURS: Self = Self { coarse_steps: 4, tau_e: 0.005, tau_curvature: 0.0002 };
}

/// Algorithm 1 on a lattice.
#[derive(Debug)]
pub struct Kareto {
    space: DesignSpace,
    grid: CoarseGrid,
    settings: KaretoSettings,
}

impl Kareto {
    /// A search over this space.
    #[must_use]
    pub fn new(space: &DesignSpace, settings: KaretoSettings) -> Self {
        Self { space: space.clone(), grid: CoarseGrid::new(space, settings.coarse_steps), settings }
    }
}

/// The evaluated points with their minimised objectives.
fn known(archive: &Archive) -> Vec<Known<'_>> {
    archive.iter().map(|(point, evaluation)| (point, evaluation.objectives.minimised())).collect()
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
        let KaretoSettings { tau_e, tau_curvature, .. } = self.settings;
        let wider = self.grid.expansion(archive, &front, tau_e, tau_curvature);
        if !wider.is_empty() {
            return Ask::Evaluate(wider);
        }
        Ask::Done(if archive.len() == self.space.size() { Reason::Exhausted } else { Reason::Converged })
    }

    fn skipped(&self, archive: &Archive) -> BTreeMap<Point, SkipReason> {
        reasons::skipped(&self.space, &self.grid, archive, &self.settings)
    }
}
