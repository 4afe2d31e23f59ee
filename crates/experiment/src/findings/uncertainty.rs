//! How far the listed figures may be off, and which assumption matters most.

use deployment::FIGURES;
use kareto::picks::{Change, Constraint, Pick};
use kareto::recommend::as_good_percent;
use kareto::robust::joint::slice;
use kareto::robust::{AggregateError, Weighing};
use kareto::uncertainty::{Interval, better, figures};
use kareto::{Archive, Point};

use super::prices::{NOTICEABLE_PERCENT, PRICE_FACTORS, at_another_price, cost_parts};
use super::{Listed, Scenarios};

/// The figures that have an interval, and their names for people.
pub const INTERVALS: [(&str, &str); 4] = [
    ("ttft_s_mean", "mean TTFT"),
    ("ttft_s_p99", "p99 TTFT"),
    ("throughput_tokens_per_s", "throughput"),
    ("cost", "cost"),
];

/// Evaluations under variations, of points of the design space.
pub struct Uncertainty {
    /// One archive for each resample of the users.
    pub resamples: Vec<Archive>,
    /// One archive for each assumption.
    pub assumptions: Vec<(String, Archive)>,
    /// One archive for each price. It has all points, because a price needs no simulation.
    prices: Vec<(String, Archive)>,
}

impl Uncertainty {
    /// Splits archives whose first axis is the variation. Scenarios are combined into one figure.
    pub(crate) fn new(
        resampled: &Archive,
        resamples: usize,
        assumed: &Archive,
        assumptions: Vec<String>,
        weighing: Option<&Weighing>,
    ) -> Result<Self, AggregateError> {
        let parted = |joint: &Archive, count: usize| {
            let part = |position: u32| match weighing {
                Some(weighing) => weighing.aggregated(&slice(joint, position)),
                None => Ok(slice(joint, position)),
            };
            (0..).take(count).map(part).collect::<Result<Vec<_>, _>>()
        };
        let assumed = parted(assumed, assumptions.len())?;
        Ok(Self {
            resamples: parted(resampled, resamples)?,
            assumptions: assumptions.into_iter().zip(assumed).collect(),
            prices: Vec::new(),
        })
    }

    /// Adds everything that was evaluated, at other prices. Each time one price differs.
    pub(crate) fn with_prices(mut self, kept: &Archive, scenarios: Option<&Scenarios>) -> Self {
        let parts = kept.iter().next().map(|(_, it)| cost_parts(it)).unwrap_or_default();
        let priced = |part: &str, factor: f64| {
            (format!("{part}-price-x{factor}"), at_another_price(kept, scenarios, part, factor))
        };
        self.prices =
            parts.iter().flat_map(|part| PRICE_FACTORS.map(|factor| priced(part, factor))).collect();
        self
    }

    /// The interval that holds a figure of a point in 95 % of the resamples.
    #[must_use]
    pub fn interval(&self, point: &Point, figure: &str) -> Option<Interval> {
        Interval::of(&figures(&self.resamples, point, figure)?)
    }

    /// Where another sample of the same users puts the choice, and which listed configurations may differ from the
    /// choice by noise only.
    pub(super) fn noise(&self, listed: &[Listed], chosen: &Pick) -> Option<Noise> {
        let [ttft_s, _, throughput, cost] = INTERVALS.map(|(figure, _)| self.interval(&chosen.point, figure));
        let (ttft_s, throughput, cost) = (ttft_s?, throughput?, cost?);
        let mut told: Vec<&Point> = vec![&chosen.point];
        let mut overlaps = Vec::new();
        for row in listed {
            if told.contains(&&row.point) {
                continue;
            }
            told.push(&row.point);
            let overlapping = INTERVALS.iter().filter_map(|(figure, name)| {
                let [here, there] =
                    [&chosen.point, &row.point].map(|point| figures(&self.resamples, point, figure));
                let (here, there) = (here?, there?);
                let overlap = Interval::of(&here)?.overlaps(&Interval::of(&there)?);
                let sense = FIGURES.sense(figure)?;
                overlap.then(|| (*name, better(sense, &here, &there)))
            });
            let (title, point) = (row.title, row.point.clone());
            overlaps.push(Overlap { title, point, figures: overlapping.collect() });
        }
        Some(Noise { resamples: self.resamples.len(), ttft_s, throughput, cost, overlaps })
    }

    /// The configurations that were simulated under other assumptions, under each assumption and at each price. Each is
    /// compared with itself without the assumption.
    pub(super) fn assumed(&self, kept: &Archive, constraints: &[Constraint]) -> Vec<Assumed> {
        let Some((_, tried)) = self.assumptions.first() else { return Vec::new() };
        let mut rows = Vec::new();
        for (name, under) in self.assumptions.iter().chain(&self.prices) {
            for (point, _) in tried.iter() {
                let (Some(given), Some(evaluation)) = (kept.get(point), under.get(point)) else { continue };
                let o = &evaluation.objectives;
                rows.push(Assumed {
                    assumption: name.clone(),
                    point: point.clone(),
                    objectives: [o.ttft_s_mean(), o.throughput_tokens_per_s(), o.cost()],
                    change: Change::between(&given.objectives, o),
                    as_good: as_good_percent(under, point),
                    keeps: constraints.iter().all(|it| it.holds(evaluation).unwrap_or(false)),
                });
            }
        }
        rows
    }
}

/// How much of a choice may be noise.
pub struct Noise {
    /// How many resamples there are.
    pub resamples: usize,
    /// Mean TTFT \[s\] of the choice.
    pub ttft_s: Interval,
    /// Throughput \[tokens/s\] of the choice.
    pub throughput: Interval,
    /// Cost of the choice.
    pub cost: Interval,
    /// The other listed configurations.
    pub overlaps: Vec<Overlap>,
}

/// In which figures the intervals of the choice and of another configuration overlap.
pub struct Overlap {
    /// The other configuration.
    pub title: &'static str,
    /// The same as a point.
    pub point: Point,
    /// The names of the figures for people, and on how many resamples the choice is better in each.
    pub figures: Vec<(&'static str, usize)>,
}

/// A configuration under one assumption.
pub struct Assumed {
    /// The assumption by name.
    pub assumption: String,
    /// The configuration.
    pub point: Point,
    /// Mean TTFT \[s\], throughput \[tokens/s\], cost.
    pub objectives: [f64; 3],
    /// The change against the same configuration without the assumption.
    pub change: Change,
    /// The cheapest of the tried configurations that is as good, and by how much this one is dearer \[%\].
    pub as_good: (f64, Point),
    /// Whether it keeps the constraints.
    pub keeps: bool,
}

/// Which assumption moves a choice most.
pub struct AssumptionEffects {
    /// How many other assumptions were tried.
    pub tried: usize,
    /// The assumption that moves the mean TTFT most, and the mean TTFT under it \[s\].
    pub ttft: (String, f64),
    /// The assumption that moves the throughput most, and by how much \[%\].
    pub throughput: (String, f64),
    /// The assumption that moves the cost most, and by how much \[%\].
    pub cost: (String, f64),
    /// The assumptions under which the choice breaks the constraints.
    pub broken: Vec<String>,
    /// An assumption under which another of the tried configurations is as good and noticeably cheaper; by how much the
    /// choice is then dearer \[%\]; and that other configuration.
    pub moves: Option<(String, f64, Point)>,
}

impl AssumptionEffects {
    /// The effects on a choice. `None` where the choice was not tried.
    pub(super) fn of(rows: &[Assumed], chosen: &Pick) -> Option<Self> {
        let own: Vec<&Assumed> = rows.iter().filter(|row| row.point == chosen.point).collect();
        let most = |change: fn(&Change) -> Option<f64>| {
            let changes = own.iter().filter_map(|row| Some((row, change(&row.change)?)));
            changes.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
        };
        let ((ttft, _), (cost, cost_percent)) = (most(|it| it.ttft_percent)?, most(|it| it.cost_percent)?);
        let (throughput, throughput_percent) = most(|it| it.throughput_percent)?;
        let then = own.iter().find(|row| row.assumption == ttft.assumption)?.objectives[0];
        let worst = own.iter().max_by(|a, b| a.as_good.0.total_cmp(&b.as_good.0))?;
        let (percent, instead) = worst.as_good.clone();
        let moves = (percent > NOTICEABLE_PERCENT).then(|| (worst.assumption.clone(), percent, instead));
        Some(Self {
            tried: own.len(),
            ttft: (ttft.assumption.clone(), then),
            throughput: (throughput.assumption.clone(), throughput_percent),
            cost: (cost.assumption.clone(), cost_percent),
            broken: own.iter().filter(|row| !row.keeps).map(|row| row.assumption.clone()).collect(),
            moves,
        })
    }
}
