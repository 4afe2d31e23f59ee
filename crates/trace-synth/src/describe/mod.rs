//! What is in a trace, as figures: sizes, rates, lengths, sessions, and how much of it could be reused at best.

mod cdf;
mod concentration;
mod intervals;
mod quantiles;
mod reuse;
mod sessions;
mod subtrees;
mod working_set;

use kv_core::Trace;
use serde::Serialize;

pub use cdf::{Cdfs, cdfs};
pub use concentration::{Concentration, Counted};
pub use intervals::{Exponential, IntervalFits, Intervals, Lognormal, WeibullFit};
pub use quantiles::Quantiles;
pub use reuse::{LruHits, Reuse, SessionReuse, reuse_intervals};
pub use sessions::Sessions;
pub use subtrees::Subtree;
pub use working_set::{Window, WorkingSet};

use crate::numbers::{ratio, seconds};
use crate::sessions::infer_sessions;

/// The figures of [`describe`]; field names are the keys of its JSON form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Description {
    /// Number of requests.
    pub requests: usize,
    /// From the first arrival to the last [s].
    pub duration_s: f64,
    /// Tokens in a block.
    pub block_tokens: u32,
    /// Tokens of all prompts.
    pub prompt_tokens: u64,
    /// Tokens of all outputs.
    pub output_tokens: u64,
    /// Block references in prompts, partial blocks included.
    pub block_refs: usize,
    /// Distinct block ids, partial blocks included. This and all figures of reuse are `None` where only lengths are
    /// known ([`Trace::sharing_known`]).
    pub unique_blocks: Option<usize>,
    /// References to a block that an earlier request named: the hits of an unlimited cache. The blocks before it in
    /// its prefix were named with it, so these always are a leading run.
    pub ideal_hit_blocks: Option<usize>,
    /// `ideal_hit_blocks` over `block_refs`; 0 where there are no references.
    pub ideal_hit_ratio: Option<f64>,
    /// Requests per second.
    pub arrivals: Arrivals,
    /// Prompt lengths [tokens].
    pub input_length_tokens: Quantiles,
    /// Output lengths [tokens].
    pub output_length_tokens: Quantiles,
    /// Sessions, as the trace names them or as prompts tell; `None` where neither does.
    pub sessions: Option<Sessions>,
    /// Who uses blocks again, and when.
    pub reuse: Option<Reuse>,
    /// The prefixes that most requests share, most requests first.
    pub top_subtrees: Option<Vec<Subtree>>,
    /// How many blocks matter over time; `None` without requests too.
    pub working_set: Option<WorkingSet>,
    /// Requests that stood in the file before an earlier one.
    pub reordered: u32,
}

/// When requests come.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Arrivals {
    /// Requests over duration [1/s]; `None` where all come at once.
    pub mean_per_s: Option<f64>,
    /// The fullest minute, counted in whole minutes from the first arrival [requests per minute].
    pub peak_per_minute: usize,
    /// Distinct arrival times. Far fewer than requests: the trace quantises time.
    pub distinct_timestamps: usize,
}

/// Describes a trace. Costs a few passes over its references and sorts of its lengths and intervals.
#[must_use]
pub fn describe(trace: &Trace) -> Description {
    let known = trace.sharing_known();
    let ideal_hit_blocks = known.then(|| trace.references() - named_in_prompts(trace));
    let sessions = infer_sessions(trace);
    Description {
        requests: trace.len(),
        duration_s: seconds(span_ns(trace.arrivals_ns())),
        block_tokens: trace.block_tokens(),
        prompt_tokens: trace.requests().map(|r| u64::from(r.prompt_tokens)).sum(),
        output_tokens: trace.requests().map(|r| u64::from(r.output_tokens)).sum(),
        block_refs: trace.references(),
        unique_blocks: known.then_some(trace.unique_blocks()),
        ideal_hit_blocks,
        ideal_hit_ratio: ideal_hit_blocks.map(|blocks| ratio(blocks, trace.references())),
        arrivals: arrivals(trace.arrivals_ns()),
        input_length_tokens: Quantiles::of(trace.requests().map(|r| f64::from(r.prompt_tokens)))
            .unwrap_or(Quantiles::NOTHING),
        output_length_tokens: Quantiles::of(trace.requests().map(|r| f64::from(r.output_tokens)))
            .unwrap_or(Quantiles::NOTHING),
        sessions: (known || trace.has_sessions())
            .then(|| sessions::describe_sessions(trace, &sessions))
            .flatten(),
        reuse: known.then(|| reuse::reuse(trace, &sessions)),
        top_subtrees: known.then(|| subtrees::top_subtrees(trace)),
        working_set: known.then(|| working_set::working_set(trace)).flatten(),
        reordered: trace.reordered(),
    }
}

/// Distinct blocks that some prompt names.
fn named_in_prompts(trace: &Trace) -> usize {
    let mut seen = vec![false; trace.unique_blocks()];
    let mut count = 0;
    for block in trace.requests().flat_map(|r| r.references) {
        count += usize::from(!std::mem::replace(&mut seen[block.index()], true));
    }
    count
}

fn span_ns(arrivals_ns: &[u64]) -> u64 {
    arrivals_ns.last().zip(arrivals_ns.first()).map_or(0, |(last, first)| last - first)
}

fn arrivals(arrivals_ns: &[u64]) -> Arrivals {
    const MINUTE_NS: u64 = 60_000_000_000;
    let first = arrivals_ns.first().copied().unwrap_or(0);
    let minutes = arrivals_ns.chunk_by(|a, b| (a - first) / MINUTE_NS == (b - first) / MINUTE_NS);
    let span = span_ns(arrivals_ns);
    #[expect(clippy::cast_precision_loss, reason = "a count below 2^53")]
    let mean = arrivals_ns.len() as f64 / seconds(span);
    Arrivals {
        mean_per_s: (span > 0).then_some(mean),
        peak_per_minute: minutes.map(<[u64]>::len).max().unwrap_or(0),
        distinct_timestamps: arrivals_ns.chunk_by(|a, b| a == b).count(),
    }
}
