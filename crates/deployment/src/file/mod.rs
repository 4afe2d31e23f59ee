//! `[system]` as the file has it: names, numbers and texts with their places. Nothing is resolved yet.
//!
//! This module refuses unknown keys. [`crate::deployment`] and its neighbours check what a value means and whether it
//! is possible.

mod policy;

use serde::Deserialize;
use toml::Spanned;

use crate::value::Settings;
pub(crate) use policy::PolicyFile;
pub use policy::Value;

/// A `[[configuration]]` as the file has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigurationFile {
    /// Its name, with its place.
    pub name: Spanned<String>,
    pub(crate) set: Spanned<Settings>,
}

/// The part of a file that describes a deployment. The other tables of the file are ignored.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct File {
    #[serde(default)]
    pub(crate) seed: u64,
    pub(crate) system: SystemFile,
    #[serde(default)]
    pub(crate) configuration: Vec<ConfigurationFile>,
}

/// The `[system]` table of a file: model, GPUs, engine, prices and tiers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemFile {
    pub(crate) model: Spanned<String>,
    pub(crate) gpu: Spanned<String>,
    pub(crate) tensor_parallel: Spanned<u32>,
    pub(crate) prices: Spanned<String>,
    pub(crate) profile: Option<Spanned<String>>,
    pub(crate) fragment: Option<Spanned<String>>,
    pub(crate) instances: Option<Spanned<u32>>,
    pub(crate) router: Option<Spanned<String>>,
    pub(crate) scheduler: Option<Spanned<String>>,
    pub(crate) pipelining: Option<Spanned<String>>,
    pub(crate) max_batched_tokens: Option<Spanned<u32>>,
    pub(crate) max_seqs: Option<Spanned<u32>>,
    pub(crate) window_tokens: Option<Spanned<u32>>,
    pub(crate) hbm_utilisation: Option<Spanned<f64>>,
    pub(crate) hbm_overhead_per_gpu: Option<Spanned<String>>,
    pub(crate) load_decision: Option<Spanned<String>>,
    pub(crate) generated: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) tier: Vec<Tier>,
}

/// A tier below HBM.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tier {
    pub(crate) name: Spanned<String>,
    pub(crate) medium: Spanned<String>,
    pub(crate) size: Option<Spanned<String>>,
    pub(crate) scope: Option<Spanned<String>>,
    pub(crate) eviction: Option<Spanned<PolicyFile>>,
    pub(crate) lease: Option<Spanned<PolicyFile>>,
    pub(crate) write: Option<Spanned<String>>,
    pub(crate) write_backlog: Option<Spanned<String>>,
    pub(crate) contents: Option<Spanned<String>>,
    pub(crate) copies: Option<Spanned<String>>,
    pub(crate) load: Option<Spanned<String>>,
    pub(crate) sharing: Option<Spanned<String>>,
    pub(crate) prefetch: Option<Spanned<Prefetch>>,
}

/// How blocks are promoted while a request waits.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prefetch {
    pub(crate) start: Option<Spanned<String>>,
    pub(crate) min_tokens: Option<u32>,
    pub(crate) stop: Option<Spanned<String>>,
    pub(crate) timeout_base: Option<Spanned<String>>,
    pub(crate) timeout_per_token: Option<Spanned<String>>,
}
