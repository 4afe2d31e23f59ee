//! The names that files use for the enums of the simulator, one table each.
//!
//! Names are in lower case with dashes, as the names of policies are. Files, axes and `--set` use the same tables.

use kv_core::policy::{Registry, Role};
use tier_sim::{
    Contents, Generated, Load, LoadDecision, Pipelining, Policy, PrefetchStart, Scope, Sharing, WritePolicy,
};

/// Names with their meanings, in the order in which messages list them.
pub type Table<T> = &'static [(&'static str, T)];

pub(crate) const PIPELININGS: Table<Pipelining> =
    &[("synchronous", Pipelining::Synchronous), ("asynchronous", Pipelining::Asynchronous)];

pub(crate) const LOAD_DECISIONS: Table<LoadDecision> =
    &[("always", LoadDecision::Always), ("load-or-recompute", LoadDecision::LoadOrRecompute)];

pub(crate) const GENERATED: Table<Generated> =
    &[("addressable", Generated::Addressable), ("anonymous", Generated::Anonymous)];

pub(crate) const SCOPES: Table<Scope> = &[("instance", Scope::Instance), ("cluster", Scope::Cluster)];

pub(crate) const WRITES: Table<WritePolicy> = &[
    ("through", WritePolicy::Through),
    ("selective", WritePolicy::Selective(2)),
    ("back", WritePolicy::Back),
];

pub(crate) const CONTENTS: Table<Contents> =
    &[("prompt", Contents::Prompt), ("prompt-and-output", Contents::PromptAndOutput)];

pub(crate) const LOADS: Table<Load> = &[("layerwise", Load::Layerwise), ("blocking", Load::Blocking)];

pub(crate) const SHARINGS: Table<Sharing> = &[("fifo", Sharing::Fifo), ("fair", Sharing::Fair)];

pub(crate) const STARTS: Table<PrefetchStart> =
    &[("enqueue", PrefetchStart::Enqueue), ("scheduling", PrefetchStart::Scheduling)];

/// How an incomplete prefetch ends. The durations of a timeout are not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopKind {
    BestEffort,
    WaitComplete,
    Timeout,
}

pub(crate) const STOPS: Table<StopKind> = &[
    ("best-effort", StopKind::BestEffort),
    ("wait-complete", StopKind::WaitComplete),
    ("timeout", StopKind::Timeout),
];

/// The router or scheduler with this name and its default parameters, or a message that lists the names.
pub(crate) fn choose_policy(
    registry: &Registry,
    role: Role,
    what: &str,
    name: &str,
) -> Result<Policy, String> {
    let spec = registry
        .find(role, name)
        .ok_or_else(|| format!("{what} is `{name}`; allowed: {}", registry.names(role)))?;
    let params = spec.params(&[]).map_err(|error| error.to_string())?;
    Ok(Policy { spec: *spec, params })
}

/// The meaning of a name.
///
/// # Errors
/// Returns a message that lists all names.
pub fn choose<T: Copy>(table: Table<T>, what: &str, name: &str) -> Result<T, String> {
    table.iter().find(|(known, _)| *known == name).map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<&str> = table.iter().map(|(known, _)| *known).collect();
        format!("{what} is `{name}`; allowed: {}", known.join(", "))
    })
}
