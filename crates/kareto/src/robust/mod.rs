//! One decision for several scenarios of load: every configuration is evaluated under each of them, and a front is of
//! the weighted mean or of the worst case.
//!
//! The archive on disk is of a joint space, whose first axis is the scenario ([`joint`]); so it resumes and merges like
//! any other, evaluation by evaluation. A search sees the design space alone: [`Robust`] answers a point with the
//! aggregate of its scenarios. How much a configuration loses by not being made for one scenario is its [`regret`].

pub mod joint;
pub mod regret;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::archive::{Archive, ArchiveStore};
use crate::evaluate::{Evaluate, EvaluateError, Evaluation, more_is_better};
use crate::objectives::{NAMES, NotFinite, Objectives};
use crate::space::Point;
use joint::{prepended, slice};

/// What a front of several scenarios is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aggregate {
    /// The weighted mean of every objective.
    #[default]
    Mean,
    /// The worst of every objective, each under the scenario that is worst for it.
    Worst,
}

impl Aggregate {
    /// All of them by the names that files use.
    pub const ALL: [(&str, Self); 2] = [("mean", Self::Mean), ("worst", Self::Worst)];

    /// The name that files use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Worst => "worst",
        }
    }
}

/// How scenarios are made one.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighing {
    /// Weight of each scenario, none negative, their sum above 0; only their ratios matter.
    pub weights: Vec<f64>,
    /// What the objectives are.
    pub front: Aggregate,
}

impl Weighing {
    /// The evaluations of one configuration under all scenarios, in their order, as one.
    ///
    /// The objectives are as [`Self::front`] says; the metrics `weighted_<objective>` and `worst_<objective>` have both.
    /// Every other metric is the weighted mean, and `worst_<metric>` its largest value, or its least where more is
    /// better. A mean of quantiles is that, and not the quantile of all requests.
    ///
    /// # Errors
    /// A figure that is not finite, or that a scenario lacks.
    ///
    /// # Panics
    /// If there is not one evaluation for each weight.
    pub fn aggregate(&self, evaluations: &[Evaluation]) -> Result<Evaluation, NotFinite> {
        assert_eq!(evaluations.len(), self.weights.len(), "one evaluation for each scenario");
        let figures = |name: &str| -> Vec<f64> {
            // A figure that one scenario lacks is not finite, as an error will say.
            evaluations.iter().map(|it| it.figure(name).unwrap_or(f64::NAN)).collect()
        };
        let both = NAMES.map(|name| {
            let values = figures(name);
            (self.mean(&values), worst(name, &values))
        });
        let [ttft_s, throughput, cost] = both.map(|(mean, worst)| match self.front {
            Aggregate::Mean => mean,
            Aggregate::Worst => worst,
        });
        let mut metrics = BTreeMap::new();
        for (name, (mean, worst)) in NAMES.iter().zip(both) {
            metrics.insert(format!("weighted_{name}"), mean);
            metrics.insert(format!("worst_{name}"), worst);
        }
        for name in evaluations[0].metrics.keys() {
            let values = figures(name);
            metrics.insert(format!("worst_{name}"), worst(name, &values));
            metrics.insert(name.clone(), self.mean(&values));
        }
        let evaluation = Evaluation { objectives: Objectives::new(ttft_s, throughput, cost)?, metrics };
        evaluation.check()?;
        Ok(evaluation)
    }

    /// The points of a joint archive that are evaluated under every scenario, each with its aggregate.
    ///
    /// # Errors
    /// A figure that is not finite.
    pub fn aggregated(&self, joint: &Archive) -> Result<Archive, NotFinite> {
        let scenarios: Vec<Archive> =
            (0..).take(self.weights.len()).map(|position| slice(joint, position)).collect();
        let mut archive = Archive::new();
        for (point, _) in scenarios.first().into_iter().flat_map(Archive::iter) {
            let found: Option<Vec<Evaluation>> = scenarios.iter().map(|it| it.get(point).cloned()).collect();
            if let Some(found) = found {
                archive.insert(point.clone(), self.aggregate(&found)?).expect("a point occurs once");
            }
        }
        Ok(archive)
    }

    fn mean(&self, values: &[f64]) -> f64 {
        let sum: f64 = self.weights.iter().sum();
        values.iter().zip(&self.weights).map(|(value, weight)| value * weight).sum::<f64>() / sum
    }
}

/// The names of an aggregate's figures, given those of an evaluation, objectives first.
#[must_use]
pub fn figure_names(names: &[String]) -> Vec<String> {
    let worst = names.iter().map(|name| format!("worst_{name}"));
    let weighted = NAMES.iter().map(|name| format!("weighted_{name}"));
    names.iter().cloned().chain(weighted).chain(worst).collect()
}

fn worst(name: &str, values: &[f64]) -> f64 {
    let worse = if more_is_better(name) { f64::min } else { f64::max };
    values.iter().copied().reduce(worse).expect("at least one scenario")
}

/// Answers a point of the design space with the aggregate of its scenarios, each evaluated once and kept.
pub struct Robust<'a> {
    /// Names of the scenarios, for messages.
    pub names: &'a [String],
    /// How they are made one.
    pub weighing: &'a Weighing,
    /// Evaluates points of the joint space.
    pub evaluator: &'a dyn Evaluate,
    /// Keeps them.
    pub store: &'a ArchiveStore,
}

impl Robust<'_> {
    fn under(&self, scenario: usize, point: &Point) -> Result<Evaluation, EvaluateError> {
        let joint = prepended(scenario as u32, point);
        self.store.get_or_evaluate(&joint, || {
            self.evaluator.evaluate(&joint).map_err(|source| {
                EvaluateError::new(format!("under the scenario `{}`: {source}", self.names[scenario]))
            })
        })
    }
}

impl Evaluate for Robust<'_> {
    fn evaluate(&self, point: &Point) -> Result<Evaluation, EvaluateError> {
        let under: Vec<_> =
            (0..self.names.len()).into_par_iter().map(|scenario| self.under(scenario, point)).collect();
        let under = under.into_iter().collect::<Result<Vec<_>, _>>()?;
        self.weighing.aggregate(&under).map_err(EvaluateError::new)
    }
}
