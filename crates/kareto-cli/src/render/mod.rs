//! Reports from records alone: nothing is simulated, so a figure can be redrawn from what a run left.
//!
//! Nothing that differs between two runs of the same command is shown: wall time and command stay in the manifest.

mod advice;
mod cases;
mod chart;
mod comparison;
mod loaded;
mod overview;
mod page;
mod picks;
mod scenarios;
mod skipped;
mod uncertainty;

pub(crate) use advice::Advice;
pub(crate) use cases::cases_page;
pub(crate) use comparison::{LoadedComparison, comparison_page};
pub(crate) use loaded::Loaded;
pub(crate) use overview::overview;
pub(crate) use page::{begun, claims_shown, ended, page};
pub(crate) use picks::{Listed, listed, recommended};
pub(crate) use scenarios::{Regretted, Scenarios, regretted};
use skipped::lattices;
pub(crate) use uncertainty::{Assumed, FIGURES, Uncertainty};

/// A record's page, and the pictures beside it by file name.
pub(crate) struct Rendered {
    pub(crate) html: String,
    pub(crate) pictures: Vec<(String, String)>,
}
