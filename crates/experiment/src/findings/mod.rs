//! What a search found, as data: the picks, what they lose under other loads, prices and assumptions, and why.
//!
//! A run and a record that is read back give the same [`Found`], and [`Findings::of`] computes everything that pages and the
//! command line then say. Nothing here simulates, draws or writes sentences.

mod choice;
mod listed;
mod prices;
mod scenarios;
mod uncertainty;

use deployment::Problem;
use kareto::picks::{Constraint, feasible};
use kareto::{Archive, DesignSpace, Evaluation, Point};

pub use choice::Choice;
pub use listed::Listed;
pub use prices::PriceSensitivity;
pub use scenarios::{Alone, Regretted, Scenarios};
pub use uncertainty::{Assumed, AssumptionEffects, INTERVALS, Noise, Overlap, Uncertainty};

pub(crate) use listed::{listed, recommended};

/// The evaluations of a search, and what it was asked.
pub struct Found {
    /// What was searched.
    pub space: DesignSpace,
    /// What the search asked for.
    pub searched: Archive,
    /// Everything in the archive.
    pub kept: Archive,
    /// What others are compared with.
    pub baseline: Option<Point>,
    /// What a recommended configuration keeps.
    pub constraints: Vec<Constraint>,
    /// Currency of all amounts.
    pub currency: String,
    /// Where there are several scenarios of load. `searched` and `kept` then have one figure for all of them.
    pub scenarios: Option<Scenarios>,
    /// Where variations were evaluated.
    pub uncertainty: Option<Uncertainty>,
}

impl Found {
    /// The baseline with its evaluation.
    pub(crate) fn baseline(&self) -> Option<(&Point, &Evaluation)> {
        self.baseline.as_ref().and_then(|point| Some((point, self.kept.get(point)?)))
    }
}

/// What follows from the evaluations of a search.
pub struct Findings {
    /// The baseline, then the picks.
    pub listed: Vec<Listed>,
    /// What to buy; none where no evaluated configuration keeps the constraints.
    pub choice: Option<Choice>,
    /// What the listed configurations lose under each scenario; empty where there is none.
    pub regretted: Vec<Regretted>,
    /// The listed configurations under other assumptions; empty where none were tried.
    pub assumed: Vec<Assumed>,
}

impl Findings {
    /// Computes all of it.
    ///
    /// # Errors
    /// A constraint on a figure that the evaluations do not have.
    pub fn of(found: &Found) -> Result<Self, Problem> {
        let choices = feasible(&found.searched, &found.constraints).map_err(Problem::user)?;
        let listed = listed(found)?;
        let assumed = found.uncertainty.as_ref();
        let assumed = assumed.map_or_else(Vec::new, |it| it.assumed(&found.kept, &found.constraints));
        let chosen = recommended(&choices, &found.constraints);
        let choice = chosen.map(|pick| Choice::new(found, &choices, &listed, &assumed, pick));
        let regretted = found.scenarios.as_ref();
        let regretted = regretted.map_or_else(Vec::new, |it| it.regretted(&choices, &listed));
        Ok(Self { listed, choice, regretted, assumed })
    }
}
