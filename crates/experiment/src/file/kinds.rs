//! The tables that only one kind of experiment has, as the file has them.

use std::collections::BTreeMap;

use deployment::Settings;
use serde::Deserialize;
use toml::Spanned;

use super::{Trace, Window};

/// `[cases]` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cases {
    pub(crate) compare: Spanned<String>,
    pub(crate) along: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) reference: Vec<Spanned<String>>,
    /// The axes over which the best is sought in each regime.
    #[serde(default)]
    pub(crate) best_over: Vec<Spanned<String>>,
    /// Figures that are drawn as surfaces over `compare` and `along`.
    #[serde(default)]
    pub(crate) surfaces: Vec<Spanned<String>>,
    /// The value of `compare` that every other one is compared with.
    pub(crate) against: Option<Spanned<String>>,
    /// Every trace is replayed at each of these rates.
    pub(crate) rates: Option<Spanned<Vec<f64>>>,
    #[serde(default)]
    pub(crate) trace: BTreeMap<Spanned<String>, Trace>,
}

/// One `[[scenario]]` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    pub(crate) name: Spanned<String>,
    pub(crate) weight: Option<Spanned<f64>>,
    pub(crate) trace: Option<Trace>,
    pub(crate) surge: Option<Surge>,
}

/// `surge` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Surge {
    pub(crate) factor: Spanned<f64>,
    pub(crate) from: Option<Spanned<String>>,
    pub(crate) length: Option<Spanned<String>>,
    #[serde(default = "first_seed")]
    pub(crate) seed: u64,
}

fn first_seed() -> u64 {
    1
}

/// `[uncertainty]` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Uncertainty {
    pub(crate) resamples: Option<Spanned<u32>>,
    #[serde(default = "yes")]
    pub(crate) assumptions: bool,
}

/// `[sensitivity]` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sensitivity {
    pub(crate) factors: Option<Spanned<Vec<f64>>>,
    pub(crate) among: Option<Spanned<String>>,
    /// More factors on the prices of parts of the cost.
    #[serde(default)]
    pub(crate) prices: BTreeMap<Spanned<String>, Spanned<Vec<f64>>>,
}

fn yes() -> bool {
    true
}

/// `[compare]` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compare {
    pub(crate) searches: Option<Vec<Spanned<String>>>,
    pub(crate) seeds: Option<Spanned<u64>>,
    pub(crate) reach: Spanned<f64>,
    /// The share of the grid after which every search is judged.
    pub(crate) budget_share: Option<Spanned<f64>>,
    pub(crate) trace: Vec<Spanned<CompareTrace>>,
    pub(crate) system: Vec<Spanned<CompareSystem>>,
}

/// One trace of a comparison: its name, and what `[trace]` has.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompareTrace {
    pub(crate) name: Spanned<String>,
    pub(crate) file: Option<Spanned<String>>,
    pub(crate) recipe: Option<Spanned<String>>,
    pub(crate) seed: Option<u64>,
    pub(crate) duration: Option<Spanned<String>>,
    pub(crate) block_tokens: Option<Spanned<u32>>,
    pub(crate) format: Option<Spanned<String>>,
    pub(crate) time_unit: Option<Spanned<String>>,
    pub(crate) ids: Option<Spanned<String>>,
    pub(crate) window: Option<Spanned<Window>>,
    pub(crate) rate: Option<Spanned<f64>>,
    #[serde(default)]
    pub(crate) spread_ties: bool,
    /// Whether the comparison goes on without this trace if its file is absent.
    #[serde(default)]
    pub(crate) may_be_absent: bool,
}

/// One system of a comparison: its name, and its changes to `[system]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompareSystem {
    pub(crate) name: Spanned<String>,
    #[serde(default)]
    pub(crate) set: Settings,
}

/// One `[[engine_run]]` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EngineRun {
    pub(crate) file: Spanned<String>,
    /// The folder of the folders of operator times that its header names.
    pub(crate) profiles: Option<Spanned<String>>,
    /// Whether the experiment goes on without this run if its file is absent.
    #[serde(default)]
    pub(crate) may_be_absent: bool,
}

/// `[group_ttl]` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupTtl {
    pub(crate) groups: Spanned<u16>,
    pub(crate) storage_shares: Spanned<Vec<f64>>,
    pub(crate) window: Spanned<String>,
    pub(crate) methods: Vec<Spanned<String>>,
    pub(crate) case: Vec<Spanned<GroupTtlCase>>,
    #[serde(default)]
    pub(crate) claim: Vec<GroupTtlClaim>,
}

/// One trace, and its changes to `[system]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupTtlCase {
    pub(crate) name: String,
    pub(crate) trace: Trace,
    /// Whether the experiment goes on without this case if the trace's file is absent.
    #[serde(default)]
    pub(crate) may_be_absent: bool,
    #[serde(default)]
    pub(crate) set: Settings,
}

/// A `[[group_ttl.claim]]` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupTtlClaim {
    pub(crate) id: String,
    pub(crate) says: String,
    /// The figure claimed [%]. `None` where the paper gives no figure.
    pub(crate) paper: Option<f64>,
    pub(crate) accept: Spanned<[f64; 2]>,
    pub(crate) case: Spanned<String>,
    pub(crate) part: Spanned<String>,
    pub(crate) tuned: Spanned<String>,
    pub(crate) method: String,
    pub(crate) figure: Spanned<String>,
}

/// `[reuse]` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reuse {
    pub(crate) block_tokens: Spanned<Vec<u32>>,
    #[serde(default)]
    pub(crate) trace: BTreeMap<Spanned<String>, Trace>,
    #[serde(default)]
    pub(crate) claim: Vec<ReuseClaim>,
}

/// A `[[reuse.claim]]` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReuseClaim {
    pub(crate) id: String,
    pub(crate) says: String,
    /// The figure claimed [%].
    pub(crate) paper: f64,
    pub(crate) accept: Spanned<[f64; 2]>,
    pub(crate) trace: Spanned<String>,
    pub(crate) block_tokens: Spanned<u32>,
    pub(crate) figure: Spanned<String>,
}
