//! What an observer is told during a run: see [`crate::simulate_observed`].
//!
//! Nothing here changes a run. A run without an observer pays one comparison for each step, each transfer and each change
//! of a request's state, and one for each turn of the event loop. It pays nothing per block.

/// Something that has happened. Times are from the start of the trace \[ns\].
///
/// An observer is told of an event when the event is over. Events of one request, of one link, of one tier's level and of
/// one instance's steps come in order of time. Events of different kinds may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// An engine has finished a step, or a run of equal ones.
    Step(Step),
    /// A request has changed its state.
    Request {
        /// Its position in the trace.
        request: u32,
        /// The instance that serves it.
        instance: u32,
        /// When.
        at_ns: u64,
        /// Its state from then on.
        state: RequestState,
    },
    /// A request was admitted for the first time, and parts of its prompt were found.
    Hits {
        /// Its position in the trace.
        request: u32,
        /// Prompt tokens from each tier: HBM first, then the lower tiers in order.
        tokens: &'a [u32],
    },
    /// A transfer has left its link.
    Transfer(Transfer),
    /// The number of blocks that a tier holds has changed.
    Held {
        /// Which one: 0 is HBM, then the lower tiers in order.
        tier: usize,
        /// Whose; `None` for a tier that the cluster shares.
        instance: Option<u32>,
        /// Since when.
        at_ns: u64,
        /// Blocks held, those on their way into it included.
        blocks: u32,
    },
    /// Leases have run out, and the blocks have left.
    Expired {
        /// The tier, as in [`Event::Held`].
        tier: usize,
        /// Whose; `None` for a tier that the cluster shares.
        instance: Option<u32>,
        /// When they left: later than the lease's end where a transfer still needed the block.
        at_ns: u64,
        /// How many.
        blocks: u32,
    },
    /// The numbers of an instance's requests have changed.
    Queue {
        /// Which one.
        instance: u32,
        /// Since when.
        at_ns: u64,
        /// Requests that hold nothing.
        waiting: u32,
        /// Requests that hold HBM for what is being loaded.
        loading: u32,
        /// Requests that take part in steps.
        running: u32,
    },
}

/// A step of an engine, or a run of decode-only steps of the same requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Whose.
    pub instance: u32,
    /// When it began to compute, after it had waited for transfers.
    pub start_ns: u64,
    /// When its results were there.
    pub end_ns: u64,
    /// How many steps.
    pub steps: u64,
    /// Prompts, or parts of prompts, in each step.
    pub prefills: u32,
    /// Requests that decode: each step makes one token for each of them.
    pub decodes: u32,
    /// Tokens that all steps together compute.
    pub new_tokens: u64,
    /// Tokens whose KV was there when the first step began, summed over its requests.
    pub context_tokens: u64,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestState {
    /// It waits for a place.
    Queued,
    /// It holds HBM, and waits for what is being loaded.
    Loading,
    /// It has been given a place in a step, and has not computed all that it knows.
    Prefill,
    /// Each step makes its next token.
    Decode,
    /// Its blocks were taken, and it waits for a place again.
    Preempted,
    /// It has its last token.
    Ended,
}

/// Why blocks were copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferKind {
    /// From HBM into the nearest tier.
    Store,
    /// From the nearest tier into HBM, before the request joins a step.
    Load,
    /// From the nearest tier into HBM, layer by layer during a step.
    LayerwiseLoad,
    /// From a far tier into the nearest one.
    Prefetch,
    /// From the tier above into this one. Into the nearest tier it is a block that HBM has evicted.
    CopyDown,
}

/// A transfer that has left its link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// Why.
    pub kind: TransferKind,
    /// The lower tier whose link it is: 0 is the nearest.
    pub tier: usize,
    /// Whose link; `None` where the cluster shares it.
    pub instance: Option<u32>,
    /// The request that caused it, by its position in the trace.
    pub request: u32,
    /// When it was handed to the link.
    pub queued_ns: u64,
    /// When the link began to serve it. FIFO serves one after another, fair sharing at once.
    pub start_ns: u64,
    /// When it was done, or given up.
    pub end_ns: u64,
    /// Blocks that have arrived; all of them unless it was given up.
    pub blocks: u32,
    /// Bytes that have arrived.
    pub bytes: u64,
}

/// Who is told.
pub(crate) type Observer<'a> = Option<&'a mut dyn FnMut(&Event<'_>)>;
