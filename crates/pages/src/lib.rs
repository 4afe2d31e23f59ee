//! Pages, drawn from records alone. Nothing is simulated, so a figure can be drawn again from the files of a run.
//!
//! ```no_run
//! use std::path::Path;
//!
//! # fn main() -> Result<(), deployment::Problem> {
//! if let Some(record) = experiment::Loaded::read(Path::new("reports/front"))? {
//!     let drawn = pages::rendered(&record)?;
//!     println!("{} bytes of HTML, {} pictures", drawn.html.len(), drawn.pictures.len());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Pages draw [`experiment::Findings`] and put them into words. They compute nothing. They show nothing that differs
//! between two runs of the same command: wall time and command stay in the manifest.

mod advice;
mod answers;
mod cases;
mod chart;
mod claims;
mod comparison;
mod engine_runs;
mod explored;
mod group_ttl;
mod overview;
mod page;
mod parts;
mod readme;
mod reproduced;
mod reuse;
mod scenarios;
mod sensitivity;
mod skipped;
mod timeline;
mod trace;
mod uncertainty;

use deployment::Problem;
use experiment::Loaded;

pub use advice::{SHARING_UNKNOWN, advice};
pub use overview::overview;
pub use parts::refused;
pub use readme::spliced;
pub use reproduced::reproduced;
pub use trace::trace_page;

/// A record's page, and the pictures beside it by file name.
#[derive(Debug)]
pub struct Rendered {
    /// The page, which needs no other file.
    pub html: String,
    /// File name and SVG text of each picture.
    pub pictures: Vec<(String, String)>,
}

/// Draws a record of any kind.
///
/// # Errors
/// If a table of the record lacks a column or has a cell of another type, or if a chart cannot be drawn.
pub fn rendered(loaded: &Loaded) -> Result<Rendered, Problem> {
    let analysis = experiment::analysis(loaded)?;
    match loaded {
        Loaded::Search(loaded) => page::page(loaded, &analysis),
        Loaded::Cases(loaded, cases) => cases::cases_page(loaded, cases, &analysis),
        Loaded::Comparison(loaded) => comparison::comparison_page(loaded, &analysis),
        Loaded::GroupTtl(loaded) => group_ttl::group_ttl_page(loaded, &analysis),
        Loaded::Reuse(loaded) => reuse::reuse_page(loaded, &analysis),
        Loaded::Timeline(loaded) => timeline::timeline_page(loaded, &analysis),
        Loaded::EngineRuns(loaded) => engine_runs::engine_runs_page(loaded, &analysis),
    }
}
