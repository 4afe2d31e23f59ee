//! An experiment file as it is written: names, numbers and texts with their places, nothing resolved.
//!
//! Unknown keys are refused here. What a value means, and whether it is possible, is checked in [`super::plan`] and
//! its neighbours; `experiments/FORMAT.md` is the document for people.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use toml::Spanned;

/// A whole file. A scenario is the same with `[system]` and perhaps `[trace]` only.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) question: Option<String>,
    pub(crate) analysis: Option<String>,
    #[serde(default)]
    pub(crate) seed: u64,
    pub(crate) trace: Option<Trace>,
    pub(crate) system: System,
    #[serde(default)]
    pub(crate) configuration: Vec<super::configuration::Wire>,
    #[serde(default)]
    pub(crate) axes: Axes,
    pub(crate) search: Option<Search>,
    pub(crate) scenario: Option<Vec<Spanned<super::robust::Wire>>>,
    pub(crate) uncertainty: Option<Spanned<super::uncertainty::Wire>>,
    pub(crate) cases: Option<Spanned<super::cases::Wire>>,
    pub(crate) baseline: Option<Spanned<Settings>>,
    #[serde(default)]
    pub(crate) constraint: Vec<Spanned<Constraint>>,
    #[serde(default)]
    pub(crate) claim: Vec<Claim>,
    pub(crate) group_ttl: Option<crate::ttl::Wire>,
    pub(crate) compare: Option<super::comparison::Wire>,
    pub(crate) smoke: Option<Scale>,
    pub(crate) full: Option<Scale>,
}

impl File {
    /// The first table that only a search has, and its place.
    pub(crate) fn of_a_search_only(&self) -> Option<(&'static str, std::ops::Range<usize>)> {
        let scenario = self.scenario.iter().flatten().next().map(|it| ("`[[scenario]]`", it.span()));
        scenario.or_else(|| self.uncertainty.as_ref().map(|it| ("`[uncertainty]`", it.span())))
    }
}

/// Where requests come from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trace {
    pub(crate) file: Option<Spanned<String>>,
    pub(crate) block_tokens: Option<Spanned<u32>>,
    pub(crate) recipe: Option<Spanned<String>>,
    pub(crate) seed: Option<u64>,
    #[serde(default)]
    pub(crate) spread_ties: bool,
    pub(crate) window: Option<Spanned<Window>>,
    pub(crate) rate: Option<Spanned<f64>>,
}

/// A part of a trace.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Window {
    pub(crate) from: Spanned<String>,
    pub(crate) length: Spanned<String>,
}

/// What is simulated.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct System {
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
    pub(crate) eviction: Option<Spanned<super::policy::Wire>>,
    pub(crate) lease: Option<Spanned<super::policy::Wire>>,
    pub(crate) write: Option<Spanned<String>>,
    pub(crate) write_backlog: Option<Spanned<String>>,
    pub(crate) contents: Option<Spanned<String>>,
    pub(crate) load: Option<Spanned<String>>,
    pub(crate) sharing: Option<Spanned<String>>,
    pub(crate) prefetch: Option<Prefetch>,
}

/// How blocks climb while a request waits.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prefetch {
    pub(crate) start: Option<Spanned<String>>,
    pub(crate) min_tokens: Option<u32>,
    pub(crate) stop: Option<Spanned<String>>,
    pub(crate) timeout_base: Option<Spanned<String>>,
    pub(crate) timeout_per_token: Option<Spanned<String>>,
}

/// How points are chosen.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    pub(crate) name: Spanned<String>,
    pub(crate) evaluations: Option<usize>,
    pub(crate) front: Option<Spanned<String>>,
    pub(crate) objectives: Option<Spanned<Vec<String>>>,
    /// Every other key: a parameter of the search, if it declares one of that name.
    pub(super) params: Vec<(Spanned<String>, Spanned<super::policy::Value>)>,
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

/// What the paper says, and what we would accept as the same.
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

/// How a claim's figure is measured. Externally tagged, so that mistakes keep their place.
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

/// What one scale changes of the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scale {
    pub(crate) window: Option<Spanned<Window>>,
    pub(crate) evaluations: Option<usize>,
    /// Of a comparison.
    pub(crate) seeds: Option<Spanned<u64>>,
    #[serde(default)]
    pub(crate) axes: Axes,
}

/// Values of an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AxisValues {
    /// `{ from, to, step }`.
    Range { from: i64, to: i64, step: i64 },
    /// `[0, 512, 1024]`.
    Integers(Vec<i64>),
    /// `["nvme", "essd-pl1"]`.
    Names(Vec<String>),
}

/// Axes in the order of the file: the last moves fastest.
pub(crate) type AxisTable = Vec<(Spanned<String>, Spanned<AxisValues>)>;

/// The `[axes]` table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Axes(pub(crate) AxisTable);

/// The value of one setting: an integer or a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SettingValue {
    /// In the unit that the setting's name ends with.
    Integer(i64),
    /// A category.
    Name(String),
}

/// A table of settings, such as one point of the space.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings(pub(crate) BTreeMap<String, SettingValue>);

impl fmt::Display for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => value.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

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
        // The parser hands tables over by name; the file's order is the order of the places.
        axes.sort_by_key(|(name, _)| name.span().start);
        Ok(Self(axes))
    }
}

impl<'de> Deserialize<'de> for AxisValues {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Range {
            from: i64,
            to: i64,
            step: i64,
        }
        struct ValuesVisitor;
        impl<'de> Visitor<'de> for ValuesVisitor {
            type Value = AxisValues;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of integers, a list of names, or `{ from, to, step }`")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AxisValues, A::Error> {
                let Range { from, to, step } =
                    Range::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(AxisValues::Range { from, to, step })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<AxisValues, A::Error> {
                let (mut integers, mut names) = (Vec::new(), Vec::new());
                while let Some(value) = seq.next_element::<SettingValue>()? {
                    match value {
                        SettingValue::Integer(value) => integers.push(value),
                        SettingValue::Name(name) => names.push(name),
                    }
                }
                match (integers.is_empty(), names.is_empty()) {
                    (false, false) => Err(A::Error::custom("an axis has integers or names, not both")),
                    (_, true) => Ok(AxisValues::Integers(integers)),
                    (true, false) => Ok(AxisValues::Names(names)),
                }
            }
        }
        deserializer.deserialize_any(ValuesVisitor)
    }
}

impl<'de> Deserialize<'de> for SettingValue {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl Visitor<'_> for ValueVisitor {
            type Value = SettingValue;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an integer or a name")
            }
            fn visit_i64<E>(self, value: i64) -> Result<SettingValue, E> {
                Ok(SettingValue::Integer(value))
            }
            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<SettingValue, E> {
                i64::try_from(value).map(SettingValue::Integer).map_err(E::custom)
            }
            fn visit_str<E>(self, value: &str) -> Result<SettingValue, E> {
                Ok(SettingValue::Name(value.to_owned()))
            }
        }
        deserializer.deserialize_any(ValueVisitor)
    }
}

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self)
    }
}
