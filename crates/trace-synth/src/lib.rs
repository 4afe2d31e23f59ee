//! Traces: readers of public formats, synthesis from recipes, statistics, and the preparation for a replay.
//!
//! Everything here makes or measures a [`kv_core::Trace`]. This crate does not simulate an engine and does not
//! print.
//!
//! ```
//! use trace_synth::curve::{CachePolicy, hit_curve};
//! use trace_synth::{Preparation, TraceSource, describe, prepare};
//!
//! // Five minutes of synthesised chat at twice the rate. A file is `TraceSource::File`.
//! let source = TraceSource::Recipe { name: "chat".to_owned(), seed: 1, block_tokens: None, duration_s: None };
//! let window_ns = Some(0..300_000_000_000);
//! let trace = prepare(&source, &Preparation { window_ns, rate: Some(2.0), ..Preparation::default() })?;
//!
//! let described = describe(&trace);
//! assert!(described.duration_s < 150.0);
//! // A cache of 2,000 blocks never hits more than one that holds all blocks.
//! let curve = hit_curve(&trace, CachePolicy::Lru, &[2_000, trace.unique_blocks()]);
//! assert!(curve[0].hit_blocks < curve[1].hit_blocks);
//! assert_eq!(Some(curve[1].hit_blocks as usize), described.ideal_hit_blocks);
//! # Ok::<(), trace_synth::PrepareError>(())
//! ```

pub mod curve;
mod describe;
pub mod fit;
mod numbers;
mod outputs;
mod prepare;
pub mod read;
mod sessions;
mod streams;
pub mod synth;
pub mod transform;
pub mod write;

pub use describe::{
    Arrivals, Cdfs, Concentration, Counted, Description, Exponential, IntervalFits, Intervals, Lognormal,
    LruHits, Quantiles, Reuse, SessionReuse, Sessions, Subtree, WeibullFit, Window, WorkingSet, cdfs,
    describe, reuse_intervals,
};
pub use outputs::resolve_outputs;
pub use prepare::{Preparation, PrepareError, RATES, Ties, TraceSource, prepare, prepare_with_remarks};
pub use transform::{Surge, spread_ties};

/// Names the code of this crate: changes when the crate may compute something else.
pub const REVISION: &str = env!("CODE_REVISION");
