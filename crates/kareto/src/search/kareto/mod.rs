//! The paper's Algorithm 1: diminishing-return-guided adaptive Pareto search.
//!
//! 1. A coarse grid: every ordered axis in a few wide steps ([`expand`]).
//! 2. Each axis is followed outward until a step gains less than `tau_e` ([`expand`]).
//! 3. Where the objectives bend most, the step is halved, again and again ([`refine`]).
//!
//! The paper leaves open how gain and curvature are measured; our definitions stand at [`expand::gain`] and
//! [`refine::gaps`]. Categories have no "further", so each of them gets a coarse grid of its own. Every ask is a function of
//! the answers alone, so the search has no state to lose. Every point that is never asked has a reason ([`reasons`]).

mod expand;
mod reasons;
mod refine;

use std::collections::BTreeMap;

use super::{Ask, Reason, Search, SkipReason};
use crate::archive::Archive;
use crate::space::{DesignSpace, Point};
use expand::CoarseGrid;

/// Thresholds of [`Kareto`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KaretoSettings {
    /// Steps that the coarse grid makes along an ordered axis; the paper's grids have 4 (512 GB, 600 s).
    pub coarse_steps: u32,
    /// Expansion threshold: the least relative improvement of some objective that makes one more step worthwhile.
    pub tau_e: f64,
    /// Curvature threshold: the least bend, as a fraction of an objective's range, that makes halving worthwhile.
    pub tau_curvature: f64,
}

impl KaretoSettings {
    /// Our choice; the paper does not give its thresholds.
    pub const OURS: Self = Self { coarse_steps: 4, tau_e: 0.005, tau_curvature: 0.005 };
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

impl Search for Kareto {
    fn ask(&mut self, archive: &Archive) -> Ask {
        let wider = self.grid.expansion(archive, self.settings.tau_e);
        if !wider.is_empty() {
            return Ask::Evaluate(wider);
        }
        let finer = refine::midpoints(&self.space, archive, self.settings.tau_curvature);
        if !finer.is_empty() {
            return Ask::Evaluate(finer);
        }
        Ask::Done(if archive.len() == self.space.size() { Reason::Exhausted } else { Reason::Converged })
    }

    fn skipped(&self, archive: &Archive) -> BTreeMap<Point, SkipReason> {
        reasons::skipped(&self.space, &self.grid, archive, &self.settings)
    }
}
