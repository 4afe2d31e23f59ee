//! A serving deployment as data, and its evaluation.
//!
//! A [`Deployment`] is a model on GPUs, an engine with its settings, tiers below HBM on their media, and prices. It
//! comes from a TOML file and from the data files under `datasets/`. [`Deployment::with`] changes one setting.
//! [`Deployment::evaluate`] replays a trace and gives an [`Outcome`]: the statistics of the run and its bill. This
//! crate does not parse arguments, print, search or draw. A [`Problem`] says as data what is wrong; the caller decides
//! how to show it.
//!
//! ```
//! use deployment::{Deployment, SettingValue};
//! use trace_synth::{Preparation, TraceSource, prepare};
//!
//! let ten_minutes = Preparation { window_ns: Some(0..600_000_000_000), ..Preparation::default() };
//! let trace = prepare(&TraceSource::Default, &ten_minutes)?;
//! # std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))?;
//! let file = "experiments/scenarios/fixed-1024.toml";
//! let fixed = Deployment::load(file.as_ref(), &policies::all_roles())?;
//! let without = fixed.with("dram_gib", &SettingValue::Integer(0))?;
//! let (fixed, without) = (fixed.evaluate(&trace)?, without.evaluate(&trace)?);
//! assert!(without.stats.ttft_s().mean > fixed.stats.ttft_s().mean);
//! assert!(without.bill.total() < fixed.bill.total());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `examples/configurations.rs` is a program that does this.

mod choices;
mod configuration;
mod data;
mod deployment;
mod evaluate;
mod file;
mod hardware;
mod identity;
mod policy;
mod prefetch;
mod problem;
mod scalars;
mod setting;
mod step_times;
mod value;

pub use choices::{Table, choose};
pub use data::{FitLaw, FittedProfile, Layers, Model, ProfileNames, fit_table, read_text};
pub use deployment::{DeployedTier, Deployment, Size};
pub use evaluate::{Bill, FIGURES, Outcome, Refused};
pub use file::{ConfigurationFile, SystemFile, Value};
pub use prefetch::PrefetchChoice;
pub use problem::{Fault, Place, Problem, Source};
pub use step_times::StepTimes;
pub use value::{AxisValues, SettingValue, Settings};
