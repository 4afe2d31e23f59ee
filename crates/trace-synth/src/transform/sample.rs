//! Thinner traces: by session, or by block in the manner of SHARDS.
//!
//! C. A. Waldspurger et al., "Efficient MRC construction with SHARDS", USENIX FAST 2015: keep what a hash of the id says,
//! and read the curve at capacities scaled by the share kept. Thinning by session keeps requests whole and load per
//! session real; thinning by block keeps the curve's shape better where few sessions matter much.

use kv_core::{Trace, TraceBuilder};
use serde::Serialize;

use super::{TransformError, infer_sessions, mix};
use crate::curve::{LruCurve, TouchOrder};
use crate::rebuild::push_view;

/// The requests of about a share of the sessions, chosen by a hash of the session's number and the seed. Sessions are
/// the trace's, or as [`infer_sessions`] sees them.
///
/// # Errors
/// A share outside (0, 1], or nothing left.
pub fn sample_sessions(trace: &Trace, share: f64, seed: u64) -> Result<Trace, TransformError> {
    let keeps = Keeps::new(share, seed)?;
    let sessions = infer_sessions(trace);
    let mut builder = TraceBuilder::new(trace.block_tokens());
    for (request, &session) in trace.requests().zip(&sessions) {
        if keeps.id(session) {
            push_view(&mut builder, &request, request.arrival_ns);
        }
    }
    some(builder.finish(), share)
}

/// About a share of the blocks, chosen by a hash of the id and the seed: each prompt is cut to the kept ones on its
/// path, so that a capacity of C blocks stands for C / share. Requests without kept blocks go. Prompt lengths become
/// those of the blocks kept; output lengths and sessions stay. Only hit curves of such a trace mean anything.
///
/// # Errors
/// A share outside (0, 1], or nothing left.
pub fn sample_blocks(trace: &Trace, share: f64, seed: u64) -> Result<Trace, TransformError> {
    let keeps = Keeps::new(share, seed)?;
    let block_tokens = trace.block_tokens();
    let mut builder = TraceBuilder::new(block_tokens);
    let mut ids = Vec::new();
    for request in trace.requests() {
        let full = request.prompt_blocks.len();
        ids.clear();
        ids.extend(request.prompt_blocks.iter().filter(|b| keeps.id(b.0)).map(|b| u64::from(b.0)));
        let mut tokens = u32::try_from(ids.len()).expect("no more than before") * block_tokens;
        if let Some(partial) = request.references.get(full).filter(|b| keeps.id(b.0)) {
            ids.push(u64::from(partial.0));
            tokens += request.prompt_tokens % block_tokens;
        }
        if !ids.is_empty() {
            let added =
                builder.push(request.arrival_ns, tokens, request.output_tokens, &ids, request.session);
            added.expect("a part of a trace that fits");
        }
    }
    some(builder.finish(), share)
}

fn some(trace: Trace, share: f64) -> Result<Trace, TransformError> {
    if trace.is_empty() {
        return Err(TransformError::Nothing { why: format!("a share of {share} keeps none of them") });
    }
    Ok(trace)
}

/// What a hash says of each id.
struct Keeps {
    below: u64,
    all: bool,
    seed: u64,
}

impl Keeps {
    fn new(share: f64, seed: u64) -> Result<Self, TransformError> {
        if !(share > 0.0 && share <= 1.0) {
            let expected = "a number above 0, at most 1";
            return Err(TransformError::Value { what: "the share to keep", value: share, expected });
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 2^64, saturating")]
        let below = (share * 18_446_744_073_709_551_616.0) as u64;
        Ok(Self { below, all: share >= 1.0, seed })
    }

    fn id(&self, id: u32) -> bool {
        // The finaliser of SplitMix64, twice, so that seeds next to each other choose differently.
        self.all || mix(mix(self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15)) ^ u64::from(id)) < self.below
    }
}

/// How far a thinner trace's LRU curve is from the whole one's, over capacities at every tenth of the distinct blocks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurveError {
    /// Largest difference of block hit ratios, in percentage points.
    pub max_pp: f64,
    /// Mean difference, in percentage points.
    pub mean_pp: f64,
}

/// Compares LRU curves at a tenth, two tenths, ... of each trace's own distinct blocks: the capacities that correspond
/// after thinning, and for a synthetic twin of another size.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
pub fn curve_error(whole: &Trace, other: &Trace) -> CurveError {
    let curve = |trace: &Trace| {
        let lru = LruCurve::of(trace, TouchOrder::TailToHead);
        let at = |tenth: usize| lru.at(trace.unique_blocks() * tenth / 10).blocks as f64;
        (1..=10).map(|tenth| at(tenth) / trace.references().max(1) as f64).collect::<Vec<_>>()
    };
    let differences: Vec<f64> =
        curve(whole).iter().zip(curve(other)).map(|(a, b)| (a - b).abs() * 100.0).collect();
    CurveError {
        max_pp: differences.iter().copied().fold(0.0, f64::max),
        mean_pp: differences.iter().sum::<f64>() / differences.len() as f64,
    }
}
