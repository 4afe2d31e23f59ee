//! Claims about recovery: what somebody says, beside the configuration for which it is most true.

use deployment::{Problem, Source, Table, choose};

use super::recovery::Recovered;
use crate::file::TimelineClaim;
use crate::verdict::{ClaimRow, InRegimes, Verdict, judge};

/// The figure that a claim is about. More of it is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Figure {
    /// How much lower the hit ratio is at the end after a surge than without one \[percentage points\].
    HitRatioLost,
    /// How much lower it is after a cold start than after a warm one \[percentage points\].
    HitRatioApart,
    /// How long hits take to come back after the surge; all that is left where they do not \[min\].
    HitsBack,
    /// How long TTFT takes \[min\].
    TtftBack,
}

const FIGURES: Table<Figure> = &[
    ("hit-ratio-lost", Figure::HitRatioLost),
    ("hit-ratio-apart", Figure::HitRatioApart),
    ("hits-back-min", Figure::HitsBack),
    ("ttft-back-min", Figure::TtftBack),
];

/// A resolved claim.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    id: String,
    says: String,
    paper: f64,
    unit: String,
    accept: [f64; 2],
    figure: Figure,
}

impl Claim {
    /// Resolves a `[[timeline.claim]]`.
    pub(crate) fn new(source: &Source, wire: &TimelineClaim) -> Result<Self, Problem> {
        let accept = *wire.accept.get_ref();
        if accept[0] > accept[1] || accept.iter().any(|bound| !bound.is_finite()) {
            let message = format!("accept is [{}, {}]; allowed: [least, most]", accept[0], accept[1]);
            return Err(source.error(wire.accept.span(), message, "here"));
        }
        let wrong = |message| source.error(wire.figure.span(), message, "here");
        Ok(Self {
            id: wire.id.clone(),
            says: wire.says.clone(),
            paper: wire.paper,
            unit: wire.unit.clone(),
            accept,
            figure: choose(FIGURES, "figure", wire.figure.get_ref()).map_err(wrong)?,
        })
    }

    fn measure(&self, found: &Recovered, window_min: f64) -> Option<f64> {
        let minutes = |windows: Option<u32>| window_min * f64::from(windows.unwrap_or(found.windows_left));
        match self.figure {
            Figure::HitRatioLost => Some(100.0 * found.hit_ratio_lost()?),
            Figure::HitRatioApart => Some(100.0 * found.hit_ratio_apart()?),
            Figure::HitsBack => Some(minutes(found.after_surge[0])),
            Figure::TtftBack => Some(minutes(found.after_surge[1])),
        }
    }

    /// The claim with the largest figure of all rows. A row has its key, what became of it, and the length of its windows
    /// \[min\].
    pub(crate) fn row(&self, rows: &[(String, Recovered, f64)]) -> ClaimRow<'_> {
        let figures: Vec<(&String, f64)> = rows
            .iter()
            .filter_map(|(key, found, window_min)| Some((key, self.measure(found, *window_min)?)))
            .collect();
        // Of equals the first.
        let most = figures.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1));
        let of = |value: f64| judge(self.paper, self.accept, Some(value));
        ClaimRow {
            id: &self.id,
            says: &self.says,
            unit: &self.unit,
            paper: Some(self.paper),
            accept: self.accept,
            ours: most.map(|(_, value)| *value),
            verdict: most.map_or(Verdict::NotMeasured, |(_, value)| of(*value)),
            in_regimes: Some(InRegimes {
                best: most.map(|(key, _)| (*key).clone()).unwrap_or_default(),
                met: figures.iter().filter(|(_, value)| of(*value).is_met()).count(),
                regimes: figures.len(),
            }),
        }
    }
}
