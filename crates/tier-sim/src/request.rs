//! A request in flight: what it has computed, which HBM slots it holds, what it waits for.

use crate::scenario::Generated;
use crate::stats::RequestRecord;
use kv_core::{BlockId, RequestView, Trace};

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// In a queue, holding nothing.
    Waiting,
    /// Holding HBM for blocks that are on their way.
    Loading,
    /// Its blocks have arrived; waiting for a place in a step.
    Loaded,
    /// Computing its prompt, or what it had after a preemption.
    Prefill,
    /// Generating one token a step.
    Decode,
    /// Its last token is in a step under way.
    Ending,
    /// It has ended, and the lower tiers have not been told yet.
    Ended,
}

/// A prefetch from far tiers. What has arrived is an ordinary block of the nearest tier, and may be evicted.
#[derive(Debug, Default)]
pub(crate) struct Promotion {
    /// Transfers under way.
    pub(crate) transfers: Vec<u32>,
    /// (tier, position in the prompt) of each block that has arrived.
    pub(crate) arrived: Vec<(u32, u32)>,
    /// When it started \[ns\], for the timeout.
    pub(crate) start_ns: u64,
    /// Its size \[blocks\].
    pub(crate) blocks: u32,
}

/// A request in flight.
#[derive(Debug)]
pub(crate) struct Live {
    /// Position in the trace.
    pub(crate) index: u32,
    pub(crate) prompt: u32,
    /// At least 1.
    pub(crate) output: u32,
    pub(crate) phase: Phase,
    /// Tokens whose KV is there, planned steps included. While decoding: when it entered decode.
    pub(crate) computed: u32,
    /// Tokens generated, planned steps included. While decoding: when it entered decode.
    pub(crate) generated: u32,
    /// Value of the instance's decode counter when it entered decode.
    pub(crate) entry: u64,
    /// Order of admission, for the running list.
    pub(crate) order: u64,
    /// Counts admissions: events of an earlier one are void.
    pub(crate) epoch: u32,
    /// HBM slots, by position in the sequence.
    pub(crate) table: Vec<u32>,
    /// Leading blocks of the table that are addressable or sealed.
    pub(crate) named: u32,
    /// First block whose store was not yet planned.
    pub(crate) next_store: u32,
    /// First block whose copy was not yet refused. A refusal counts once, even if it is repeated.
    pub(crate) refused: u32,
    /// First block of which the nearest tier is told when the request ends. vLLM's connector never sees the HBM hits of a
    /// request that also loads, so the tier is not told of them.
    pub(crate) first_told: u32,
    /// Its transfers to and from the nearest tier whose end the engine has not noticed.
    pub(crate) jobs: Vec<u32>,
    /// When it made its first token \[ns\], once it has.
    pub(crate) first_token_ns: Option<u64>,
    /// Whether it has been admitted before. If it waits now, it was preempted.
    pub(crate) admitted: bool,
    /// When it began to wait for a blocking load \[ns\], while it does.
    pub(crate) load_since_ns: u64,
    /// Tokens computed when it was last preempted.
    pub(crate) was_computed: u32,
    /// Slots and stamps of generated blocks at a preemption, from block `prompt / block_tokens` on.
    pub(crate) left: Vec<(u32, u32)>,
    pub(crate) promotion: Promotion,
    pub(crate) promoted: Promoted,
}

/// Whether far tiers were asked for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promoted {
    /// Not yet.
    No,
    /// A prefetch was started, or found not worth it.
    Asked,
    /// Blocks were promoted for it when its turn had come. This happens once only: with a lease that ends too soon the request
    /// would wait for ever.
    AtScheduling,
}

impl Live {
    pub(crate) fn new(index: u32, view: &RequestView<'_>) -> Self {
        Self {
            index,
            prompt: view.prompt_tokens,
            output: view.output_tokens.max(1),
            phase: Phase::Waiting,
            computed: 0,
            generated: 0,
            entry: 0,
            order: 0,
            epoch: 0,
            table: Vec::new(),
            named: 0,
            next_store: 0,
            refused: 0,
            first_told: 0,
            jobs: Vec::new(),
            first_token_ns: None,
            admitted: false,
            load_since_ns: 0,
            was_computed: 0,
            left: Vec::new(),
            promotion: Promotion::default(),
            promoted: Promoted::No,
        }
    }

    /// Becomes another request; allocations are kept.
    pub(crate) fn renew(&mut self, other: Self) {
        let old = std::mem::replace(self, other);
        self.epoch = old.epoch + 1;
        self.table = old.table;
        self.jobs = old.jobs;
        self.left = old.left;
        self.left.clear();
        self.promotion.transfers = old.promotion.transfers;
        self.promotion.arrived = old.promotion.arrived;
        self.promotion.arrived.clear();
        assert!(self.table.is_empty() && self.jobs.is_empty() && self.promotion.transfers.is_empty());
    }

    /// The engine has noticed the end of its blocking load. The wait is a part of TTFT while it has no token.
    pub(crate) fn loaded(&mut self, record: &mut RequestRecord, now_ns: u64) {
        self.phase = Phase::Loaded;
        if self.first_token_ns.is_none() {
            // It may be stamped after its poll.
            record.load_ns += now_ns.saturating_sub(self.load_since_ns.max(record.arrival_ns));
        }
    }

    /// Tokens that it knows, of the prompt and generated: a prefill must compute all of them before it makes a token.
    pub(crate) fn known(&self) -> u32 {
        self.prompt + self.generated
    }

    /// Tokens computed when the decode counter stands at `counter`.
    pub(crate) fn computed_at(&self, counter: u64) -> u64 {
        u64::from(self.computed) + (counter - self.entry)
    }

    /// The decode counter at its last decode step.
    pub(crate) fn last_step(&self) -> u64 {
        self.entry + u64::from(self.output - self.generated) - 1
    }
}

/// The id of a block of a request, where the trace gives one.
pub(crate) fn block_at(view: &RequestView<'_>, generated: Generated, position: usize) -> Option<BlockId> {
    match position.checked_sub(view.prompt_blocks.len()) {
        None => Some(view.prompt_blocks[position]),
        Some(after) => match generated {
            Generated::Addressable => view.output_blocks.get(after).copied(),
            Generated::Anonymous => None,
        },
    }
}

/// Full blocks of a request that have ids when it has ended.
pub(crate) fn named_blocks(trace: &Trace, generated: Generated, live: &Live) -> usize {
    let view = trace.request(live.index as usize);
    let outputs = match generated {
        Generated::Addressable => view.output_blocks.len(),
        Generated::Anonymous => 0,
    };
    let full = (live.prompt + live.output - 1) / trace.block_tokens();
    (view.prompt_blocks.len() + outputs).min(full as usize)
}
