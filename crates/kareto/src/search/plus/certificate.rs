//! What a finished search can say of the points it never evaluated, and how well its assumption held.

use super::outlook::Outlook;
use super::terms::TERMS;
use crate::front::hypervolume::ReferencePoint;

/// A bound on what unexplored points could still add, and the assumption it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certificate {
    /// Where hypervolumes are measured from: the worst of each objective seen, a tenth of its range further out.
    pub reference: ReferencePoint,
    /// Hypervolume of the front found.
    pub hypervolume: f64,
    /// The most that all unexplored points together could add, if every term is within the band of its model.
    pub could_add: f64,
    /// The same as a share of [`Self::hypervolume`].
    pub could_add_share: f64,
    /// Half the width of the band, in standard deviations of the models.
    pub band: f64,
    /// How many values of evaluated points the assumption was tested on, each predicted before it was known.
    pub tested: usize,
    /// How many of them lay outside the band.
    pub violations: usize,
    /// The farthest of all, in standard deviations.
    pub largest_violation: f64,
}

impl Certificate {
    /// The assumption in words, for reports.
    pub const ASSUMPTION: &str =
        "TTFT, makespan and unknown cost of every unexplored point lie within the band of their models";
}

/// Deviations beyond this say no more than that the model was wrong \[standard deviations\].
const FAR: f64 = 5.0;
/// Predictions that are taken to have been right before any was tested.
const GRANTED: f64 = 4.0;

/// Tests the assumption at every new point, and learns how far to trust the models.
#[derive(Debug, Default)]
pub(super) struct Watch {
    tested: usize,
    violations: usize,
    largest: f64,
    /// Of each term, the sum of squares of the deviations; those beyond [`FAR`] count as that far.
    squares: [f64; TERMS],
}

impl Watch {
    /// Notes how many standard deviations values lie from their predictions.
    pub(super) fn check(&mut self, away: [f64; TERMS], band: f64) {
        self.tested += TERMS;
        self.violations += away.iter().filter(|&&deviations| deviations > band).count();
        self.largest = away.into_iter().fold(self.largest, f64::max);
        self.squares.iter_mut().zip(away).for_each(|(sum, away)| *sum += away.min(FAR).powi(2));
    }

    /// By how much larger than predicted each term's errors have been, at least 1: the root of their mean square, where
    /// some right predictions are taken for granted.
    pub(super) fn widen(&self) -> [f64; TERMS] {
        let tests = (self.tested / TERMS) as f64;
        self.squares.map(|sum| ((GRANTED + sum) / (GRANTED + tests)).sqrt().max(1.0))
    }

    pub(super) fn certificate(&self, outlook: &Outlook<'_>, band: f64, could_add_share: f64) -> Certificate {
        Certificate {
            reference: outlook.front.reference,
            hypervolume: outlook.front.volume,
            could_add: could_add_share * outlook.front.volume,
            could_add_share,
            band,
            tested: self.tested,
            violations: self.violations,
            largest_violation: self.largest,
        }
    }
}
