//! A serving deployment as data, and as something that can be evaluated.
//!
//! A [`Deployment`] is a model on GPUs, an engine with its settings, tiers below HBM on their media, and prices. It comes
//! from a TOML file and from the data files under `datasets/`; a [`Setting`] changes one part of it; evaluating it on a
//! trace gives an [`Outcome`]: the figures of the run and its bill. Nothing here parses arguments, prints, searches or
//! draws. A [`Problem`] says what is wrong as data, and whoever shows it decides how.

mod choices;
mod configuration;
mod data;
mod deployment;
mod evaluate;
mod file;
mod hardware;
mod identity;
mod policy;
mod problem;
mod setting;
mod value;

pub use choices::{Table, choose};
pub use data::{FitLaw, FittedProfile, Model, ProfileNames, fit_table};
pub use deployment::{DeployedTier, Deployment, Size};
pub use evaluate::{Bill, FIGURES, Outcome};
pub use file::{ConfigurationFile, SystemFile, Value};
pub use problem::{Fault, Place, Problem, Source};
pub use value::{AxisValues, SettingValue, Settings};
