//! What a search found, as data: the picks, their losses under other loads, prices and assumptions, and the reasons.
//!
//! A run has the same [`Found`] as a record that is read back. [`Findings::of`] computes everything that pages and the
//! command line say afterwards. This module does not simulate, draw or write sentences.

mod choice;
mod listed;
mod prices;
mod scenarios;
mod sensitivity;
mod surfaces;
mod uncertainty;
mod words;

use deployment::Problem;
use kareto::picks::{Constraint, feasible};
use kareto::{Archive, DesignSpace, Evaluation, Point};

pub use choice::Choice;
pub use listed::Listed;
pub use prices::{Bills, PriceSensitivity};
pub use scenarios::{Alone, Regretted, Scenarios};
pub use sensitivity::{Among, First, PriceEnds, Sensed, Sensitivity, Varied};
pub use surfaces::{Shape, Surface, surfaces};
pub use uncertainty::{Assumed, AssumptionEffects, INTERVALS, Noise, Overlap, Uncertainty};

pub use words::words;

pub(crate) use listed::{listed, recommended};

/// The evaluations of a search, and its task.
pub struct Found {
    /// The space that was searched.
    pub space: DesignSpace,
    /// The points that the search asked for.
    pub searched: Archive,
    /// Everything in the archive.
    pub kept: Archive,
    /// The point with which others are compared.
    pub baseline: Option<Point>,
    /// The constraints that a recommended configuration keeps.
    pub constraints: Vec<Constraint>,
    /// Currency of all amounts.
    pub currency: String,
    /// The scenarios, if there are any. `searched` and `kept` then have one figure for all scenarios.
    pub scenarios: Option<Scenarios>,
    /// The variations, if any were evaluated.
    pub uncertainty: Option<Uncertainty>,
    /// The variations of every parameter, if any were evaluated.
    pub varied: Option<Varied>,
}

impl Found {
    /// The baseline with its evaluation.
    pub(crate) fn baseline(&self) -> Option<(&Point, &Evaluation)> {
        self.baseline.as_ref().and_then(|point| Some((point, self.kept.get(point)?)))
    }

    /// What each price multiplies at these points. `None` where the evaluations do not say it.
    #[must_use]
    pub fn bills(&self, points: &[&Point]) -> Option<Bills> {
        Bills::of(self, points)
    }

    /// What was searched, at another price of one part of the cost: `factor` times that of the record.
    #[must_use]
    pub fn at_price(&self, part: &str, factor: f64) -> Archive {
        prices::at_another_price(&self.searched, self.scenarios.as_ref(), part, factor)
    }
}

/// What follows from the evaluations of a search.
pub struct Findings {
    /// The baseline, then the picks.
    pub listed: Vec<Listed>,
    /// The recommended configuration. `None` where no evaluated configuration keeps the constraints.
    pub choice: Option<Choice>,
    /// The losses of the listed configurations under each scenario. Empty where there are no scenarios.
    pub regretted: Vec<Regretted>,
    /// The listed configurations under other assumptions. Empty where no assumptions were tried.
    pub assumed: Vec<Assumed>,
    /// What the choice hangs on, where that was asked.
    pub sensitivity: Option<Sensitivity>,
}

impl Findings {
    /// Computes all findings.
    ///
    /// # Errors
    /// A constraint on a figure that the evaluations do not have.
    pub fn of(found: &Found) -> Result<Self, Problem> {
        let choices = feasible(&found.searched, &found.constraints).map_err(Problem::user)?;
        let listed = listed(found)?;
        let assumed = found.uncertainty.as_ref();
        let assumed = assumed.map_or_else(Vec::new, |it| it.assumed(&found.kept, &found.constraints));
        let chosen = recommended(&choices, &found.constraints);
        let sensitivity = found.varied.as_ref().zip(chosen.as_ref());
        let sensitivity =
            sensitivity.map(|(it, chosen)| it.sensitivity(found, &choices, chosen)).transpose()?;
        let choice = chosen.map(|pick| Choice::new(found, &choices, &listed, &assumed, pick));
        let regretted = found.scenarios.as_ref();
        let regretted = regretted.map_or_else(Vec::new, |it| it.regretted(&choices, &listed));
        Ok(Self { listed, choice, regretted, assumed, sensitivity })
    }
}
