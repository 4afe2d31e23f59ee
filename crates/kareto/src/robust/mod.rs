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
use thiserror::Error;

use crate::archive::{Archive, ArchiveStore};
use crate::evaluate::{Evaluate, EvaluateError, Evaluation};
use crate::figures::{Figures, Sense};
use crate::objectives::{NAMES, NotFinite, ObjectiveSet, Objectives};
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
    /// The figures of the evaluations, with their senses.
    pub figures: Figures,
}

/// Evaluations that cannot be made one.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum AggregateError {
    /// There are more or fewer evaluations than scenarios.
    #[error(
        "there are {found} evaluations; allowed: one for each of {expected} scenarios, of which there is at least one"
    )]
    Count {
        /// How many scenarios have a weight.
        expected: usize,
        /// How many evaluations were given.
        found: usize,
    },
    /// Nobody says whether more or less of a figure is better, so that it has no worst value.
    #[error(
        "the evaluator declares no figure `{figure}`, so that nobody knows which of its values is the worst"
    )]
    Undeclared {
        /// The figure.
        figure: String,
    },
    /// A figure that is not finite, or that a scenario lacks.
    #[error(transparent)]
    NotFinite(#[from] NotFinite),
}

impl Weighing {
    /// The evaluations of one configuration under all scenarios, in their order, as one.
    ///
    /// Mean TTFT, throughput and cost are as [`Self::front`] says; the metrics `weighted_<objective>` and `worst_<objective>`
    /// have both.
    /// Every other metric is the weighted mean, and `worst_<metric>` its largest value, or its least where more is
    /// better. A mean of quantiles is that, and not the quantile of all requests.
    ///
    /// # Errors
    /// See [`AggregateError`].
    pub fn aggregate(&self, evaluations: &[Evaluation]) -> Result<Evaluation, AggregateError> {
        let (expected, found) = (self.weights.len(), evaluations.len());
        if expected != found || found == 0 {
            return Err(AggregateError::Count { expected, found });
        }
        let figures = |name: &str| -> Vec<f64> {
            // A figure that one scenario lacks is not finite, as an error will say.
            evaluations.iter().map(|it| it.figure(name).unwrap_or(f64::NAN)).collect()
        };
        let senses = [Sense::Less, Sense::More, Sense::Less];
        let both = [0, 1, 2].map(|place| {
            let values = figures(NAMES[place]);
            (self.mean(&values), worst(senses[place], &values))
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
            let sense = self.figures.sense(name);
            let sense = sense.ok_or_else(|| AggregateError::Undeclared { figure: name.clone() })?;
            metrics.insert(format!("worst_{name}"), worst(sense, &values));
            metrics.insert(name.clone(), self.mean(&values));
        }
        let evaluation = Evaluation { objectives: Objectives::new(ttft_s, throughput, cost)?, metrics };
        evaluation.check()?;
        Ok(evaluation)
    }

    /// The points of a joint archive that are evaluated under every scenario, each with its aggregate.
    ///
    /// Its objectives are those of the joint archive, as [`Self::objectives`] has them.
    ///
    /// # Errors
    /// See [`AggregateError`].
    pub fn aggregated(&self, joint: &Archive) -> Result<Archive, AggregateError> {
        let scenarios: Vec<Archive> =
            (0..).take(self.weights.len()).map(|position| slice(joint, position)).collect();
        let mut archive = Archive::new().with_objectives(self.objectives(joint.objectives()));
        for (point, _) in scenarios.first().into_iter().flat_map(Archive::iter) {
            let found: Option<Vec<Evaluation>> = scenarios.iter().map(|it| it.get(point).cloned()).collect();
            if let Some(found) = found {
                archive.insert(point.clone(), self.aggregate(&found)?).expect("a point occurs once");
            }
        }
        Ok(archive)
    }

    /// The objectives of an aggregate, given those of an evaluation: of a metric in the worst case, its `worst_` figure.
    #[must_use]
    pub fn objectives(&self, of_each: &ObjectiveSet) -> ObjectiveSet {
        of_each.renamed(|name| match self.front {
            Aggregate::Worst if !is_made_of_scenarios(name) => format!("worst_{name}"),
            _ => name.to_owned(),
        })
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

/// Whether an aggregate has a figure under this name already that is as its front says.
fn is_made_of_scenarios(name: &str) -> bool {
    NAMES.contains(&name) || name.starts_with("worst_") || name.starts_with("weighted_")
}

fn worst(sense: Sense, values: &[f64]) -> f64 {
    let worse = match sense {
        Sense::Less => f64::max,
        Sense::More => f64::min,
    };
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

    fn objectives(&self) -> ObjectiveSet {
        self.weighing.objectives(&self.evaluator.objectives())
    }
}
