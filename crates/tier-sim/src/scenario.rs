//! What is simulated: engine, tiers and their links, all as integers. There are no files, texts with units or prices here.
//!
//! A [`Scenario`] is plain data made by whoever reads files (`deployment`) or by a test; [`Scenario::check`] says
//! what is impossible before anything runs.

mod check;

pub use check::ScenarioError;

use crate::pool::FreeOrder;
use crate::step::StepModel;
use kv_core::policy::{Lease, Params, Prefetch, PrefetchStart, Spec};
use kv_core::{Group, RequestView, Trace};
use std::sync::Arc;

/// The most instances: the order of events is made for so many.
pub const MOST_INSTANCES: u32 = 1024;

/// One configuration of a service.
#[derive(Clone)]
pub struct Scenario {
    /// The engine that every instance runs.
    pub engine: Engine,
    /// KV bytes of one token over all layers and GPUs of an instance, as HBM holds it \[B\].
    pub kv_bytes_per_token: u64,
    /// Transformer layers: a layerwise load overlaps compute layer by layer.
    pub layers: u32,
    /// HBM blocks usable for KV, per instance.
    pub hbm_blocks: u32,
    /// Engine replicas.
    pub instances: u32,
    /// Who gets a request.
    pub router: Policy,
    /// Tiers below HBM, nearest first.
    pub tiers: Vec<Tier>,
    /// When a request loads a tier's copy, and when it computes the blocks again instead.
    pub load_decision: LoadDecision,
    /// What generated tokens leave behind.
    pub generated: Generated,
    /// Group of each block of the trace, for lease policies; `None` puts all into [`Group::REST`].
    pub groups: Option<Arc<[Group]>>,
    /// Root seed of routers and policies that draw random numbers.
    pub seed: u64,
}

/// The engine of one instance.
#[derive(Clone)]
pub struct Engine {
    /// How a step's work is chosen.
    pub scheduler: Policy,
    /// When a step is chosen relative to the one before.
    pub pipelining: Pipelining,
    /// Where a freed HBM block that holds nothing reusable goes.
    pub free_order: FreeOrder,
    /// When an arrival is noticed.
    pub arrivals: Arrivals,
    /// New tokens that one step may serve.
    pub max_batched_tokens: u32,
    /// Sequences that may run at once.
    pub max_seqs: u32,
    /// The longest request that the engine takes, prompt and output together \[tokens\]. It refuses a longer one, as it does
    /// one that its HBM could not hold alone. With `None` HBM alone decides.
    pub window_tokens: Option<u32>,
    /// How long a step takes.
    pub step: StepModel,
}

/// When a step is chosen relative to the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pipelining {
    /// After the results of the step before are known.
    Synchronous,
    /// While the step before runs, so that the GPU never waits for the host: arrivals and finishes during a step
    /// are seen one step later (vLLM's asynchronous scheduling).
    Asynchronous,
}

/// When an arrival is noticed: always between two steps, where the engine polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrivals {
    /// Arrival times are true ones: noticed at the first poll at or after them.
    AsGiven,
    /// The engine's own poll has stamped the arrival times, as in recorded runs. Each arrival is noticed at the nearest poll:
    /// to wait for the next one again would add half a step to it.
    StampedAtPoll,
}

/// A tier below HBM.
#[derive(Clone)]
pub struct Tier {
    /// Its name in reports: `dram`, `disk`.
    pub name: String,
    /// One per instance, or one for the cluster.
    pub scope: Scope,
    /// Blocks that fit; `None` where only leases bound it.
    pub capacity_blocks: Option<u32>,
    /// From this tier to HBM if it is the nearest, otherwise to the nearest.
    pub read: LinkSpec,
    /// From the tier above to this one.
    pub write: LinkSpec,
    /// Whether reads and writes have a link each or share one, which then has `read`'s properties.
    pub duplex: Duplex,
    /// Who leaves when it is full.
    pub eviction: Policy,
    /// How long a block may idle.
    pub lease: Policy,
    /// When a block is copied into it from the tier above.
    pub write_policy: WritePolicy,
    /// Longest queue of its write link \[ns\] at which the tier still takes copies. With such a limit it takes only blocks
    /// whose parent it has, or is about to have, so that a slow tier keeps whole prefixes. With `None` it takes every block,
    /// as vLLM's connector does.
    pub write_backlog_ns: Option<u64>,
    /// Which blocks it keeps.
    pub contents: Contents,
    /// How blocks reach HBM when this is the tier nearest to it.
    pub load: Load,
    /// How blocks reach the tier nearest to HBM when this is not that one.
    pub prefetch: Prefetch,
    /// Lease of each prefix group, by number, for policies that ask for it.
    pub group_leases: Vec<Lease>,
    /// KV bytes of one token in the tier \[B\]. With `None` they are those in HBM: the tier has a copy of what every GPU has.
    pub kv_bytes_per_token: Option<u64>,
}

/// A policy from the registry with its checked parameters.
#[derive(Clone)]
pub struct Policy {
    /// Row of the registry.
    pub spec: Spec,
    /// Its parameters.
    pub params: Params,
}

/// Whether a tier serves one instance or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every instance has its own.
    Instance,
    /// The cluster has one.
    Cluster,
}

/// A path between two tiers in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkSpec {
    /// Sustained bandwidth \[B/s\], at least 1.
    pub bytes_per_s: u64,
    /// First-byte latency of each transfer \[ns\].
    pub latency_ns: u64,
    /// Operations a second, where the medium has such a limit.
    pub io_per_s: Option<u64>,
    /// Operations that one block takes; counts only with `io_per_s`.
    pub io_per_block: u64,
    /// How transfers share it.
    pub sharing: Sharing,
}

/// How transfers share a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// One after another, in order of submission.
    Fifo,
    /// All at once, with equal shares of the bandwidth.
    Fair,
}

/// Whether both directions have a link each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplex {
    /// A link each.
    Full,
    /// One link for both.
    Half,
}

/// When a block is copied into a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WritePolicy {
    /// As soon as the tier above has it.
    Through,
    /// When the tier above has used it for the n-th time; `Selective(1)` is [`WritePolicy::Through`].
    Selective(u8),
    /// When the tier above evicts it.
    Back,
}

/// Which blocks a tier keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// Blocks computed from prompts.
    Prompt,
    /// Also blocks filled while generating.
    PromptAndOutput,
}

/// How blocks reach HBM from the nearest tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// Layer by layer during the step that needs them; what takes longer than the step costs time.
    Layerwise,
    /// Before the request joins a step; others run meanwhile.
    Blocking,
}

/// When a request loads a copy from below HBM, and when it computes the blocks again instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadDecision {
    /// Whenever there is one.
    Always,
    /// Only when it arrives before it could be computed, behind all that its link has queued.
    LoadOrRecompute,
}

/// What generated tokens leave behind in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generated {
    /// Full blocks stay addressable where the trace knows their id.
    Addressable,
    /// No later prompt matches them, as in recorded runs with random weights. They still take space.
    Anonymous,
}

impl Scenario {
    /// Whether a request can find, when its turn comes, that blocks must be promoted from a far tier first.
    pub(crate) fn promotes_when_scheduled(&self) -> bool {
        self.tiers.iter().skip(1).any(|tier| tier.prefetch.start == PrefetchStart::Scheduling)
    }

    /// The longest request that an instance takes, prompt and output together \[tokens\], with blocks of so many tokens.
    /// The last token that is generated needs no KV.
    #[must_use]
    pub fn longest_request_tokens(&self, block_tokens: u32) -> u32 {
        // A block below the range of u32, so that no sum over one request leaves it.
        let most = u64::from(u32::MAX - block_tokens);
        let by_kv = (u64::from(self.hbm_blocks) * u64::from(block_tokens) + 1).min(most) as u32;
        self.engine.window_tokens.map_or(by_kv, |window| window.min(by_kv))
    }

    /// Requests that are longer than that, which the engine refuses.
    #[must_use]
    pub fn refused_requests(&self, trace: &Trace) -> usize {
        let longest = u64::from(self.longest_request_tokens(trace.block_tokens()));
        trace.requests().filter(|view| request_tokens(view) > longest).count()
    }

    /// KV bytes of one token in a lower tier, or in HBM \[B\].
    #[must_use]
    pub fn bytes_per_token(&self, tier: Option<&Tier>) -> u64 {
        tier.and_then(|tier| tier.kv_bytes_per_token).unwrap_or(self.kv_bytes_per_token)
    }
}

/// Prompt and output of a request together \[tokens\]; it generates at least one token.
pub(crate) fn request_tokens(view: &RequestView<'_>) -> u64 {
    u64::from(view.prompt_tokens) + u64::from(view.output_tokens.max(1))
}
