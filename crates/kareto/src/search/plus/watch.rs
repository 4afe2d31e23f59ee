//! How well the assumption of `kareto-plus` has held so far.

use super::outlook::Outlook;
use super::terms::TERMS;
use crate::search::Certificate;

/// The assumption in words, for reports.
const ASSUMPTION: &str =
    "TTFT, makespan and unknown cost of every unexplored point lie within the band of their models";

/// The same where the objectives are others.
const OF_OTHER_FIGURES: &str = "what is modelled of every unexplored point lies within the band of its model";

/// Deviations beyond this say no more than that the model was wrong \[standard deviations\].
const FAR: f64 = 5.0;
/// Predictions that are taken to have been right before any was tested.
const GRANTED: f64 = 4.0;

/// Tests the assumption at every new point, and learns how far to trust the models.
#[derive(Debug)]
pub(super) struct Watch {
    /// How many terms are modelled: one for each objective.
    terms: usize,
    points: usize,
    violations: usize,
    largest: f64,
    /// Of each term, the sum of squares of the deviations; those beyond [`FAR`] count as that far.
    squares: [f64; TERMS],
}

impl Watch {
    pub(super) fn new(terms: usize) -> Self {
        Self { terms, points: 0, violations: 0, largest: 0.0, squares: [0.0; TERMS] }
    }

    /// Notes how many standard deviations values lie from their predictions.
    pub(super) fn check(&mut self, away: [f64; TERMS], band: f64) {
        self.points += 1;
        self.violations += away.iter().filter(|&&deviations| deviations > band).count();
        self.largest = away.into_iter().fold(self.largest, f64::max);
        self.squares.iter_mut().zip(away).for_each(|(sum, away)| *sum += away.min(FAR).powi(2));
    }

    /// By how much larger than predicted each term's errors have been, at least 1: the root of their mean square, where
    /// some right predictions are taken for granted.
    pub(super) fn widen(&self) -> [f64; TERMS] {
        let tests = self.points as f64;
        self.squares.map(|sum| ((GRANTED + sum) / (GRANTED + tests)).sqrt().max(1.0))
    }

    pub(super) fn certificate(&self, outlook: &Outlook<'_>, band: f64, could_add_share: f64) -> Certificate {
        Certificate {
            reference: outlook.front.reference,
            hypervolume: outlook.front.volume,
            could_add: could_add_share * outlook.front.volume,
            could_add_share,
            assumption: if outlook.is_of_standard_objectives() { ASSUMPTION } else { OF_OTHER_FIGURES },
            band,
            tested: self.terms * self.points,
            violations: self.violations,
            largest_violation: self.largest,
        }
    }
}
