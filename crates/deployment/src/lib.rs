//! A serving deployment as data, and its evaluation.
//!
//! A [`Deployment`] is a model on GPUs, an engine with its settings, tiers below HBM on their media, and prices. It
//! comes from a TOML file and from the data files under `datasets/`. [`Deployment::with`] changes one setting.
//! [`Deployment::evaluate`] replays a trace and gives an [`Outcome`]: the statistics of the run and its bill. This
//! crate does not parse arguments, print, search or draw. A [`Problem`] says as data what is wrong; the caller decides
//! how to show it.

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
mod value;

pub use choices::{Table, choose};
pub use data::{FitLaw, FittedProfile, Model, ProfileNames, fit_table};
pub use deployment::{DeployedTier, Deployment, Size};
pub use evaluate::{Bill, FIGURES, Outcome};
pub use file::{ConfigurationFile, SystemFile, Value};
pub use prefetch::PrefetchChoice;
pub use problem::{Fault, Place, Problem, Source};
pub use value::{AxisValues, SettingValue, Settings};
