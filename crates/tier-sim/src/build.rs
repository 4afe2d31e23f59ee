//! Plain constructors: each says in its documentation what it sets; every field can be set otherwise afterwards.

use crate::pool::FreeOrder;
use crate::scenario::{
    Arrivals, Contents, Duplex, Engine, Generated, LinkSpec, Load, LoadDecision, Pipelining, Policy,
    Scenario, Scope, Sharing, Tier, WritePolicy,
};
use crate::step::StepModel;
use kv_core::policy::{ParamError, Prefetch, PrefetchStart, PrefetchStop, Registry, Role};
use thiserror::Error;

/// A policy that cannot be had from a registry by its name alone.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PolicyError {
    /// The registry has none of this name in this role.
    #[error("there is no {noun} `{name}`; allowed: {allowed}")]
    Unknown {
        /// What it was to be: `policy`, `router` or `scheduler`.
        noun: &'static str,
        /// The name given.
        name: String,
        /// The names that the registry has in this role.
        allowed: String,
    },
    /// It has a parameter without default.
    #[error(transparent)]
    Params(#[from] ParamError),
}

impl Policy {
    /// The policy of this role and name, with its default parameters.
    ///
    /// # Errors
    /// The registry has no such policy, or it has a parameter without default.
    pub fn named(registry: &Registry, role: Role, name: &str) -> Result<Self, PolicyError> {
        let spec = *registry.find(role, name).ok_or_else(|| PolicyError::Unknown {
            noun: role.noun(),
            name: name.to_owned(),
            allowed: registry.names(role),
        })?;
        Ok(Self { params: spec.params(&[])?, spec })
    }
}

impl Engine {
    /// An engine with the habits of vLLM 0.20 and later on GPUs: it chooses a step while the one before runs
    /// ([`Pipelining::Asynchronous`]), and reuses blocks that hold nothing first ([`FreeOrder::UncachedFirst`]). Arrival
    /// times are true ones ([`Arrivals::AsGiven`]). It takes every request that its KV can hold. A step serves at most
    /// `max_batched_tokens` new tokens, and at most `max_seqs` requests run at once.
    #[must_use]
    pub fn vllm(scheduler: Policy, step: StepModel, max_batched_tokens: u32, max_seqs: u32) -> Self {
        Self {
            scheduler,
            pipelining: Pipelining::Asynchronous,
            free_order: FreeOrder::UncachedFirst,
            arrivals: Arrivals::AsGiven,
            max_batched_tokens,
            max_seqs,
            window_tokens: None,
            step,
        }
    }
}

impl Scenario {
    /// One instance with HBM alone, and with seed 0. The router counts once there are more instances. Copies of tiers that
    /// are added are always used ([`LoadDecision::Always`]), and full blocks of generated tokens can be reused
    /// ([`Generated::Addressable`]). Blocks are in no groups.
    ///
    /// `kv_bytes_per_token` \[B\] is over all layers and GPUs of an instance, `hbm_blocks` what its HBM can hold \[blocks\].
    #[must_use]
    pub fn one_instance(
        engine: Engine,
        kv_bytes_per_token: u64,
        layers: u32,
        hbm_blocks: u32,
        router: Policy,
    ) -> Self {
        Self {
            engine,
            kv_bytes_per_token,
            layers,
            hbm_blocks,
            instances: 1,
            router,
            tiers: Vec::new(),
            load_decision: LoadDecision::Always,
            generated: Generated::Addressable,
            groups: None,
            seed: 0,
        }
    }
}

impl Tier {
    /// A tier that each instance has for itself, with links of the same properties in both directions. It gets a copy of
    /// every full block, of prompts and outputs, as soon as the tier above has it, whatever waits for its link. Blocks are
    /// loaded from it layer by layer. Where it is a far tier, a prefetch of any size starts when a request arrives, and what
    /// has come when the request is scheduled is used ([`PrefetchStop::BestEffort`]).
    ///
    /// `capacity_blocks` is `None` where only leases bound it.
    #[must_use]
    pub fn written_through(
        name: &str,
        capacity_blocks: Option<u32>,
        link: LinkSpec,
        eviction: Policy,
        lease: Policy,
    ) -> Self {
        Self {
            name: name.to_owned(),
            scope: Scope::Instance,
            capacity_blocks,
            read: link,
            write: link,
            duplex: Duplex::Full,
            eviction,
            lease,
            write_policy: WritePolicy::Through,
            write_backlog_ns: None,
            contents: Contents::PromptAndOutput,
            load: Load::Layerwise,
            prefetch: Prefetch {
                start: PrefetchStart::Enqueue,
                min_tokens: 1,
                stop: PrefetchStop::BestEffort,
            },
            group_leases: Vec::new(),
            kv_bytes_per_token: None,
        }
    }
}

impl LinkSpec {
    /// A link that carries one transfer after another, without a limit of operations a second.
    #[must_use]
    pub fn fifo(bytes_per_s: u64, latency_ns: u64) -> Self {
        Self { bytes_per_s, latency_ns, io_per_s: None, io_per_block: 1, sharing: Sharing::Fifo }
    }
}
