//! Thinner traces: by session, or by block in the manner of SHARDS.
//!
//! C. A. Waldspurger et al., "Efficient MRC construction with SHARDS", USENIX FAST 2015, keep the blocks that a
//! hash of the id selects, and read the curve at capacities scaled by the share kept. Thinning by session keeps
//! requests whole and the load of a session real. Thinning by block keeps the hit curve. SHARDS errs where few
//! blocks have many uses, such as the first blocks of a system prompt: much depends on whether they are kept.
//! So here blocks are chosen evenly among those that appeared in a row, and of each very popular block a share
//! of its *uses* is kept.
//!
//! Largest error of the LRU curve at tenths of the distinct blocks, mean and worst of seeds 1 to 8 [percentage
//! points]:
//!
//! | trace | blocks, a tenth | a hundredth | sessions, a tenth | a hundredth |
//! |---|---|---|---|---|
//! | Mooncake conversation | 0.2, 0.4 | 1.0, 1.6 | 3.6, 8.5 | 12, 23 |
//! | Mooncake synthetic | 0.3, 0.4 | 2.3, 4.5 | 20, 27 | 36, 64 |
//! | agentic | 0.2, 0.4 | 0.7, 1.4 | 11, 26 | 38, 60 |
//!
//! Where a hash alone chose a tenth of the blocks, the errors were up to 20, 1.5 and 0.5.

use kv_core::{Trace, TraceBuilder};
use serde::Serialize;

use super::{TransformError, infer_sessions, push_view};
use crate::curve::{LruCurve, TouchOrder};
use crate::streams::{GOLDEN, mix};

/// Keeps the requests of about a share of the sessions, chosen by a hash of the session's number and the seed.
/// Sessions are the trace's, or those of [`infer_sessions`].
///
/// # Errors
/// A share outside (0, 1], or nothing left.
pub fn sample_sessions(trace: &Trace, share: f64, seed: u64) -> Result<Trace, TransformError> {
    let keeps = Keeps::new(share, seed)?;
    let sessions = infer_sessions(trace);
    let mut builder = TraceBuilder::like(trace);
    for (request, &session) in trace.requests().zip(&sessions) {
        if keeps.id(session) {
            push_view(&mut builder, &request, request.arrival_ns);
        }
    }
    some(builder.finish(), share)
}

/// Keeps about a share of the blocks, chosen by id and seed. Each prompt is cut to the kept blocks on its path,
/// so a capacity of C blocks stands for C / share. A request without kept blocks is dropped. The kept uses of
/// each very popular block become requests of their own. Prompt lengths become those of the kept blocks; output
/// lengths and sessions stay. Only the hit curves of such a trace mean anything.
///
/// # Errors
/// A share outside (0, 1], or nothing left.
pub fn sample_blocks(trace: &Trace, share: f64, seed: u64) -> Result<Trace, TransformError> {
    let keeps = Keeps::new(share, seed)?;
    let block_tokens = trace.block_tokens();
    let mut builder = TraceBuilder::like(trace);
    let mut ids = Vec::new();
    let mut hot = hot_blocks(trace, share);
    for request in trace.requests() {
        let full = request.prompt_blocks.len();
        for block in request.prompt_blocks {
            let Some(uses) = &mut hot[block.index()] else { continue };
            *uses += 1;
            if keeps.one_of_a_row(*uses - 1) {
                let id = [u64::from(block.0)];
                let added = builder.push(request.arrival_ns, block_tokens, 1, &id, request.session);
                added.expect("a block of its own");
            }
        }
        ids.clear();
        let cold = request.prompt_blocks.iter().filter(|b| hot[b.index()].is_none());
        ids.extend(cold.filter(|b| keeps.one_of_a_row(b.0)).map(|b| u64::from(b.0)));
        let mut tokens = u32::try_from(ids.len()).expect("no more than before") * block_tokens;
        if let Some(partial) = request.references.get(full)
            && hot[partial.index()].is_none()
            && keeps.one_of_a_row(partial.0)
        {
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

/// A counter of uses, now 0, for each very popular block, else `None`. A block is very popular if a share of
/// its uses would still find it among the last twentieth of the distinct blocks.
#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
fn hot_blocks(trace: &Trace, share: f64) -> Vec<Option<u32>> {
    let mut uses = vec![0_u32; trace.unique_blocks()];
    trace.requests().flat_map(|request| request.references).for_each(|block| uses[block.index()] += 1);
    let least = 20.0 * trace.references() as f64 / (trace.unique_blocks() as f64 * share);
    uses.into_iter().map(|uses| (share < 1.0 && f64::from(uses) > least).then_some(0)).collect()
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

    fn hash(&self, id: u64) -> u64 {
        // Twice, so that seeds next to each other choose differently.
        mix(mix(self.seed.wrapping_add(GOLDEN)) ^ id)
    }

    fn id(&self, id: u32) -> bool {
        self.all || self.hash(id.into()) < self.below
    }

    /// One of each 1 / share numbers in a row, whichever the row's hash says: a number is a stretch of a line,
    /// and is kept if the point of a row lies on it. Blocks numbered in a row stand in one prompt, so that each
    /// prompt and each popular prefix keeps its share of them, where independent choices would leave that to
    /// chance.
    fn one_of_a_row(&self, id: u32) -> bool {
        let from = u128::from(id) * u128::from(self.below);
        let to = from + u128::from(self.below);
        let point = |row: u128| (row << 64) | u128::from(self.hash(row as u64));
        let rows = [from >> 64, to >> 64];
        self.all || rows.iter().any(|&row| (from..to).contains(&point(row)))
    }
}

/// How far a thinner trace's LRU curve is from the whole one's, over capacities at every tenth of the distinct
/// blocks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurveError {
    /// Largest difference of block hit ratios, in percentage points.
    pub max_pp: f64,
    /// Mean difference, in percentage points.
    pub mean_pp: f64,
}

/// Compares LRU curves at a tenth, two tenths, ... of each trace's own distinct blocks. These capacities
/// correspond after thinning, and for a synthetic twin of another size.
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
