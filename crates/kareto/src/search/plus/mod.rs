//! `kareto-plus`: what is known in closed form is not modelled, the rest by Gaussian processes, with a certificate.
//!
//! The paper's search treats three objectives as unknown. Two identities hold exactly in our simulator. So TTFT, makespan and
//! the bought size of tiers that a lease rules are all that has to be found ([`terms`]).
//!
//! 1. The search begins as `kareto` begins, with the ends ([`super::ends`]) and the halving of what lies between
//!    ([`super::halving`]). What is known of the cost is not guessed.
//! 2. When no middle promises more, models take over. Each term gets one from the evaluations so far
//!    ([`super::process`]). The next points are those that are expected to add most hypervolume ([`outlook`]).
//! 3. The search ends when all that is left is expected to add next to nothing. Its [`Certificate`] says how much it
//!    could add at most.
//!
//! These are theorems in our simulator, and nothing watches them: throughput is tokens over makespan; cost is rate times
//! makespan, and the rate of GPUs and sized tiers is known; no makespan ends before the last arrival; a tier of size or lease 0
//! is not there, so a jump between 0 and the next value is no surprise. They hold where the evaluator gives a
//! [`KnownCost`](super::KnownCost) and the objectives have throughput and cost.
//!
//! One thing is assumed, and every evaluation tests it: every term lies within [`Settings::band`] standard deviations of its
//! model. The certificate counts how often it did not. Two guesses say only where to look first. Halving hopes for a bend
//! as large as the bends beside it; the bound does not use this. Models take it that no TTFT is a tenth below the best seen;
//! the test of the models includes this. A point whose best case is dominated adds nothing to the bound.
//!
//! The search does not assume that more storage never hurts. The simulator breaks that rule: a shorter queue leaves less time
//! to prefetch, and a slow disk delays HBM.

mod outlook;
mod terms;
mod watch;

use kv_core::policy::{ParamKind, ParamSpec, Params};
use rayon::prelude::*;

use super::ends::ends;
use super::halving::{Known, gaps, midpoints};
use super::parts::parts;
use super::process::{Features, Hyper};
use super::{
    Ask, Certificate, Reason, Search, SearchContext, SearchSpec, SkipReason, Skipped, SkippedBox,
    first_of_best,
};
use crate::archive::Archive;
use crate::front::growing::GrowingFront;
use crate::space::{DesignSpace, Point};
use outlook::{Models, Outlook, Prediction};
use terms::{TERMS, Terms};
use watch::Watch;

const fn share(name: &'static str, default: f64, doc: &'static str) -> ParamSpec {
    ParamSpec { name, unit: "1", kind: ParamKind::Real, default: Some(default), min: 0.0, max: 1.0, doc }
}

/// The row for the registry. The defaults are our choice: a batch for two cores, a band that a normal error leaves once in
/// 370 times.
pub(super) const SPEC: SearchSpec = SearchSpec {
    name: "kareto-plus",
    summary: "ours: known costs, models of the rest, with a certificate",
    source: "Kareto",
    draws: false,
    params: &[
        share("certify", 0.005, "share of the hypervolume at which the bound ends the search"),
        share("settle", 0.001, "share that all unexplored points together may be expected to add at the end"),
        share(
            "settle_each",
            0.0005,
            "share that a single unexplored point may be expected to add at the end",
        ),
        share(
            "halve",
            0.001,
            "least share of the hypervolume that a middle must be able to add to be asked for",
        ),
        ParamSpec {
            name: "batch",
            unit: "points",
            kind: ParamKind::Whole,
            default: Some(2.0),
            min: 1.0,
            max: 1024.0,
            doc: "points that the models ask for at once",
        },
        ParamSpec {
            name: "band",
            unit: "standard deviations",
            kind: ParamKind::Real,
            default: Some(3.0),
            min: 0.0,
            max: 100.0,
            doc: "by how much better than its model the certificate allows every term to be",
        },
    ],
    build: |params, context| Box::new(KaretoPlus::new(params, context)),
};

/// The parameters of [`KaretoPlus`].
#[derive(Debug, Clone, Copy, PartialEq)]
struct Settings {
    /// The share of the hypervolume at which the bound ends the search.
    certify: f64,
    /// The bound falls slowly; so the search also ends where the unexplored points together are *expected* to add
    /// no more than this share. The certificate states the bound.
    settle: f64,
    /// And where no single one of them is expected to add more than this share.
    settle_each: f64,
    /// The least share of the front's hypervolume that the middle of two neighbours must be able to add to be asked for.
    halve: f64,
    /// Points of one ask of the models. Fixed, so that results do not depend on the number of cores.
    batch: usize,
    /// How many standard deviations the certificate allows every term to be better than its model.
    band: f64,
}

/// Model-based search with known costs.
#[derive(Debug)]
struct KaretoPlus {
    space: DesignSpace,
    settings: Settings,
    terms: Terms,
    hyper: [Hyper; TERMS],
    models: Option<Models>,
    /// What the models said of the points that are being evaluated.
    predicted: Vec<(Point, Prediction)>,
    watch: Watch,
}

impl KaretoPlus {
    fn new(params: &Params, context: &SearchContext<'_>) -> Self {
        let [certify, settle, settle_each, halve, band] =
            ["certify", "settle", "settle_each", "halve", "band"].map(|name| params.get(name));
        let batch = params.get("batch") as usize;
        let terms = Terms::new(context);
        Self {
            space: context.space.clone(),
            settings: Settings { certify, settle, settle_each, halve, batch, band },
            hyper: [0, 1, 2].map(|_| Hyper::first(context.space)),
            models: None,
            predicted: Vec::new(),
            watch: Watch::new(terms.count()),
            terms,
        }
    }

    /// The middles between evaluated neighbours that could add most.
    ///
    /// Terms are hoped for as `kareto` hopes for objectives. Only the unknown part of the cost is taken to lie on the straight
    /// line; the rest of the cost follows.
    fn midpoints(&self, archive: &Archive) -> Vec<Point> {
        let Some(front) = GrowingFront::of(archive) else { return Vec::new() };
        let terms = |point, evaluation| self.terms.terms(self.space.place(point), archive.vector(evaluation));
        let known: Vec<Known<'_>> = archive.iter().map(|(point, it)| (point, terms(point, it))).collect();
        let hoped = gaps(&self.space, &known).into_iter().map(|gap| {
            let mut terms = gap.hoped();
            if let Some(rate) = self.terms.rate_place() {
                terms[rate] = gap.straight[rate];
            }
            let vector = self.terms.assemble(self.space.place(&gap.middle), terms);
            (gap.middle, vector)
        });
        midpoints(&hoped.collect::<Vec<_>>(), &front, self.settings.halve)
    }

    /// Tests the last predictions on what was found, and fits anew.
    fn learn(&mut self, archive: &Archive) {
        if let Some(models) = &self.models {
            for (point, prediction) in std::mem::take(&mut self.predicted) {
                if let Some(evaluation) = archive.get(&point) {
                    let vector = archive.vector(evaluation);
                    let found = self.terms.terms(self.space.place(&point), vector);
                    self.watch.check(models.away(&prediction, found), self.settings.band);
                }
            }
        }
        let models = Models::fit(&self.space, &self.terms, archive, &self.hyper, self.watch.widen());
        self.hyper = models.hyper();
        self.models = Some(models);
    }

    /// The objectives of a vector in words; none where one of them is not finite.
    fn words(&self, vector: [f64; 3]) -> Option<String> {
        if !vector.iter().all(|entry| entry.is_finite()) {
            return None;
        }
        let objectives = self.terms.objectives();
        let values = objectives.senses().zip(vector).map(|(sense, value)| sense.minimised(value));
        if objectives.is_default() {
            let values: Vec<f64> = values.collect();
            return Some(format!(
                "TTFT {:.4} s, {:.0} tokens/s, cost {:.4}",
                values[0], values[1], values[2]
            ));
        }
        let told = objectives.names().zip(values).map(|(name, value)| format!("{name} {value:.4}"));
        Some(told.collect::<Vec<_>>().join(", "))
    }

    fn outlook(&self, archive: &Archive) -> Option<Outlook<'_>> {
        Outlook::new(&self.space, &self.terms, self.models.as_ref()?, archive)
    }
}

impl Search for KaretoPlus {
    fn ask(&mut self, archive: &Archive) -> Ask {
        if archive.is_empty() {
            return Ask::Evaluate(ends(&self.space));
        }
        if archive.len() == self.space.size() {
            return Ask::Done(Reason::Exhausted);
        }
        self.learn(archive);
        let middles = self.midpoints(archive);
        if let (Some(models), false) = (&self.models, middles.is_empty()) {
            let features: Vec<Features> =
                middles.iter().map(|point| Features::of(&self.space, point)).collect();
            self.predicted = middles.iter().cloned().zip(models.predict(&features)).collect();
            return Ask::Evaluate(middles);
        }
        let Some(mut outlook) = self.outlook(archive) else { return Ask::Done(Reason::Converged) };
        if outlook.could_add_share(-self.settings.band) <= self.settings.certify {
            return Ask::Done(Reason::Certified { share: self.settings.certify });
        }
        let settled = outlook.could_add_share(0.0) <= self.settings.settle;
        let mut chosen = Vec::new();
        while chosen.len() < self.settings.batch {
            let gains: Vec<f64> =
                outlook.open.par_iter().map(|(place, it)| outlook.expected_gain(*place, it)).collect();
            let best = first_of_best(gains.into_iter().zip(0..));
            let Some((gain, index)) = best.filter(|(gain, _)| *gain > 0.0) else { break };
            if chosen.is_empty() && settled && gain <= self.settings.settle_each {
                return Ask::Done(Reason::Settled { share: self.settings.settle });
            }
            let (place, prediction) = outlook.believe(index);
            chosen.push((self.space.point(place), prediction));
        }
        if chosen.is_empty() {
            return Ask::Done(Reason::Converged);
        }
        self.predicted = chosen;
        Ask::Evaluate(self.predicted.iter().map(|(point, _)| point.clone()).collect())
    }

    /// Parts of the space around the evaluated points, and of each part the point that could add most at its best.
    fn skipped(&self, archive: &Archive) -> Skipped {
        let Some(outlook) = self.outlook(archive) else { return Skipped::default() };
        let best =
            |(place, it): &(usize, Prediction)| outlook.vector(*place, it, [-self.settings.band; TERMS]);
        let share = |vector: [f64; 3]| match vector.iter().all(|entry| entry.is_finite()) {
            true => outlook.front.adds_share(vector).max(0.0),
            false => -1.0, // nothing that words could tell
        };
        let shares: Vec<f64> = outlook.open.par_iter().map(|open| share(best(open))).collect();
        let evaluated: Vec<&Point> = archive.iter().map(|(point, _)| point).collect();
        let parts: Vec<_> =
            parts(self.space.corners(), &evaluated).into_iter().map(|(part, _)| part).collect();
        let mut most: Vec<Option<(f64, usize)>> = vec![None; parts.len()];
        for (index, share) in shares.into_iter().enumerate() {
            let point = self.space.point(outlook.open[index].0);
            let part = parts.iter().position(|[first, last]| point.is_between(first, last));
            let known = &mut most[part.expect("parts are the whole space")];
            if known.is_none_or(|(largest, _)| share > largest) {
                *known = Some((share, index));
            }
        }
        let boxes = parts.into_iter().zip(most).filter_map(|(part, most)| {
            let (share, index) = most?;
            let words = self.words(best(&outlook.open[index]))?;
            Some(SkippedBox::new(part, SkipReason::bounded(&words, share)))
        });
        Skipped::new(boxes.collect())
    }

    fn certificate(&self, archive: &Archive) -> Option<Certificate> {
        let outlook = self.outlook(archive)?;
        let could_add_share = outlook.could_add_share(-self.settings.band);
        Some(self.watch.certificate(&outlook, self.settings.band, could_add_share))
    }
}
