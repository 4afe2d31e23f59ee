//! Experiments: from a file to a plan, a run, a record, and what was found.
//!
//! [`Experiment::load`] validates a file of any [`Kind`]. [`run`] runs files, tells an [`Observer`] what it does, and
//! writes a folder of records for each file. [`Loaded::read`] reads a record back. [`Findings`] follow from a record:
//! picks, regret, intervals, other prices and assumptions. This crate does not parse arguments, print or draw.
//!
//! ```
//! use experiment::{Environment, Options, Registries, Scale, Silent, run};
//!
//! # std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))?;
//! let out = std::env::temp_dir().join(format!("front-{}", std::process::id()));
//! let options = Options { scale: Scale::Smoke, trace: None, out: out.clone(), seconds: || 0.0 };
//! let files = ["experiments/front.toml".into()];
//! let finished = run(&files, &options, &Registries::builtin(), &|_| Environment::default(), &Silent)?;
//! let choice = finished[0].findings.choice.as_ref().expect("some configuration keeps the constraints");
//! let cost = choice.pick.evaluation.objectives.cost();
//! assert!(cost > 0.0 && out.join("front/front.csv").is_file());
//! # std::fs::remove_dir_all(out)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `examples/run_file.rs` is a program that does this.

mod against;
mod analysis;
mod archive;
mod evaluate;
mod file;
mod findings;
mod group_ttl;
mod observer;
mod plan;
mod prose;
mod record;
mod registries;
mod reuse;
mod run;
mod timeline;
mod verdict;

pub use against::NOTICED_PERCENT;
pub use analysis::analysis;
pub use archive::archive_problem;
pub use file::Kind;
pub use findings::{
    Alone, Among, Assumed, AssumptionEffects, Bills, Choice, Findings, First, Found, INTERVALS, Listed,
    Noise, Overlap, PriceEnds, PriceSensitivity, Regretted, Scenarios, Sensed, Sensitivity, Shape, Surface,
    Uncertainty, Varied, surfaces, words,
};
pub use observer::{Expected, Observer, Silent};
pub use plan::{Experiment, Head, Scale, Single, TraceFile};
pub use record::{
    Body, CasesEntry, ChoiceEntry, ComparedEntry, ComparisonEntry, EngineRunsEntry, Environment,
    GroupTtlEntry, LoadEntry, Loaded, LoadedComparison, LoadedEngineRuns, LoadedGroupTtl, LoadedReuse,
    LoadedSearch, LoadedTimeline, Manifest, RecoveryEntry, RefusedEntry, ReuseEntry, ReuseTraceEntry,
    RunEntry, ScenarioEntry, SearchEntry, SensitivityEntry, SkippedRow, TableEntry, TimelineEntry,
    TraceEntry, TtlCaseEntry, UncertaintyEntry, median, setting_cells, setting_columns,
};
pub use registries::Registries;
pub use run::{Finished, Options, kind_of, run};
pub use verdict::is_met;
