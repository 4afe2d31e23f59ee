//! Reports from records alone: nothing is simulated, so a figure can be redrawn from what a run left.
//!
//! Pages draw and word what [`experiment::Findings`] has; they compute nothing. Nothing that differs between two runs of the
//! same command is shown: wall time and command stay in the manifest.

mod advice;
mod cases;
mod chart;
mod comparison;
mod group_ttl;
mod overview;
mod page;
mod parts;
mod readme;
mod scenarios;
mod skipped;
mod uncertainty;

use experiment::Loaded;

use crate::error::CliError;

pub(crate) use advice::advice;
pub(crate) use overview::overview;
pub(crate) use readme::spliced;

/// A record's page, and the pictures beside it by file name.
pub(crate) struct Rendered {
    pub(crate) html: String,
    pub(crate) pictures: Vec<(String, String)>,
}

/// Draws a record of any kind.
pub(crate) fn rendered(loaded: &Loaded) -> Result<Rendered, CliError> {
    match loaded {
        Loaded::Search(loaded) => page::page(loaded),
        Loaded::Cases(loaded, cases) => cases::cases_page(loaded, cases),
        Loaded::Comparison(loaded) => comparison::comparison_page(loaded),
        Loaded::GroupTtl(loaded) => group_ttl::group_ttl_page(loaded),
    }
}
