//! `kareto-plus`: branch and bound over boxes of the lattice, with a certificate at the end.
//!
//! The lattice is cut into boxes whose corners are evaluated. Inside a box no term of an objective is expected to be
//! better than at the box's best corner, and a part of the cost is known beforehand at every point: so each unexplored
//! point has an optimistic vector, and what all these would add to the front's hypervolume bounds what
//! further evaluations can add. Each ask cuts the boxes whose new corners promise most ([`plan`]). The search ends when
//! the bound is a small share of the hypervolume, and its [`Certificate`] says so.
//!
//! What is theorem and what is not: if along each axis, within a box, every *term* only rises or only falls, whichever, then
//! its extremes are at corners and the bound is a theorem. Whole cost is no such term (storage costs more and shortens
//! the run), its parts nearly are: hence [`PlusSettings::cost_parts`]. The simulator does not promise monotony (a
//! shorter queue leaves less time to prefetch), so there it is a heuristic, and every cut tests it:
//! [`Certificate::violations`] counts the values that lay outside their box's bounds.

mod bounds;
mod certificate;
mod lattice_box;
mod plan;

use std::collections::{BTreeMap, BTreeSet};

use super::{Ask, Reason, Search, SkipReason};
use crate::archive::Archive;
use crate::front::Front;
use crate::front::hypervolume::{ReferencePoint, hypervolume};
use crate::objectives::Objectives;
use crate::space::{DesignSpace, Point};
use bounds::Terms;
pub use certificate::Certificate;
use certificate::Watch;
use lattice_box::LatticeBox;
use plan::Cut;

/// What [`KaretoPlus`] may be told.
#[derive(Debug, Clone, PartialEq)]
pub struct PlusSettings {
    /// The share of the hypervolume at which the bound ends the search.
    pub certify: f64,
    /// On smooth problems the bound falls slowly; so the search also ends where the bound is below `settle_bound` and
    /// the unexplored points together are *guessed* to add no more than this share. The certificate states the bound.
    pub settle: f64,
    /// The bound above which guesses are not trusted to end the search.
    pub settle_bound: f64,
    /// Points of one ask, about: cuts are added until there are as many. Fixed, so that results do not depend on the
    /// number of cores.
    pub batch: usize,
    /// How far a guess leans from the interpolation between corners (0) to the best corner (1).
    pub optimism: f64,
    /// How far beyond its corners' range a term may go inside a box, as a fraction of that range; 0 is monotone.
    pub slack: f64,
    /// Metrics of an evaluation that are parts of its cost, each nearly monotone, such as GPU and disk. What they and the
    /// known cost leave is a further part.
    pub cost_parts: Vec<String>,
}

impl PlusSettings {
    /// Our choice, tuned on a sketch of a tiered cache over public traces. Without parts of the cost the bounds are
    /// widened by 5 %, for the whole cost dips inside boxes.
    #[must_use]
    pub fn ours(cost_parts: Vec<String>) -> Self {
        let slack = if cost_parts.is_empty() { 0.05 } else { 0.0 };
        Self { certify: 0.005, settle: 0.001, settle_bound: 0.02, batch: 2, optimism: 0.2, slack, cost_parts }
    }
}

/// Margin of the reference point, as a fraction of each objective's range over the archive.
const MARGIN: f64 = 0.1;

/// Branch and bound over lattice boxes. With k ordered axes a cut costs up to 2^(k-1) evaluations.
#[derive(Debug)]
pub struct KaretoPlus {
    space: DesignSpace,
    settings: PlusSettings,
    terms: Terms,
    boxes: Vec<LatticeBox>,
    /// Cuts whose new corners are being evaluated.
    cuts: Vec<Cut>,
    watch: Watch,
}

impl KaretoPlus {
    /// A search over a space. `known_cost` gives, by place, a part of the cost that is known before simulating, such
    /// as the price of the storage bought.
    ///
    /// # Panics
    /// If there is not one known cost per point.
    #[must_use]
    pub fn new(space: &DesignSpace, settings: PlusSettings, known_cost: Option<Vec<f64>>) -> Self {
        let known_cost = known_cost.unwrap_or_else(|| vec![0.0; space.size()]);
        assert_eq!(known_cost.len(), space.size(), "one known cost per point");
        let terms = Terms {
            space: space.clone(),
            parts: settings.cost_parts.clone(),
            known_cost,
            slack: settings.slack,
        };
        let mut boxes = LatticeBox::roots(space);
        // Returns diminish, so the first cut is nearer to the small end: a quarter along every axis.
        for axis in 0..space.axes().len() {
            let quarter = space.axes()[axis].len() as u32 / 4;
            boxes = boxes.into_iter().flat_map(|it| it.cut(axis, quarter)).collect();
        }
        Self { space: space.clone(), settings, terms, boxes, cuts: Vec::new(), watch: Watch::default() }
    }

    /// Cuts the boxes whose new corners have been evaluated, and tests the bounds on those corners.
    fn carry_out_cuts(&mut self, archive: &Archive) {
        let mut halves = BTreeMap::new();
        for cut in std::mem::take(&mut self.cuts) {
            let parent = &self.boxes[cut.index];
            let bounds = self.terms.bounds(parent, archive);
            for corner in parent.slice_corners(cut.axis, cut.position) {
                self.watch.check(&bounds, &self.terms.at(&corner, archive));
            }
            halves.insert(cut.index, parent.cut(cut.axis, cut.position));
        }
        let boxes = std::mem::take(&mut self.boxes).into_iter().enumerate();
        self.boxes =
            boxes.flat_map(|(index, it)| halves.remove(&index).unwrap_or_else(|| vec![it])).collect();
    }

    /// What all unexplored points are guessed to add, as a share of the hypervolume.
    fn guessed_share(&self, archive: &Archive) -> f64 {
        let Some(reference) = ReferencePoint::worst_of(archive, MARGIN) else { return f64::INFINITY };
        let mut vectors = Front::of(archive).minimised();
        let volume = hypervolume(&vectors, reference);
        for lattice_box in &self.boxes {
            let bounds = self.terms.bounds(lattice_box, archive);
            let unknown = lattice_box.points().into_iter().filter(|point| !archive.contains(point));
            vectors.extend(
                unknown
                    .map(|it| self.terms.guess(lattice_box, &bounds, &it, archive, self.settings.optimism)),
            );
        }
        (hypervolume(&vectors, reference) - volume) / volume
    }

    /// The optimistic vector of every point that is not evaluated: the least optimistic of its boxes.
    fn optimistic(&self, archive: &Archive) -> BTreeMap<Point, [f64; 3]> {
        let mut optimistic: BTreeMap<Point, [f64; 3]> = BTreeMap::new();
        for lattice_box in &self.boxes {
            let best: Vec<f64> =
                self.terms.bounds(lattice_box, archive).iter().map(|bound| bound[0]).collect();
            for point in lattice_box.points().into_iter().filter(|point| !archive.contains(point)) {
                let best = self.terms.assemble(&point, &best);
                let known = optimistic.entry(point).or_insert(best);
                (0..3).for_each(|k| known[k] = known[k].max(best[k]));
            }
        }
        optimistic
    }
}

impl Search for KaretoPlus {
    fn ask(&mut self, archive: &Archive) -> Ask {
        if archive.is_empty() {
            let corners: BTreeSet<Point> = self.boxes.iter().flat_map(LatticeBox::corners).collect();
            return Ask::Evaluate(corners.into_iter().collect());
        }
        loop {
            self.carry_out_cuts(archive);
            if archive.len() == self.space.size() {
                return Ask::Done(Reason::Exhausted);
            }
            let bound = self.certificate(archive).map_or(f64::INFINITY, |it| it.could_add_share);
            if bound <= self.settings.certify {
                return Ask::Done(Reason::Certified { share: self.settings.certify });
            }
            if bound <= self.settings.settle_bound && self.guessed_share(archive) <= self.settings.settle {
                return Ask::Done(Reason::Settled { share: self.settings.settle });
            }
            let (cuts, points) = self.plan(archive);
            if cuts.is_empty() {
                return Ask::Done(Reason::Converged);
            }
            self.cuts = cuts;
            // A cut whose corners are all known costs nothing: carry it out and look again.
            if !points.is_empty() {
                return Ask::Evaluate(points);
            }
        }
    }

    fn skipped(&self, archive: &Archive) -> BTreeMap<Point, SkipReason> {
        let Some(reference) = ReferencePoint::worst_of(archive, MARGIN) else { return BTreeMap::new() };
        let front = Front::of(archive).minimised();
        let volume = hypervolume(&front, reference);
        let reason = |best: [f64; 3]| {
            let with = [front.as_slice(), &[best]].concat();
            let could_add_share = (hypervolume(&with, reference) - volume).max(0.0) / volume;
            let best = Objectives::new(best[0], -best[1], best[2]).ok()?;
            Some(SkipReason::Bounded { best, could_add_share })
        };
        self.optimistic(archive)
            .into_iter()
            .filter_map(|(point, best)| Some((point, reason(best)?)))
            .collect()
    }

    fn certificate(&self, archive: &Archive) -> Option<Certificate> {
        let reference = ReferencePoint::worst_of(archive, MARGIN)?;
        let mut vectors = Front::of(archive).minimised();
        let volume = hypervolume(&vectors, reference);
        vectors.extend(self.optimistic(archive).into_values());
        let could_add = (hypervolume(&vectors, reference) - volume).max(0.0);
        Some(self.watch.certificate(archive, reference, volume, could_add))
    }
}
