//! Reports from records alone. Nothing is simulated, so a figure can be drawn again from the files of a run.
//!
//! Pages draw [`experiment::Findings`] and put them into words. They compute nothing. They show nothing that differs
//! between two runs of the same command: wall time and command stay in the manifest.

mod advice;
mod cases;
mod chart;
mod claims;
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

pub(crate) use advice::{SHARING_UNKNOWN, advice};
pub(crate) use overview::overview;
pub(crate) use parts::refused;
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
