//! What a finished search can say of the points that it never evaluated.

use crate::front::hypervolume::ReferencePoint;

/// A bound on what unexplored points could still add, and the assumption that it rests on. A search from outside may give
/// one too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certificate {
    /// Where hypervolumes are measured from: the worst of each objective seen, a tenth of its range further out.
    pub reference: ReferencePoint,
    /// Hypervolume of the front found.
    pub hypervolume: f64,
    /// The most that all unexplored points together could add, if the assumption holds.
    pub could_add: f64,
    /// The same as a share of [`Self::hypervolume`].
    pub could_add_share: f64,
    /// What the bound assumes, in words.
    pub assumption: &'static str,
    /// Half the width of the band that the assumption allows, in standard deviations of the models.
    pub band: f64,
    /// How many values of evaluated points the assumption was tested on, each predicted before it was known.
    pub tested: usize,
    /// How many of them lay outside the band.
    pub violations: usize,
    /// The farthest of all, in standard deviations.
    pub largest_violation: f64,
}
