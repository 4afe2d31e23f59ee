//! Searches: which points of the design space to evaluate next.
//!
//! A search only asks; [`run_search`] evaluates, in parallel, and keeps the answers. All searches go through that one
//! driver, and [`SEARCHES`] is the table of them. A search sees only the answers to what it asked itself: a
//! resumed, merged or shared archive saves time but never changes its course.

mod draws;
mod driver;
mod ends;
#[cfg(feature = "gp-ehvi")]
mod gp_ehvi;
mod grid;
mod halving;
mod kareto;
mod limited;
mod motpe;
mod nsga2;
mod plus;
mod random;
mod skip;
mod sobol;

use std::collections::BTreeMap;
use std::fmt;

pub use driver::{Observer, SearchError, SearchRun, Silent, run_search};
pub use kareto::{Kareto, KaretoSettings};
pub use plus::{Certificate, KaretoPlus, KnownCost, PlusSettings};
pub use skip::SkipReason;

use crate::archive::Archive;
use crate::space::{DesignSpace, Point};

/// A strategy for exploring a design space.
///
/// It MUST be a function of its settings and of the answers: never of time, threads or the order of answers.
pub trait Search: Send {
    /// The next points, given the evaluations of every point asked so far and of no other.
    ///
    /// Points asked before are ignored; an ask that holds none but such ends the search.
    fn ask(&mut self, archive: &Archive) -> Ask;

    /// Once done: why points were never asked, as far as the search has reasons. The report colours the lattice by it.
    fn skipped(&self, _archive: &Archive) -> BTreeMap<Point, SkipReason> {
        BTreeMap::new()
    }

    /// Once done: how much the points never asked could still add, if the search can tell.
    fn certificate(&self, _archive: &Archive) -> Option<Certificate> {
        None
    }
}

/// What a search wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Evaluate these, in any order and at once.
    Evaluate(Vec<Point>),
    /// Nothing more.
    Done(Reason),
}

/// Why a search ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// Every point was asked.
    Exhausted,
    /// Its rules ask for nothing more.
    Converged,
    /// What the unexplored points could add is bounded by a small share of the hypervolume; see [`Certificate`].
    Certified {
        /// The share asked for.
        share: f64,
    },
    /// The unexplored points are guessed to add a small share of the hypervolume; what they could add at most
    /// is in the [`Certificate`].
    Settled {
        /// The share asked for.
        share: f64,
    },
    /// The allowed number of evaluations is spent.
    Budget {
        /// The number allowed.
        evaluations: usize,
    },
    /// It repeated itself.
    NothingNew,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exhausted => write!(f, "every point of the space is evaluated"),
            Self::Converged => write!(f, "the search's rules ask for no further point"),
            Self::Certified { share } => {
                write!(f, "the unexplored points can add at most {} % to the hypervolume", 100.0 * share)
            }
            Self::Settled { share } => {
                write!(
                    f,
                    "the unexplored points are guessed to add at most {} % to the hypervolume",
                    100.0 * share
                )
            }
            Self::Budget { evaluations } => write!(f, "the {evaluations} allowed evaluations are spent"),
            Self::NothingNew => write!(f, "the search asked only for points it had asked before"),
        }
    }
}

/// What a search may be told.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchSettings {
    /// Seed of the searches that draw.
    pub seed: u64,
    /// Most points to ask for; none means as many as the search wants.
    pub evaluations: Option<usize>,
    /// Thresholds of [`Kareto`].
    pub kareto: KaretoSettings,
    /// What [`KaretoPlus`] needs.
    pub plus: PlusSettings,
    /// What of the cost is known before simulating. Only [`KaretoPlus`] uses it.
    pub known_cost: Option<KnownCost>,
}

impl SearchSettings {
    /// Our thresholds, no limit on evaluations, nothing known of the cost.
    #[must_use]
    pub fn ours(seed: u64) -> Self {
        let (kareto, plus) = (KaretoSettings::OURS, PlusSettings::OURS);
        Self { seed, evaluations: None, kareto, plus, known_cost: None }
    }
}

/// One row of the table of searches.
pub struct SearchEntry {
    /// The name that experiment files use.
    pub name: &'static str,
    /// One line for listings.
    pub summary: &'static str,
    /// Whether it draws, so that its course depends on the seed.
    pub draws: bool,
    build: fn(&DesignSpace, &SearchSettings) -> Box<dyn Search>,
}

/// The searches by name.
pub const SEARCHES: &[SearchEntry] = &[
    SearchEntry {
        name: "full-grid",
        summary: "every point of the space",
        draws: false,
        build: |space, _| Box::new(grid::FullGrid::new(space)),
    },
    SearchEntry {
        name: "kareto",
        summary: "the paper's Algorithm 1: coarse grid, diminishing-return expansion, curvature refinement",
        draws: false,
        build: |space, settings| Box::new(Kareto::new(space, settings.kareto)),
    },
    SearchEntry {
        name: "kareto-plus",
        summary: "ours: known costs, models of the rest, with a certificate",
        draws: false,
        build: |space, settings| Box::new(KaretoPlus::new(space, settings.plus, settings.known_cost.clone())),
    },
    SearchEntry {
        name: "random",
        summary: "points drawn without replacement",
        draws: true,
        build: |space, settings| Box::new(random::Random::new(space, settings)),
    },
    SearchEntry {
        name: "sobol",
        summary: "a shifted Sobol sequence over the lattice",
        draws: true,
        build: |space, settings| Box::new(sobol::Sobol::new(space, settings)),
    },
    SearchEntry {
        name: "nsga2",
        summary: "NSGA-II with a population of 20",
        draws: true,
        build: |space, settings| Box::new(nsga2::Nsga2::new(space, settings)),
    },
    SearchEntry {
        name: "motpe",
        summary: "multi-objective tree-structured Parzen estimator",
        draws: true,
        build: |space, settings| Box::new(motpe::Motpe::new(space, settings)),
    },
    #[cfg(feature = "gp-ehvi")]
    SearchEntry {
        name: "gp-ehvi",
        summary: "Gaussian processes and the expected hypervolume improvement",
        draws: true,
        build: |space, settings| Box::new(gp_ehvi::GpEhvi::new(space, settings)),
    },
];

/// What to add to "there is no search of this name": how to build one that this build left out.
#[must_use]
pub fn left_out(name: &str) -> &'static str {
    let missing = cfg!(not(feature = "gp-ehvi")) && name == "gp-ehvi";
    if missing { "; it needs a build with --features gp-ehvi" } else { "" }
}

/// What has the highest score; of equals the first, so that ties do not depend on anything.
fn first_of_best<T>(scored: impl Iterator<Item = (f64, T)>) -> Option<(f64, T)> {
    scored.reduce(|best, next| if next.0 > best.0 { next } else { best })
}

/// Builds a search by name; none if the table does not know it.
#[must_use]
pub fn build_search(name: &str, space: &DesignSpace, settings: &SearchSettings) -> Option<Box<dyn Search>> {
    let search = (SEARCHES.iter().find(|entry| entry.name == name)?.build)(space, settings);
    Some(match settings.evaluations {
        Some(evaluations) => Box::new(limited::Limited::new(search, space, evaluations)),
        None => search,
    })
}
