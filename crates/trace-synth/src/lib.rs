//! Traces: readers of public formats, synthesis from recipes, statistics.
//!
//! Everything here makes or measures a [`kv_core::Trace`]. It does not simulate an engine and does not print.

pub mod curve;
mod describe;
pub mod fit;
mod outputs;
pub mod read;
mod rebuild;
pub mod synth;
mod ties;
pub mod transform;
pub mod write;

pub use describe::{
    Arrivals, Cdfs, Description, Exponential, IntervalFits, Lognormal, LruHits, Quantiles, Reuse,
    SessionReuse, Sessions, Subtree, WeibullFit, Window, WorkingSet, cdfs, describe,
};
pub use outputs::resolve_outputs;
pub use ties::spread_ties;

/// Names the code of this crate: changes when the crate may compute something else.
pub const REVISION: &str = env!("CODE_REVISION");
