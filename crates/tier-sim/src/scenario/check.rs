//! What makes a scenario impossible, said before anything runs.

use super::{MOST_INSTANCES, Scenario, Scope, Tier, request_tokens};
use kv_core::Trace;
use kv_core::policy::Role;
use thiserror::Error;

/// Most new tokens of a step \[tokens\]. With it, the work of a step over contexts of 2^32 tokens stays in 64 bits.
const MOST_BATCHED_TOKENS: u128 = 1 << 28;
/// Most bytes of a block: a TiB.
const MOST_BLOCK_BYTES: u128 = 1 << 40;
/// Most bytes of a tier over all instances: 8 EiB.
const MOST_BYTES: u128 = 1 << 63;

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
