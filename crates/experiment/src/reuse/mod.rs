//! Reuse in traces: how few blocks give the hits, and how long a block waits for its next use, by block size.
//!
//! The figures are of an unlimited cache, so they are of the trace alone. Nothing is simulated.

mod claim;
mod measured;

pub(crate) use claim::Claim;
pub(crate) use measured::{BLOCK_SHARES, Measured, WITHIN_S, measure};

/// The largest block \[tokens\], as of traces.
pub(crate) const MOST_BLOCK_TOKENS: u32 = 65_536;
