//! Scenarios: the figures of the listed configurations under each load, and their regret there.

use kareto::front::Front;
use kareto::picks::{Pick, pick};
use kareto::robust::Weighing;
use kareto::robust::regret::{Regret, regrets};
use kareto::{Archive, Evaluation, Point};

use super::Listed;

/// Scenarios with the evaluations under each.
pub struct Scenarios {
    /// The names, in the order of the archive's first axis.
    pub names: Vec<String>,
    /// How they become one figure.
    pub weighing: Weighing,
    /// Every evaluation. Its points have the scenario in front.
    pub(crate) joint: Archive,
    /// One archive for each scenario. Its points are of the design space.
    pub under: Vec<Archive>,
}

/// A listed configuration under one scenario.
pub struct Regretted {
    /// Which listed configuration.
    pub title: &'static str,
    /// The same as a point.
    pub point: Point,
    /// The scenario.
    pub scenario: String,
    /// Its losses against the best under that scenario.
    pub regrets: Vec<Regret>,
}

/// The meaning of the choice for all scenarios under one of them.
pub struct Alone {
    /// The scenario.
    pub scenario: String,
    /// The evaluation of the choice there.
    pub here: Evaluation,
    /// The choice for this scenario alone.
    pub own: Pick,
}

impl Scenarios {
    /// Splits the evaluations by scenario.
    pub(crate) fn new(names: Vec<String>, weighing: Weighing, joint: Archive) -> Self {
        let under = (0..).take(names.len()).map(|position| kareto::robust::joint::slice(&joint, position));
        Self { under: under.collect(), names, weighing, joint }
    }

    /// Names with evaluations.
    fn each(&self) -> impl Iterator<Item = (&String, &Archive)> {
        self.names.iter().zip(&self.under)
    }

    /// The regrets of the listed configurations under every scenario, against the configurations in `choices`.
    pub(super) fn regretted(&self, choices: &Archive, listed: &[Listed]) -> Vec<Regretted> {
        let under = |row: &Listed| {
            let (title, point) = (row.title, row.point.clone());
            let each = self.each().filter_map(move |(name, under)| {
                let regrets = regrets(under, choices, &point)?;
                Some(Regretted { title, point: point.clone(), scenario: name.clone(), regrets })
            });
            each.collect::<Vec<_>>()
        };
        listed.iter().flat_map(under).collect()
    }

    /// The meaning of the choice for all scenarios under each of them. `choices` keep the constraints.
    pub(super) fn alone(&self, choices: &Archive, chosen: &Pick) -> Vec<Alone> {
        let alone = |(name, under): (&String, &Archive)| {
            let here = under.get(&chosen.point)?.clone();
            let own = pick(&Front::of(&restricted(under, choices)), chosen.kind)?;
            Some(Alone { scenario: name.clone(), here, own })
        };
        self.each().filter_map(alone).collect()
    }

    /// Evaluations at another price of one part of the cost. The evaluations of every scenario are combined again.
    pub(super) fn repriced(&self, archive: &Archive, part: &str, factor: f64) -> Archive {
        let joint = kareto::recommend::repriced(&self.joint, part, factor);
        let whole = self.weighing.aggregated(&joint).expect("finite amounts at a finite factor");
        restricted(&whole, archive)
    }

    /// The evaluations under each scenario, by name, of the points that `archive` has.
    pub fn restricted_to(&self, archive: &Archive) -> impl Iterator<Item = (&String, &Archive, Archive)> {
        self.each().map(|(name, under)| (name, under, restricted(under, archive)))
    }
}

/// The evaluations of an archive at the points that another archive has.
fn restricted(archive: &Archive, to: &Archive) -> Archive {
    let mut part = Archive::new();
    for (point, evaluation) in archive.iter().filter(|(point, _)| to.contains(point)) {
        part.insert(point.clone(), evaluation.clone()).expect("a point occurs once in an archive");
    }
    part
}
