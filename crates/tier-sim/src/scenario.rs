//! What is simulated: engine, tiers and their links, all as integers. There are no files, texts with units or prices here.
//!
//! A [`Scenario`] is plain data made by whoever reads files (`kareto-cli`) or by a test; [`Scenario::check`] says
//! what is impossible before anything runs.

use crate::pool::FreeOrder;
use crate::step::StepModel;
use kv_core::policy::{Lease, Params, Prefetch, PrefetchStart, Role, Spec};
use kv_core::{Group, RequestView, Trace};
use std::sync::Arc;
use thiserror::Error;

/// The most instances: the order of events is made for so many.
pub const MOST_INSTANCES: u32 = 1024;
/// Most new tokens of a step \[tokens\]. With it, the work of a step over contexts of 2^32 tokens stays in 64 bits.
const MOST_BATCHED_TOKENS: u128 = 1 << 28;
/// Most bytes of a block: a TiB.
const MOST_BLOCK_BYTES: u128 = 1 << 40;
/// Most bytes of a tier over all instances: 8 EiB.
const MOST_BYTES: u128 = 1 << 63;

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

/// A scenario that cannot be simulated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScenarioError {
    /// A size or rate that must be positive is 0.
    #[error("`{what}` is 0; it must be at least 1")]
    Zero {
        /// Which one.
        what: String,
    },
    /// A step must have room for a decode of every running sequence. vLLM demands this too.
    #[error("max_batched_tokens = {tokens} is less than max_seqs = {seqs}")]
    BudgetBelowSeqs {
        /// Token budget.
        tokens: u32,
        /// Sequence limit.
        seqs: u32,
    },
    /// No request of the trace is short enough.
    #[error(
        "the engine refuses every request of the trace: the shortest has {shortest} tokens, prompt and output \
         together; allowed: at most {longest}"
    )]
    NothingFits {
        /// Length of the shortest \[tokens\].
        shortest: u64,
        /// The longest that an instance takes \[tokens\].
        longest: u32,
    },
    /// A number beyond the range in which sums are exact.
    #[error("`{what}` is {value}; allowed: at most {most}")]
    TooLarge {
        /// Which one.
        what: String,
        /// Its value.
        value: u128,
        /// The largest allowed.
        most: u128,
    },
    /// A run that takes longer than the clock can tell. It is the only error that comes from a run.
    #[error(
        "the run takes more than 292 years of simulated time: {ended} of {requests} requests have ended until then. \
         Allowed: links and step times with which every request ends sooner"
    )]
    NeverEnds {
        /// Requests that have ended.
        ended: usize,
        /// Requests of the trace that the engine takes.
        requests: usize,
    },
    /// More instances than the simulator's event order is made for.
    #[error("instances = {0} is more than {MOST_INSTANCES}")]
    TooManyInstances(u32),
    /// Groups that do not belong to this trace.
    #[error("groups are given for {groups} blocks, and the trace has {blocks}")]
    GroupsMismatch {
        /// Entries given.
        groups: usize,
        /// Blocks of the trace.
        blocks: usize,
    },
    /// A policy of the wrong role.
    #[error("tier `{tier}`: `{policy}` is not a policy for {role}")]
    WrongRole {
        /// Tier.
        tier: String,
        /// Policy.
        policy: String,
        /// What it was to decide.
        role: &'static str,
    },
    /// The router or the scheduler is a policy of another role.
    #[error("`{policy}` is not a {noun}")]
    NotA {
        /// What it was to be: `router` or `scheduler`.
        noun: &'static str,
        /// Policy.
        policy: String,
    },
}

impl Scenario {
    /// Whether a request can find, when its turn comes, that blocks must be promoted from a far tier first.
    pub(crate) fn promotes_when_scheduled(&self) -> bool {
        self.tiers.iter().skip(1).any(|tier| tier.prefetch.start == PrefetchStart::Scheduling)
    }

    /// Says what makes the scenario impossible, by itself or for this trace.
    ///
    /// # Errors
    /// The first problem found.
    pub fn check(&self, trace: &Trace) -> Result<(), ScenarioError> {
        let sizes = [
            ("kv_bytes_per_token", self.kv_bytes_per_token),
            ("layers", u64::from(self.layers)),
            ("hbm_blocks", u64::from(self.hbm_blocks)),
            ("instances", u64::from(self.instances)),
            ("max_seqs", u64::from(self.engine.max_seqs)),
            ("window_tokens", self.engine.window_tokens.map_or(1, u64::from)),
        ];
        if let Some((what, _)) = sizes.iter().find(|(_, value)| *value == 0) {
            return Err(ScenarioError::Zero { what: (*what).to_owned() });
        }
        let (tokens, seqs) = (self.engine.max_batched_tokens, self.engine.max_seqs);
        if tokens < seqs {
            return Err(ScenarioError::BudgetBelowSeqs { tokens, seqs });
        }
        if self.instances > MOST_INSTANCES {
            return Err(ScenarioError::TooManyInstances(self.instances));
        }
        if let Some(groups) = self.groups.as_ref().filter(|groups| groups.len() != trace.unique_blocks()) {
            return Err(ScenarioError::GroupsMismatch {
                groups: groups.len(),
                blocks: trace.unique_blocks(),
            });
        }
        for (policy, role) in [(&self.router, Role::Router), (&self.engine.scheduler, Role::Scheduler)] {
            if policy.spec.role() != role {
                let policy = policy.spec.name.to_owned();
                return Err(ScenarioError::NotA { noun: role.noun(), policy });
            }
        }
        self.tiers.iter().try_for_each(Tier::check)?;
        self.check_ranges(trace)?;
        self.check_requests(trace)
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

    /// Sums of bytes and of work must stay in range.
    fn check_ranges(&self, trace: &Trace) -> Result<(), ScenarioError> {
        let within = |what: String, value: u128, most: u128| {
            if value <= most { Ok(()) } else { Err(ScenarioError::TooLarge { what, value, most }) }
        };
        within("max_batched_tokens".to_owned(), self.engine.max_batched_tokens.into(), MOST_BATCHED_TOKENS)?;
        let all = std::iter::once(None).chain(self.tiers.iter().map(Some));
        for tier in all {
            let name = tier.map_or("HBM", |tier| tier.name.as_str());
            let block = u128::from(self.bytes_per_token(tier)) * u128::from(trace.block_tokens());
            within(format!("{name}: bytes of a block"), block, MOST_BLOCK_BYTES)?;
            let blocks = tier.and_then(|tier| tier.capacity_blocks).unwrap_or(0).max(self.hbm_blocks);
            let owners = if tier.is_some_and(|t| t.scope == Scope::Cluster) { 1 } else { self.instances };
            let bytes = block * u128::from(blocks) * u128::from(owners);
            within(format!("{name}: bytes over all instances"), bytes, MOST_BYTES)?;
        }
        Ok(())
    }

    /// At least one request must fit.
    fn check_requests(&self, trace: &Trace) -> Result<(), ScenarioError> {
        let longest = self.longest_request_tokens(trace.block_tokens());
        match trace.requests().map(|view| request_tokens(&view)).min() {
            Some(shortest) if shortest > u64::from(longest) => {
                Err(ScenarioError::NothingFits { shortest, longest })
            }
            _ => Ok(()),
        }
    }
}

/// Prompt and output of a request together \[tokens\]; it generates at least one token.
pub(crate) fn request_tokens(view: &RequestView<'_>) -> u64 {
    u64::from(view.prompt_tokens) + u64::from(view.output_tokens.max(1))
}

impl Tier {
    fn check(&self) -> Result<(), ScenarioError> {
        let zero = |what: &str| ScenarioError::Zero { what: format!("{}: {what}", self.name) };
        if self.read.bytes_per_s == 0 || self.write.bytes_per_s == 0 {
            return Err(zero("bytes_per_s"));
        }
        if self.read.io_per_s == Some(0) || self.write.io_per_s == Some(0) {
            return Err(zero("io_per_s"));
        }
        for (policy, role, text) in
            [(&self.eviction, Role::Eviction, "eviction"), (&self.lease, Role::Lease, "leases")]
        {
            if policy.spec.role() != role {
                let policy = policy.spec.name.to_owned();
                return Err(ScenarioError::WrongRole { tier: self.name.clone(), policy, role: text });
            }
        }
        Ok(())
    }
}
