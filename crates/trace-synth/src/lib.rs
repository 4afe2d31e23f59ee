//! Traces: readers of public formats, synthesis from recipes, statistics.
//!
//! Everything here makes or measures a [`kv_core::Trace`]. It does not simulate an engine and does not print.

pub mod curve;
mod describe;
pub mod fit;
mod outputs;
mod prepare;
pub mod read;
pub mod synth;
pub mod transform;
pub mod write;

pub use describe::{
    Arrivals, Cdfs, Description, Exponential, IntervalFits, Lognormal, LruHits, Quantiles, Reuse,
    SessionReuse, Sessions, Subtree, WeibullFit, Window, WorkingSet, cdfs, describe,
};
pub use outputs::resolve_outputs;
pub use prepare::{Preparation, PrepareError, RATES, Surge, Ties, TraceSource, prepare};
pub use transform::spread_ties;
