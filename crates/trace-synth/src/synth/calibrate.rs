//! How near a recipe's trace comes to the published figures it stands for.

use std::collections::BTreeMap;

use kv_core::Trace;
use serde::{Deserialize, Serialize};

use super::{embedded, synthesise};
use crate::{LruHits, describe};

const TARGETS: &str = include_str!("../../../../datasets/recipes/targets.toml");

/// Published figures by name, and where they come from.
#[derive(Debug, Deserialize)]
struct Targets {
    source: String,
    #[serde(flatten)]
    figures: BTreeMap<String, f64>,
}

/// One figure of a recipe's trace beside the published one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalibrationRow {
    /// The figure, its unit last.
    pub figure: &'static str,
    /// As published.
    pub target: f64,
    /// Of the recipe's trace.
    pub ours: f64,
    /// In percentage points for shares, in per cent for the rest.
    pub error: f64,
    /// Whether the figure is a share, compared by difference, or a size, compared by ratio.
    pub share: bool,
    /// The error allowed, in the same unit; `None` where the figure is shown and not aimed at.
    pub within: Option<f64>,
}

impl CalibrationRow {
    /// The unit of the error.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        if self.share { "pp" } else { "%" }
    }

    /// Whether the error is within what is allowed.
    #[must_use]
    pub fn met(&self) -> bool {
        self.within.is_none_or(|within| self.error.abs() <= within)
    }
}

/// A recipe's table of target, ours and error.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// The recipe's name.
    pub recipe: String,
    /// Where the targets come from.
    pub source: String,
    /// The figures, as far as there are targets.
    pub rows: Vec<CalibrationRow>,
}

/// Makes an embedded recipe's trace of a seed and compares it with its targets; `None` for a recipe without any.
///
/// # Panics
/// Never: recipes and targets are embedded and tested.
#[must_use]
pub fn calibration(recipe: &str, seed: u64) -> Option<Calibration> {
    let mut targets: BTreeMap<String, Targets> =
        toml::from_str(TARGETS).expect("embedded targets are tested");
    let targets = targets.remove(recipe)?;
    let trace = synthesise(&embedded(recipe)?, seed).expect("embedded recipes are tested");
    let known: Vec<_> = figures(&trace);
    let unknown = targets.figures.keys().find(|name| known.iter().all(|figure| figure.0 != name.as_str()));
    assert_eq!(unknown, None, "a target without a figure");
    let rows = known.into_iter().filter_map(|(figure, ours, kind)| {
        let target = *targets.figures.get(figure)?;
        let ours = ours?;
        let error = match kind {
            Kind::Share(_) => (ours - target) * 100.0,
            Kind::Size(_) => (ours / target - 1.0) * 100.0,
        };
        let (Kind::Share(within) | Kind::Size(within)) = kind;
        let share = matches!(kind, Kind::Share(_));
        Some(CalibrationRow { figure, target, ours, error, share, within })
    });
    Some(Calibration {
        recipe: recipe.to_owned(),
        source: targets.source.trim().to_owned(),
        rows: rows.collect(),
    })
}

/// How a figure is compared, and within what: in percentage points, or in per cent.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Share(Option<f64>),
    Size(Option<f64>),
}

const IDEAL_HIT: Kind = Kind::Share(Some(1.0));
const LRU_HIT: Kind = Kind::Share(Some(3.0));
const SPLIT: Kind = Kind::Share(Some(3.0));
const QUANTILE: Kind = Kind::Size(Some(15.0));

/// Every figure that may have a target; `None` where the trace has no such thing.
fn figures(trace: &Trace) -> Vec<(&'static str, Option<f64>, Kind)> {
    let d = describe(trace);
    let reuse = d.reuse.as_ref();
    let lru = |of: fn(&LruHits) -> f64| reuse.map(|reuse| of(&reuse.lru_hit_ratio));
    let (input, output) = (d.input_length_tokens, d.output_length_tokens);
    let sessions = d.sessions.as_ref();
    let gap = sessions.and_then(|s| s.gap_s);
    let split = reuse.and_then(|reuse| reuse.by_session);
    #[expect(clippy::cast_precision_loss, reason = "a count below 2^53")]
    let requests = d.requests as f64;
    vec![
        ("requests", Some(requests), QUANTILE),
        ("input_mean_tokens", Some(input.mean), QUANTILE),
        ("input_p50_tokens", Some(input.p50), QUANTILE),
        ("input_p99_tokens", Some(input.p99), QUANTILE),
        ("output_mean_tokens", Some(output.mean), QUANTILE),
        ("output_p50_tokens", Some(output.p50), QUANTILE),
        ("output_p99_tokens", Some(output.p99), QUANTILE),
        ("single_request_session_share", sessions.map(|s| s.single_request_share), SPLIT),
        ("followup_request_share", sessions.map(|s| s.followup_request_share), SPLIT),
        ("gap_p50_s", gap.map(|g| g.p50), QUANTILE),
        ("gap_p90_s", gap.map(|g| g.p90), QUANTILE),
        ("ideal_block_hit", d.ideal_hit_ratio, IDEAL_HIT),
        ("lru_hit_at_1pct", lru(|hits| hits.at_1pct), LRU_HIT),
        ("lru_hit_at_5pct", lru(|hits| hits.at_5pct), LRU_HIT),
        ("lru_hit_at_10pct", lru(|hits| hits.at_10pct), LRU_HIT),
        ("lru_hit_at_25pct", lru(|hits| hits.at_25pct), LRU_HIT),
        ("lru_hit_at_50pct", lru(|hits| hits.at_50pct), LRU_HIT),
        ("same_session_hit_share", split.map(|s| s.same_session_hit_share), SPLIT),
        ("ideal_hit_single_request", split.map(|s| s.ideal_hit_ratio_single_request), SPLIT),
        ("ideal_hit_multi_request", split.map(|s| s.ideal_hit_ratio_multi_request), SPLIT),
        ("reused_block_share", reuse.map(|reuse| reuse.reused_block_share), Kind::Share(None)),
        ("first_reuse_p50_s", reuse.and_then(|reuse| reuse.first_interval_s).map(|i| i.p50), QUANTILE),
        ("block_share_for_90pct_hits", reuse.map(|reuse| reuse.block_share_for_90pct_hits), QUANTILE),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as people read it; made again with `INSTA_UPDATE=always`.
    #[test]
    fn recipes_meet_their_targets() {
        let mut text = String::new();
        for recipe in super::super::embedded_names() {
            let table = calibration(recipe, crate::synth::DEFAULT_SEED).expect("every recipe has targets");
            text += &format!("{recipe}\n");
            for row in &table.rows {
                let unit = row.unit();
                let within = row.within.map_or_else(|| "shown".to_owned(), |w| format!("{w} {unit}"));
                assert!(row.met(), "{recipe}: {row:?}");
                let line = format!(
                    "  {:30} {:>10.4} {:>12.4} {:>+8.2} {unit:2} {within:>6}",
                    row.figure, row.target, row.ours, row.error
                );
                text += line.trim_end();
                text.push('\n');
            }
        }
        insta::assert_snapshot!(text);
    }
}
