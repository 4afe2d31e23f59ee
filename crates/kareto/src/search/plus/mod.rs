//! `kareto-plus`: what is known in closed form is not modelled, the rest by Gaussian processes, with a certificate.
//!
//! The paper's search treats three objectives as unknown. Two identities hold exactly in our simulator, so that TTFT,
//! makespan and the bought size of tiers that a lease rules are all that has to be found ([`terms`]). It begins as
//! Algorithm 1 begins, with the ends ([`super::ends`]) and the halving of what lies between ([`super::halving`]), where
//! all that is known of the cost is not guessed. When no middle promises anything more, models take over: each
//! term gets one from the evaluations so far ([`process`]), and the next points are those that are expected to add most
//! hypervolume ([`outlook`]). The search ends when all that is left is expected to add next to nothing, and its
//! [`Certificate`] says how much it could add at most.
//!
//! Theorems in our simulator, used without watching: throughput is tokens over makespan; cost is rate times makespan, the
//! rate of GPUs and sized tiers known; no makespan ends before the last arrival; a tier of size or lease 0 is not
//! there, so a jump between 0 and the next value is no surprise. Heuristic, and therefore watched: that every term lies
//! within [`PlusSettings::band`] standard deviations of its model. Every evaluation tests it, and the certificate counts.
//! What halving hopes for, and that no TTFT is a tenth below the best seen, are heuristics too, but only of where to look first:
//! the former has no part in the bound, and the latter is tested with the models. A point whose best case is dominated
//! adds nothing to the bound. Not used, for the simulator breaks it (a shorter queue leaves less time to prefetch; a slow disk delays HBM): that
//! more storage never hurts.

mod certificate;
mod outlook;
mod process;
mod terms;

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::ends::ends;
use super::halving::{Known, gaps, midpoints};
use super::{Ask, Reason, Search, SkipReason, first_of_best};
use crate::archive::Archive;
use crate::front::growing::GrowingFront;
use crate::objectives::Objectives;
use crate::space::{DesignSpace, Point};
pub use certificate::Certificate;
use certificate::Watch;
use outlook::{Models, Outlook, Prediction};
use process::{Features, Hyper};
pub use terms::KnownCost;
use terms::TERMS;

/// What [`KaretoPlus`] may be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlusSettings {
    /// The share of the hypervolume at which the bound ends the search.
    pub certify: f64,
    /// The bound falls slowly; so the search also ends where the unexplored points together are *expected* to add
    /// no more than this share. The certificate states the bound.
    pub settle: f64,
    /// And where no single one of them is expected to add more than this share.
    pub settle_each: f64,
    /// The least share of the front's hypervolume that the middle of two neighbours must be able to add to be asked for.
    pub halve: f64,
    /// Points of one ask of the models. Fixed, so that results do not depend on the number of cores.
    pub batch: usize,
    /// How many standard deviations the certificate allows every term to be better than its model.
    pub band: f64,
}

impl PlusSettings {
    /// Our choice: a batch for two cores, a band that a normal error leaves once in 370 times.
    pub const OURS: Self =
        Self { certify: 0.005, settle: 0.001, settle_each: 0.0001, halve: 0.0002, batch: 2, band: 3.0 };
}

/// Model-based search with known costs.
#[derive(Debug)]
pub struct KaretoPlus {
    space: DesignSpace,
    settings: PlusSettings,
    known_cost: KnownCost,
    hyper: [Hyper; TERMS],
    models: Option<Models>,
    /// What the models said of the points that are being evaluated.
    predicted: Vec<(Point, Prediction)>,
    watch: Watch,
}

impl KaretoPlus {
    /// A search over a space.
    ///
    /// # Panics
    /// If there is not one known cost per point.
    #[must_use]
    pub fn new(space: &DesignSpace, settings: PlusSettings, known_cost: Option<KnownCost>) -> Self {
        let known_cost = known_cost.unwrap_or_else(|| KnownCost::nothing(space.size()));
        assert_eq!(known_cost.per_s.len(), space.size(), "one known cost per point");
        Self {
            space: space.clone(),
            settings,
            known_cost,
            hyper: [0, 1, 2].map(|_| Hyper::first(space)),
            models: None,
            predicted: Vec::new(),
            watch: Watch::default(),
        }
    }

    /// The middles between evaluated neighbours that could add most.
    ///
    /// Terms are hoped for as Algorithm 1 hopes for objectives, but for the unknown part of the cost, which is taken to lie
    /// on the straight line; the rest of the cost follows.
    fn midpoints(&self, archive: &Archive) -> Vec<Point> {
        let Some(front) = GrowingFront::of(archive) else { return Vec::new() };
        let terms = |(point, evaluation)| self.known_cost.terms(self.space.place(point), evaluation);
        let known: Vec<Known<'_>> = archive.iter().map(|it| (it.0, terms(it))).collect();
        let hoped = gaps(&self.space, &known).into_iter().map(|gap| {
            let [ttft_s, makespan_s, _] = gap.hoped();
            let terms = [ttft_s, makespan_s, gap.straight[2]];
            let vector = self.known_cost.assemble(self.space.place(&gap.middle), terms);
            (gap.middle, vector)
        });
        midpoints(&hoped.collect::<Vec<_>>(), &front, self.settings.halve)
    }

    /// Tests the last predictions on what was found, and fits anew.
    fn learn(&mut self, archive: &Archive) {
        if let Some(models) = &self.models {
            for (point, prediction) in std::mem::take(&mut self.predicted) {
                if let Some(evaluation) = archive.get(&point) {
                    let found = self.known_cost.terms(self.space.place(&point), evaluation);
                    self.watch.check(models.away(&prediction, found), self.settings.band);
                }
            }
        }
        let models = Models::fit(&self.space, &self.known_cost, archive, &self.hyper, self.watch.widen());
        self.hyper = models.hyper();
        self.models = Some(models);
    }

    fn outlook(&self, archive: &Archive) -> Option<Outlook<'_>> {
        Outlook::new(&self.space, &self.known_cost, self.models.as_ref()?, archive)
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
            let predict = |point: &Point| (point.clone(), models.predict(&Features::of(&self.space, point)));
            self.predicted = middles.iter().map(predict).collect();
            return Ask::Evaluate(middles);
        }
        let Some(mut outlook) = self.outlook(archive) else { return Ask::Done(Reason::Converged) };
        if outlook.could_add_share(-self.settings.band) <= self.settings.certify {
            return Ask::Done(Reason::Certified { share: self.settings.certify });
        }
        let settled = outlook.could_add_share(0.0) <= self.settings.settle;
        let mut chosen = Vec::new();
        while chosen.len() < self.settings.batch {
            let scored: Vec<(f64, &Point)> = outlook
                .open
                .par_iter()
                .map(|(point, it)| (outlook.expected_gain(point, it), point))
                .collect();
            let best = first_of_best(scored.into_iter());
            let Some((gain, point)) = best.filter(|(gain, _)| *gain > 0.0) else { break };
            if chosen.is_empty() && settled && gain <= self.settings.settle_each * outlook.front.volume {
                return Ask::Done(Reason::Settled { share: self.settings.settle });
            }
            let point = point.clone();
            chosen.push((point.clone(), outlook.open[&point]));
            outlook.believe(&point);
        }
        if chosen.is_empty() {
            return Ask::Done(Reason::Converged);
        }
        self.predicted = chosen;
        Ask::Evaluate(self.predicted.iter().map(|(point, _)| point.clone()).collect())
    }

    fn skipped(&self, archive: &Archive) -> BTreeMap<Point, SkipReason> {
        let Some(outlook) = self.outlook(archive) else { return BTreeMap::new() };
        let reason = |point: &Point, prediction: &Prediction| {
            let best = outlook.vector(point, prediction, [-self.settings.band; TERMS]);
            let could_add_share = outlook.front.adds_share(best).max(0.0);
            let best = Objectives::new(best[0], -best[1], best[2]).ok()?;
            Some(SkipReason::Bounded { best, could_add_share })
        };
        let open = outlook.open.iter();
        open.filter_map(|(point, it)| Some((point.clone(), reason(point, it)?))).collect()
    }

    fn certificate(&self, archive: &Archive) -> Option<Certificate> {
        let outlook = self.outlook(archive)?;
        let could_add_share = outlook.could_add_share(-self.settings.band);
        Some(self.watch.certificate(&outlook, self.settings.band, could_add_share))
    }
}
