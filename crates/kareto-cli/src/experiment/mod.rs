//! Experiment and scenario files: from text to a validated plan. `experiments/FORMAT.md` is the document for people.
//!
//! One way: text -> [`wire`] (unknown keys refused, places kept) -> [`system`], [`trace`], [`claim`] and [`plan`]
//! (every name, unit, file and policy resolved). Nothing here simulates.

pub(crate) mod cases;
pub(crate) mod choices;
pub(crate) mod claim;
pub(crate) mod comparison;
pub(crate) mod configuration;
pub(crate) mod hardware;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod scenario;
pub(crate) mod setting;
pub(crate) mod system;
pub(crate) mod trace;
pub(crate) mod wire;
