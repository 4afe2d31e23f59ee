//! The part of a manifest about a timeline.

use serde::{Deserialize, Serialize};

use super::entries::{RefusedEntry, TraceEntry};
use crate::plan::TimelinePlan;
use crate::timeline::{Asks, FIGURES, content_name};

/// A timeline: its loads, and what was asked of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimelineEntry {
    /// Currency of all amounts.
    pub currency: String,
    /// The axes of the configurations.
    pub axes: Vec<String>,
    /// Loads whose trace is absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// How a configuration was chosen for each window, where that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<ChoiceEntry>,
    /// When a window counted as recovered, where that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<RecoveryEntry>,
    /// The loads.
    pub load: Vec<LoadEntry>,
}

/// The rules of choosing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceEntry {
    /// The figure that has a limit.
    pub figure: String,
    /// The limit \[s\].
    pub at_most_s: f64,
    /// How long a window stands for \[h\].
    pub window_h: f64,
    /// What a switch leaves of the caches: `lost`, `kept`. Each was tried.
    pub content: Vec<String>,
    /// How long an instance is paid for before it serves \[h\].
    pub boot_h: f64,
}

/// The rules of coming back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryEntry {
    /// The hit ratio is lower by this much at most.
    pub hit_ratio_within: f64,
    /// Mean TTFT is so many times as long at most.
    pub ttft_at_most_times: f64,
    /// So many windows in a row.
    pub windows: u32,
}

/// A load over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadEntry {
    /// Its name in the file.
    pub name: String,
    /// File of its runs, in the record's folder.
    pub archive: String,
    /// How many windows it has.
    pub windows: u32,
    /// The length of a window \[s\].
    pub window_s: f64,
    /// The first window of its surge, and the first after it, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surge: Option<[u32; 2]>,
    /// Names the trace, the system and the windows of its runs.
    pub fingerprint: String,
    /// What the engine refuses, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<RefusedEntry>,
    /// What was replayed, with the surge if there is one.
    pub trace: TraceEntry,
}

impl TimelineEntry {
    /// The entry of loads that were run.
    pub(crate) fn new(plan: &TimelinePlan, load: Vec<LoadEntry>) -> Self {
        let (mut choice, mut recovery) = (None, None);
        match &plan.asks {
            Asks::Choice(rules) => {
                let figure = FIGURES.iter().find(|(_, known)| *known == rules.figure);
                choice = Some(ChoiceEntry {
                    figure: figure.expect("every figure has a name").0.to_owned(),
                    at_most_s: rules.at_most_s,
                    window_h: rules.window_h,
                    content: rules.content.iter().map(|it| content_name(*it).to_owned()).collect(),
                    boot_h: rules.boot_h,
                });
            }
            Asks::Recovery(rules) => {
                recovery = Some(RecoveryEntry {
                    hit_ratio_within: rules.hit_ratio_within,
                    ttft_at_most_times: rules.ttft_at_most_times,
                    windows: rules.windows,
                });
            }
        }
        Self {
            currency: plan.system.currency(),
            axes: plan.space.axes().iter().map(|axis| axis.name.clone()).collect(),
            absent: plan.absent.clone(),
            choice,
            recovery,
            load,
        }
    }
}
