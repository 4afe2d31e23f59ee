//! What evaluations so far say of every other point: a model for each term, and the front they have to improve.

use super::terms::{Shape, TERMS, Terms};
use crate::archive::Archive;
use crate::front::growing::GrowingFront;
use crate::search::process::{Features, Hyper, Process};
use crate::space::DesignSpace;

/// Where an expected gain is looked for \[standard deviations\]: a part of every spread is noise that no second look at
/// the neighbourhood would confirm, so less than the whole is worth chasing.
const CORNER: f64 = 0.7;
/// Weight of a gain at the better end beside the expected one.
const EXPLORATION: f64 = 0.01;

/// Points that are predicted at once, so that memory does not grow with the space more than it must.
const AT_ONCE: usize = 4096;

/// Mean and standard deviation of each modelled term, on the term's own scale of modelling.
pub(super) type Prediction = [(f64, f64); TERMS];

/// The models of all terms.
#[derive(Debug)]
pub(super) struct Models {
    processes: [Process; TERMS],
    shapes: [Shape; TERMS],
    /// By how much larger than predicted errors have turned out.
    widen: [f64; TERMS],
}

impl Models {
    /// Fits to an archive that is not empty, hyperparameters beginning from `first`; spreads are multiplied by `widen`.
    pub(super) fn fit(
        space: &DesignSpace,
        terms: &Terms,
        archive: &Archive,
        first: &[Hyper; TERMS],
        widen: [f64; TERMS],
    ) -> Self {
        let features: Vec<Features> = archive.iter().map(|(point, _)| Features::of(space, point)).collect();
        let found: Vec<[f64; TERMS]> =
            archive.iter().map(|(point, it)| terms.terms(space.place(point), archive.vector(it))).collect();
        let values = [0, 1, 2].map(|term| found.iter().map(|terms| terms[term]).collect::<Vec<f64>>());
        let shapes = terms.shapes(&values);
        let processes = [0, 1, 2].map(|term| {
            let shaped: Vec<f64> = values[term].iter().map(|&value| shapes[term].forth(value)).collect();
            Process::fit(&features, &shaped, &first[term])
        });
        Self { processes, shapes, widen }
    }

    pub(super) fn hyper(&self) -> [Hyper; TERMS] {
        [0, 1, 2].map(|term| self.processes[term].hyper().clone())
    }

    /// What is expected at each of the points.
    pub(super) fn predict(&self, points: &[Features]) -> Vec<Prediction> {
        let found = [0, 1, 2].map(|term: usize| self.processes[term].at(points));
        let of = |index: usize| {
            [0, 1, 2].map(|term: usize| {
                let (mean, spread) = found[term][index];
                (mean, spread * self.widen[term])
            })
        };
        (0..points.len()).map(of).collect()
    }

    /// The terms that lie `away` standard deviations from their means.
    pub(super) fn terms(&self, prediction: &Prediction, away: [f64; TERMS]) -> [f64; TERMS] {
        [0, 1, 2].map(|term| {
            let (mean, spread) = prediction[term];
            self.shapes[term].back(mean + away[term] * spread)
        })
    }

    /// How many standard deviations each found term lies from its prediction.
    pub(super) fn away(&self, prediction: &Prediction, found: [f64; TERMS]) -> [f64; TERMS] {
        [0, 1, 2].map(|term| {
            let (mean, spread) = prediction[term];
            let difference = (self.shapes[term].forth(found[term]) - mean).abs();
            // A constant is predicted without spread, and found but for its last bits.
            if difference <= 1e-9 * mean.abs().max(1e-9) { 0.0 } else { difference / spread.max(1e-300) }
        })
    }
}

/// The front so far, and every point that is not evaluated with its prediction.
pub(super) struct Outlook<'a> {
    terms: &'a Terms,
    models: &'a Models,
    /// By place of the space, increasing.
    pub(super) open: Vec<(usize, Prediction)>,
    pub(super) front: GrowingFront,
}

impl<'a> Outlook<'a> {
    /// None for an empty archive.
    pub(super) fn new(
        space: &'a DesignSpace,
        terms: &'a Terms,
        models: &'a Models,
        archive: &Archive,
    ) -> Option<Self> {
        let front = GrowingFront::of(archive)?;
        let mut open = Vec::new();
        for first in (0..space.size()).step_by(AT_ONCE) {
            let places: Vec<usize> = (first..space.size().min(first + AT_ONCE))
                .filter(|&place| !archive.contains(&space.point(place)))
                .collect();
            let features: Vec<Features> =
                places.iter().map(|&place| Features::of(space, &space.point(place))).collect();
            open.extend(places.into_iter().zip(models.predict(&features)));
        }
        Some(Self { terms, models, open, front })
    }

    /// The objectives of a place whose terms lie `away` standard deviations from their means.
    pub(super) fn vector(&self, place: usize, prediction: &Prediction, away: [f64; TERMS]) -> [f64; 3] {
        self.terms.assemble(place, self.models.terms(prediction, away))
    }

    /// Whether mean TTFT, throughput and cost are the objectives.
    pub(super) fn is_of_standard_objectives(&self) -> bool {
        self.terms.objectives().is_default()
    }

    /// The share of the hypervolume that a place is about expected to add: the mean over eight corners around its prediction, and
    /// a little of what two standard deviations on the better side would give, so that the search goes on where
    /// expectation sees nothing.
    ///
    /// Corners one standard deviation away would be exact for cubic polynomials ([`CORNER`] is nearer).
    pub(super) fn expected_gain(&self, place: usize, prediction: &Prediction) -> f64 {
        let side = |corner: u32, term: u32| if corner >> term & 1 == 0 { -CORNER } else { CORNER };
        let corners = (0..8_u32).map(|corner| [0, 1, 2].map(|term| side(corner, term)));
        let mean =
            corners.map(|away| self.front.adds_share(self.vector(place, prediction, away))).sum::<f64>()
                / 8.0;
        mean + EXPLORATION * self.front.adds_share(self.vector(place, prediction, [-2.0; TERMS]))
    }

    /// What all open points would add, if every term lay `away` standard deviations from its mean, as a share of the
    /// hypervolume.
    pub(super) fn could_add_share(&self, away: f64) -> f64 {
        let vectors = self.open.iter().map(|(place, it)| self.vector(*place, it, [away; TERMS]));
        let all = self.front.volume_with(&vectors.collect::<Vec<_>>());
        (all - self.front.volume).max(0.0) / self.front.volume
    }

    /// Takes the guess at an index of the open places for the truth, so that the next choice of the same ask looks
    /// elsewhere.
    pub(super) fn believe(&mut self, index: usize) -> (usize, Prediction) {
        let (place, prediction) = self.open.remove(index);
        self.front.believe(self.vector(place, &prediction, [0.0; TERMS]));
        (place, prediction)
    }
}
