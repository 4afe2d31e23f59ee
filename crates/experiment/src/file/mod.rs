//! An experiment file as it is written: names, numbers and texts with their places. Nothing is resolved yet.
//!
//! This module refuses unknown keys, and tables that the kind of experiment does not have. [`crate::plan`] checks what
//! a value means and whether it is possible. `experiments/FORMAT.md` is the document for people.

mod kind;
mod kinds;
mod timeline;

use std::fmt;

use deployment::{AxisValues, ConfigurationFile, Settings, SystemFile, Value};
use serde::Deserialize;
use serde::de::{Error as _, MapAccess, Visitor};
use toml::Spanned;

pub use kind::Kind;
pub(crate) use kinds::{
    Cases, Compare, EngineRun, GroupTtl, GroupTtlCase, GroupTtlClaim, Reuse, ReuseClaim, Scenario,
    Sensitivity, Surge, Uncertainty,
};
pub(crate) use timeline::{Choice, Load, OneOrEach, Recovery, Timeline, TimelineClaim, TimelineSurge};

/// A whole file, before its kind is known.
///
/// Every table is optional here. [`File::kind`] says which kind of experiment the file is, and refuses tables of other
/// kinds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) question: Option<String>,
    pub(crate) analysis: Option<String>,
    #[serde(default)]
    pub(crate) seed: u64,
    pub(crate) trace: Option<Spanned<Trace>>,
    /// Every kind that simulates a deployment has it: see [`File::system`].
    pub(crate) system: Option<Spanned<SystemFile>>,
    #[serde(default)]
    pub(crate) configuration: Vec<ConfigurationFile>,
    pub(crate) axes: Option<Spanned<Axes>>,
    pub(crate) search: Option<Spanned<Search>>,
    pub(crate) scenario: Option<Vec<Spanned<Scenario>>>,
    pub(crate) uncertainty: Option<Spanned<Uncertainty>>,
    pub(crate) sensitivity: Option<Spanned<Sensitivity>>,
    pub(crate) cases: Option<Spanned<Cases>>,
    pub(crate) baseline: Option<Spanned<Settings>>,
    #[serde(default)]
    pub(crate) constraint: Vec<Spanned<Constraint>>,
    #[serde(default)]
    pub(crate) claim: Vec<Spanned<Claim>>,
    pub(crate) group_ttl: Option<Spanned<GroupTtl>>,
    pub(crate) compare: Option<Spanned<Compare>>,
    pub(crate) reuse: Option<Spanned<Reuse>>,
    pub(crate) timeline: Option<Spanned<Timeline>>,
    pub(crate) engine_run: Option<Vec<Spanned<EngineRun>>>,
    pub(crate) smoke: Option<Spanned<ScaleChanges>>,
    pub(crate) full: Option<Spanned<ScaleChanges>>,
}

/// Where requests come from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trace {
    pub(crate) file: Option<Spanned<String>>,
    pub(crate) block_tokens: Option<Spanned<u32>>,
    pub(crate) format: Option<Spanned<String>>,
    pub(crate) time_unit: Option<Spanned<String>>,
    pub(crate) ids: Option<Spanned<String>>,
    pub(crate) recipe: Option<Spanned<String>>,
    pub(crate) seed: Option<u64>,
    /// Length of a recipe's trace.
    pub(crate) duration: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) spread_ties: bool,
    pub(crate) window: Option<Spanned<Window>>,
    pub(crate) rate: Option<Spanned<f64>>,
    /// Of a trace of cases: whether the experiment goes on without it if its file is absent.
    pub(crate) may_be_absent: Option<Spanned<bool>>,
}

/// A part of a trace.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Window {
    pub(crate) from: Spanned<String>,
    pub(crate) length: Spanned<String>,
}

/// How points are chosen.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    pub(crate) name: Spanned<String>,
    pub(crate) evaluations: Option<usize>,
    pub(crate) front: Option<Spanned<String>>,
    pub(crate) objectives: Option<Spanned<Vec<String>>>,
    /// Every other key: a parameter of the search, if it declares one of that name.
    pub(crate) params: Vec<(Spanned<String>, Spanned<Value>)>,
}

/// The keys of `[search]` that every search has.
pub(crate) const SEARCH_KEYS: [&str; 4] = ["name", "evaluations", "front", "objectives"];

/// A limit that a recommended configuration keeps.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Constraint {
    pub(crate) figure: String,
    pub(crate) at_most: Option<f64>,
    pub(crate) at_least: Option<f64>,
}

/// What the paper says, and the band of our figure that we would accept as the same.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claim {
    pub(crate) id: Spanned<String>,
    pub(crate) says: String,
    pub(crate) paper: Spanned<f64>,
    pub(crate) unit: String,
    pub(crate) accept: Spanned<[f64; 2]>,
    pub(crate) metric: Metric,
}

/// How a claim's figure is measured. The enum is externally tagged, so that mistakes keep their place.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Metric {
    /// Improvement [%] of the best evaluated point over the baseline in one figure.
    BestImprovement(Spanned<String>),
    /// The figure at one point.
    At(Spanned<MetricAt>),
    /// Change [%] of a figure from one point to another.
    Change(Spanned<MetricChange>),
    /// A count of the search itself: `evaluations` or `front_points`.
    Search(Spanned<String>),
    /// Of cases with `against`: a share of the cases, `queue-longer-where-faster` or `faster-where-queue-longer`.
    Against(Spanned<String>),
}

/// See [`Metric::At`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetricAt {
    pub(crate) figure: String,
    pub(crate) point: Settings,
}

/// See [`Metric::Change`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetricChange {
    pub(crate) figure: String,
    pub(crate) from: Settings,
    pub(crate) to: Settings,
}

/// The changes of one scale to the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScaleChanges {
    pub(crate) window: Option<Spanned<Window>>,
    pub(crate) evaluations: Option<Spanned<usize>>,
    /// The seeds of a comparison.
    pub(crate) seeds: Option<Spanned<u64>>,
    pub(crate) axes: Option<Spanned<Axes>>,
    /// The block sizes of reuse.
    pub(crate) block_tokens: Option<Spanned<Vec<u32>>>,
    /// How many recorded runs, from the first.
    pub(crate) runs: Option<Spanned<usize>>,
}

/// Axes in the order of the file. The last axis moves fastest.
pub(crate) type AxisTable = Vec<(Spanned<String>, Spanned<AxisValues>)>;

/// The `[axes]` table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Axes(pub(crate) AxisTable);

impl<'de> Deserialize<'de> for Search {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SearchVisitor;
        impl<'de> Visitor<'de> for SearchVisitor {
            type Value = Search;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of a search's name and parameters")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Search, A::Error> {
                let (mut name, mut evaluations, mut front, mut objectives) = (None, None, None, None);
                let mut params = Vec::new();
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    match key.get_ref().as_str() {
                        "name" => name = Some(map.next_value()?),
                        "evaluations" => evaluations = Some(map.next_value()?),
                        "front" => front = Some(map.next_value()?),
                        "objectives" => objectives = Some(map.next_value()?),
                        _ => params.push((key, map.next_value()?)),
                    }
                }
                let name = name.ok_or_else(|| A::Error::missing_field("name"))?;
                Ok(Search { name, evaluations, front, objectives, params })
            }
        }
        deserializer.deserialize_map(SearchVisitor)
    }
}

impl<'de> Deserialize<'de> for Axes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AxesVisitor;
        impl<'de> Visitor<'de> for AxesVisitor {
            type Value = AxisTable;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of axes, such as `dram_gib = { from = 0, to = 2048, step = 128 }`")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut axes = Vec::new();
                while let Some(entry) = map.next_entry::<Spanned<String>, Spanned<AxisValues>>()? {
                    axes.push(entry);
                }
                Ok(axes)
            }
        }
        let mut axes = deserializer.deserialize_map(AxesVisitor)?;
        // The parser hands tables over by name. The order of the places is the file's order.
        axes.sort_by_key(|(name, _)| name.span().start);
        Ok(Self(axes))
    }
}
