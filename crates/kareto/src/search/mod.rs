//! Searches: which points of the design space to evaluate next.
//!
//! A search only asks; [`run_search`] evaluates, in parallel, and keeps the answers. All searches go through that one
//! driver, and [`registry`] is the table of those that come with the crate. A [`SearchSpec`] declares a search and its
//! parameters, so that a search may also come from another crate. A search sees only the answers to what it asked
//! itself: a resumed, merged or shared archive saves time but never changes its course.

mod algorithm_1;
mod certificate;
mod coarse;
mod draws;
mod driver;
mod ends;
mod gp_ehvi;
mod grid;
mod halving;
mod kareto;
mod known_cost;
mod limited;
mod motpe;
mod nsga2;
mod parts;
mod plus;
mod process;
mod random;
mod registry;
mod skip;
mod skipped;
mod sobol;

use std::borrow::Cow;
use std::fmt;

pub use certificate::Certificate;
pub use driver::{Observer, SearchError, SearchRun, Silent, run_search};
pub use known_cost::KnownCost;
pub use registry::{SearchContext, SearchParamError, SearchRegistry, SearchSpec};
pub use skip::SkipReason;
pub use skipped::{Skipped, SkippedBox};

use crate::archive::Archive;
use crate::space::Point;

/// A strategy for exploring a design space.
///
/// It MUST be a function of its settings and of the answers: never of time, threads or the order of answers.
pub trait Search: Send {
    /// The next points, given the evaluations of every point asked so far and of no other.
    ///
    /// Points asked before are ignored; an ask that holds none but such ends the search.
    fn ask(&mut self, archive: &Archive) -> Ask;

    /// Once done: why points were never asked, as far as the search has reasons. The report colours the lattice by it.
    fn skipped(&self, _archive: &Archive) -> Skipped {
        Skipped::default()
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
    /// A reason of the search's own, in words.
    Other(Cow<'static, str>),
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
            Self::Other(words) => f.write_str(words),
        }
    }
}

/// The searches that come with the crate, one file each. A new one is its file and two lines here.
const SPECS: &[SearchSpec] = &[
    grid::SPEC,
    algorithm_1::SPEC,
    kareto::SPEC,
    plus::SPEC,
    random::SPEC,
    sobol::SPEC,
    nsga2::SPEC,
    motpe::SPEC,
    gp_ehvi::SPEC,
];

/// The searches that come with the crate. A program adds its own with [`SearchRegistry::add`].
#[must_use]
pub fn registry() -> SearchRegistry {
    SearchRegistry::new(SPECS)
}

/// What has the highest score; of equals the first, so that ties do not depend on anything.
fn first_of_best<T>(scored: impl Iterator<Item = (f64, T)>) -> Option<(f64, T)> {
    scored.reduce(|best, next| if next.0 > best.0 { next } else { best })
}
