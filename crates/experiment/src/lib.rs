//! Experiments: from a file to a plan, a run, a record, and what was found.
//!
//! [`Experiment::load`] validates a file of any [`Kind`]. [`run`] runs files, tells an [`Observer`] what it does, and
//! writes a folder of records for each file. [`Loaded::read`] reads a record back. [`Findings`] follow from a record:
//! picks, regret, intervals, other prices and assumptions. This crate does not parse arguments, print or draw.

mod archive;
mod evaluate;
mod file;
mod findings;
mod group_ttl;
mod observer;
mod plan;
mod record;
mod registries;
mod run;
mod verdict;

pub use archive::archive_problem;
pub use file::Kind;
pub use findings::{
    Alone, Assumed, AssumptionEffects, Choice, Findings, Found, INTERVALS, Listed, Noise, Overlap,
    PriceSensitivity, Regretted, Scenarios, Uncertainty,
};
pub use observer::{Observer, Silent};
pub use plan::{Experiment, Head, Scale, Single, TraceFile};
pub use record::{
    Body, CasesEntry, ComparedEntry, ComparisonEntry, Environment, GroupTtlEntry, Loaded, LoadedComparison,
    LoadedGroupTtl, LoadedSearch, Manifest, RunEntry, ScenarioEntry, SearchEntry, TableEntry, TraceEntry,
    TtlCaseEntry, UncertaintyEntry, median, setting_cells, setting_columns,
};
pub use registries::Registries;
pub use run::{Finished, Options, kind_of, run};
