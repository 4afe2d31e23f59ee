//! Traces made from traces: a window of time, another pace, several tenants at once, a thinner trace, other
//! users, larger blocks.
//!
//! Every transformation is deterministic and keeps lengths, order and prefixes. Each says what it does to the
//! rest. None keeps output blocks: resolve them again.

mod coarse;
mod crowd;
mod filter;
mod sample;
mod ties;

use std::collections::BTreeMap;

use kv_core::{LATEST_ARRIVAL_NS, RequestView, Trace, TraceBuilder};
use thiserror::Error;

pub use crate::sessions::infer_sessions;
pub use coarse::coarser_blocks;
pub use crowd::{Surge, resample_sessions, surge, surges};
pub use filter::{LengthLimits, filter};
pub use sample::{CurveError, curve_error, sample_blocks, sample_sessions};
pub use ties::spread_ties;

/// A transformation that is not possible.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TransformError {
    /// Nothing is left.
    #[error("no requests are left: {why}")]
    Nothing {
        /// What was asked for and what there is.
        why: String,
    },
    /// A factor or share out of range.
    #[error("{what} is {value}; expected {expected}")]
    Value {
        /// What was given.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// Traces of different block sizes cannot become one.
    #[error("traces to merge have blocks of {first} and of {other} tokens; they must agree")]
    BlockSizes {
        /// Of the first trace.
        first: u32,
        /// Of one that differs.
        other: u32,
    },
    /// Arrivals after [`LATEST_ARRIVAL_NS`].
    #[error(
        "times {factor} the last request arrives at {last_s} s; an arrival is at most 2^62 ns, which is 4611686018 s"
    )]
    TooLate {
        /// The factor on time.
        factor: f64,
        /// When the last request would arrive \[s\].
        last_s: f64,
    },
    /// More than a trace can hold.
    #[error("merged, the traces have more than 4294967294 block references or distinct ids")]
    TooLarge,
}

/// The requests that arrive from `from_ns` (included) to `to_ns` (not included), as a trace of its own. Its
/// time starts at `from_ns`, and its sessions are numbered anew, in order of first arrival.
///
/// # Errors
/// No request arrives in the window.
pub fn window(trace: &Trace, from_ns: u64, to_ns: u64) -> Result<Trace, TransformError> {
    let arrivals = trace.arrivals_ns();
    let start = arrivals.partition_point(|&arrival| arrival < from_ns);
    let end = arrivals.partition_point(|&arrival| arrival < to_ns);
    if start >= end {
        let seconds = crate::numbers::seconds;
        let (from_s, to_s) = (seconds(from_ns), seconds(to_ns));
        let last_s = seconds(arrivals.last().copied().unwrap_or(0));
        let why = format!("the window is from {from_s} s to {to_s} s, the last arrival at {last_s} s");
        return Err(TransformError::Nothing { why });
    }
    let mut builder = TraceBuilder::like(trace);
    let mut sessions = BTreeMap::new();
    for index in start..end {
        let mut request = trace.request(index);
        request.session = request.session.map(|session| {
            let next = u32::try_from(sessions.len()).expect("no more sessions than before");
            *sessions.entry(session).or_insert(next)
        });
        push_view(&mut builder, &request, request.arrival_ns - from_ns);
    }
    Ok(builder.finish())
}

/// All arrivals `factor` times as late, rounded to the nanosecond: above 1 is slower, below 1 faster. Think
/// times shrink with the rest, which those of a real crowd would not. For more users, merge traces or
/// synthesise one.
///
/// # Errors
/// A factor that is not a number above 0 and at most a million, or one that makes the last arrival too late.
pub fn scale_time(trace: &Trace, factor: f64) -> Result<Trace, TransformError> {
    if !(factor > 0.0 && factor <= 1e6) {
        let expected = "a number above 0, at most 1000000";
        return Err(TransformError::Value { what: "the time factor", value: factor, expected });
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates"
    )]
    let scaled = |arrival_ns: u64| (arrival_ns as f64 * factor).round() as u64;
    let last_ns = scaled(trace.arrivals_ns().last().copied().unwrap_or(0));
    if last_ns > LATEST_ARRIVAL_NS {
        return Err(TransformError::TooLate { factor, last_s: crate::numbers::seconds(last_ns) });
    }
    let mut builder = TraceBuilder::like(trace);
    for request in trace.requests() {
        push_view(&mut builder, &request, scaled(request.arrival_ns));
    }
    Ok(builder.finish())
}

/// One trace of several tenants who share no prefix and no session. Requests of equal arrival stand in the
/// order of the traces. Sessions are kept only if every trace names them.
///
/// # Errors
/// Different block sizes, no traces, or too many blocks.
pub fn merge(traces: &[Trace]) -> Result<Trace, TransformError> {
    let Some(first) = traces.first() else {
        return Err(TransformError::Nothing { why: "there are no traces to merge".to_owned() });
    };
    if let Some(other) = traces.iter().find(|trace| trace.block_tokens() != first.block_tokens()) {
        return Err(TransformError::BlockSizes { first: first.block_tokens(), other: other.block_tokens() });
    }
    let sessions = traces.iter().all(Trace::has_sessions);
    // (arrival, trace, request): a stable order of arrival over all traces.
    let all = traces.iter().enumerate();
    let mut order: Vec<(u64, usize, usize)> = all
        .flat_map(|(tenant, trace)| {
            trace.arrivals_ns().iter().enumerate().map(move |(i, &at)| (at, tenant, i))
        })
        .collect();
    order.sort_unstable();
    let first_id = starts(traces.iter().map(|trace| trace.unique_blocks() as u64));
    let session_counts =
        traces.iter().map(|t| t.requests().filter_map(|r| r.session).max().map_or(0, |s| u64::from(s) + 1));
    let first_session = starts(session_counts);
    let mut builder = TraceBuilder::new(first.block_tokens());
    if !traces.iter().all(Trace::sharing_known) {
        builder.set_sharing_unknown();
    }
    let mut ids = Vec::new();
    for (arrival_ns, tenant, index) in order {
        let request = traces[tenant].request(index);
        ids.clear();
        ids.extend(request.references.iter().map(|block| first_id[tenant] + u64::from(block.0)));
        let session = request.session.filter(|_| sessions);
        let session = session.map(|s| u32::try_from(first_session[tenant] + u64::from(s)));
        let session = session.transpose().map_err(|_| TransformError::TooLarge)?;
        let added = builder.push(arrival_ns, request.prompt_tokens, request.output_tokens, &ids, session);
        added.map_err(|_| TransformError::TooLarge)?;
    }
    Ok(builder.finish())
}

/// Where each part starts if parts of these sizes stand one after another.
fn starts(sizes: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut next = 0;
    let start = |size| {
        next += size;
        next - size
    };
    sizes.map(start).collect()
}

/// Adds a request of an existing trace at another time. Its dense ids serve as raw ids.
fn push_view(builder: &mut TraceBuilder, request: &RequestView<'_>, arrival_ns: u64) {
    let ids: Vec<u64> = request.references.iter().map(|block| u64::from(block.0)).collect();
    builder
        .push(arrival_ns, request.prompt_tokens, request.output_tokens, &ids, request.session)
        .expect("requests of a trace fit a trace of the same block size");
}

#[cfg(test)]
mod tests;
