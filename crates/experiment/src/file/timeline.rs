//! `[timeline]` as it is written: loads over time, and what is asked of their windows.

use serde::Deserialize;
use toml::Spanned;

use super::Trace;

/// `[timeline]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Timeline {
    pub(crate) load: Vec<Spanned<Load>>,
    pub(crate) choice: Option<Spanned<Choice>>,
    pub(crate) recovery: Option<Spanned<Recovery>>,
    #[serde(default)]
    pub(crate) claim: Vec<TimelineClaim>,
}

/// `[[timeline.load]]`: a trace, and how many sessions come in each of its windows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Load {
    pub(crate) name: Spanned<String>,
    pub(crate) trace: Trace,
    /// Whether the experiment goes on without this load if the trace's file is absent.
    #[serde(default)]
    pub(crate) may_be_absent: bool,
    /// How many windows the trace has.
    pub(crate) windows: Spanned<u32>,
    /// Sessions that begin come so many times.
    pub(crate) sessions: Option<Spanned<OneOrEach>>,
    pub(crate) surge: Option<Spanned<TimelineSurge>>,
}

/// One factor for all windows, or one for each.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrEach {
    One(f64),
    Each(Vec<f64>),
}

/// `surge` of a load, in windows counted from 1.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimelineSurge {
    pub(crate) factor: f64,
    pub(crate) first: u32,
    pub(crate) windows: u32,
}

/// `[timeline.choice]`: which configuration a window is given, and what a switch costs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    pub(crate) figure: Spanned<String>,
    pub(crate) at_most: Spanned<f64>,
    pub(crate) window_is: Spanned<String>,
    pub(crate) names: Option<Spanned<Vec<String>>>,
    pub(crate) content: Option<Spanned<Vec<String>>>,
    pub(crate) boot: Option<Spanned<String>>,
}

/// `[timeline.recovery]`: when a window counts as good as if there had been no surge.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recovery {
    pub(crate) hit_ratio_within: Spanned<f64>,
    pub(crate) ttft_at_most_times: Spanned<f64>,
    pub(crate) windows: Spanned<u32>,
}

/// A `[[timeline.claim]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimelineClaim {
    pub(crate) id: String,
    pub(crate) says: String,
    pub(crate) paper: f64,
    pub(crate) unit: String,
    pub(crate) accept: Spanned<[f64; 2]>,
    pub(crate) figure: Spanned<String>,
}
