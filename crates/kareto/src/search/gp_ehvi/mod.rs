//! Gaussian processes and the expected hypervolume improvement (Emmerich et al., 2006): the Bayesian baseline.
//!
//! Every objective has a Gaussian process over the lattice ([`super::process`]). The search asks for the free point where the
//! front's hypervolume is expected to grow most, in closed form ([`ehvi`]), so that no point repeats.
//!
//! The processes are those of `kareto-plus`. A crate of Gaussian processes (`egobox-gp`) was tried in their place and left:
//! its `suggest` optimises over a continuous box, rounds, and knows of no points to leave out; and two stacks of the same
//! kind in one program are one too many.
//!
//! It starts with the first [`START`] points of the Sobol search of its seed. Then an ask has [`BATCH`] points,
//! chosen one after the other: the models' means at those chosen before count as answers ("kriging believer",
//! Ginsbourger et al., 2010). The hypervolume is that of the comparison of searches, from the worst answers so far
//! moved out by a tenth. On a large lattice the free points are a drawn sample: see [`WORK`].

mod ehvi;
mod surrogate;

use std::collections::BTreeSet;

use ehvi::Improvement;
use rayon::prelude::*;
use surrogate::{Prediction, Surrogates};

use super::draws::Draws;
use super::process::Features;
use super::sobol::Sobol;
use super::{Ask, Reason, Search, SearchContext, SearchSpec};
use crate::archive::Archive;
use crate::front::growing::MARGIN;
use crate::front::hypervolume::ReferencePoint;
use crate::front::non_dominated;
use crate::front::ranking::best_first;
use crate::space::Point;

/// The row for the registry.
pub(super) const SPEC: SearchSpec = SearchSpec {
    name: "gp-ehvi",
    summary: "Gaussian processes and the expected hypervolume improvement",
    source: "Emmerich, Giannakoglou and Naujoks, IEEE TEC 2006",
    draws: true,
    params: &[],
    build: |_, context| Box::new(GpEhvi::new(context)),
};

/// Points of the Sobol sequence to begin with, at most.
const START: usize = 8;
/// Points of one ask.
const BATCH: usize = 1;
/// Answers that the models learn from at most; the best by front and crowding. Learning takes their number cubed.
const LEARNT: usize = 300;
/// Boxes summed for one point of an ask, at most: boxes are as many as the front's points squared, and as many free
/// points are looked at as this allows.
const WORK: usize = 1 << 26;

/// The search.
struct GpEhvi {
    start: Sobol,
    draws: Draws,
    surrogates: Surrogates,
}

impl GpEhvi {
    fn new(context: &SearchContext<'_>) -> Self {
        Self {
            start: Sobol::new(context),
            draws: Draws::new(context),
            surrogates: Surrogates::new(context.space),
        }
    }

    fn first(&mut self, archive: &Archive) -> Vec<Point> {
        let Ask::Evaluate(mut points) = self.start.ask(archive) else { return Vec::new() };
        points.truncate(START);
        points.retain(|point| self.draws.take(point));
        points
    }

    fn batch(&mut self, archive: &Archive, reference: ReferencePoint) -> Vec<Point> {
        let (mut rows, mut answers) = self.learnt(archive);
        let mut batch = Vec::new();
        while batch.len() < BATCH && self.draws.left() > 0 {
            let front: Vec<[f64; 3]> = non_dominated(&answers).into_iter().map(|it| answers[it]).collect();
            let improvement = Improvement::over(&front, reference);
            let candidates = self.candidates(WORK / improvement.boxes());
            let inputs: Vec<Features> = candidates.iter().map(|point| self.features(point)).collect();
            // Hyperparameters are learnt from answers only, once an ask.
            let predictions = self.surrogates.predict(&rows, &answers, &inputs, batch.is_empty());
            match best(&improvement, &predictions).filter(|&index| self.draws.take(&candidates[index])) {
                Some(index) => {
                    rows.push(inputs[index].clone());
                    answers.push(predictions[index].map(|it| it.mean));
                    batch.push(candidates[index].clone());
                }
                // Nothing is expected to improve anything.
                None => batch.extend(self.draws.fresh()),
            }
        }
        batch
    }

    fn features(&self, point: &Point) -> Features {
        Features::of(&self.draws.space, point)
    }

    /// Points and answers to learn from.
    fn learnt(&self, archive: &Archive) -> (Vec<Features>, Vec<[f64; 3]>) {
        let points: Vec<&Point> = archive.iter().map(|(point, _)| point).collect();
        let vectors = archive.vectors();
        let mut kept = best_first(&vectors);
        kept.truncate(LEARNT);
        kept.sort_unstable();
        kept.into_iter().map(|index| (self.features(points[index]), vectors[index])).unzip()
    }

    /// Free points: all of them, or those among a drawn sample of the lattice.
    fn candidates(&mut self, most: usize) -> Vec<Point> {
        let size = self.draws.space.size();
        let places: BTreeSet<usize> = if size <= most {
            (0..size).collect()
        } else {
            (0..most).map(|_| self.draws.below(size)).collect()
        };
        places.into_iter().filter(|&it| self.draws.is_free(it)).map(|it| self.draws.space.point(it)).collect()
    }
}

/// The first prediction of those expected to improve most; none if none is.
fn best(improvement: &Improvement, predictions: &[[Prediction; 3]]) -> Option<usize> {
    let expected: Vec<f64> = predictions.par_iter().map(|it| improvement.expected(it)).collect();
    let better = |best: Option<usize>, (index, &value): (usize, &f64)| match best {
        Some(known) if expected[known] >= value => best,
        _ if value > 0.0 => Some(index),
        _ => best,
    };
    expected.iter().enumerate().fold(None, better)
}

impl Search for GpEhvi {
    fn ask(&mut self, archive: &Archive) -> Ask {
        let points = match ReferencePoint::worst_of(archive, MARGIN) {
            Some(reference) => self.batch(archive, reference),
            None => self.first(archive),
        };
        if points.is_empty() { Ask::Done(Reason::Exhausted) } else { Ask::Evaluate(points) }
    }
}
