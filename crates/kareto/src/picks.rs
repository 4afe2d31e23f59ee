//! What to buy: the cheapest, the fastest, the highest throughput and the knee, under constraints.
//!
//! Picks are taken from all evaluated points that keep the constraints, not from the front alone: a point that is
//! dominated in the three objectives may be the only one that keeps a p99. Within the points that remain, every
//! pick is non-dominated. Which constraints a user wants is data from the experiment file.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::archive::Archive;
use crate::evaluate::Evaluation;
use crate::front::Front;
use crate::front::indicators::Scale;
use crate::objectives::{NAMES, Objectives};
use crate::space::Point;

/// A limit on an objective or metric: a latency SLO, a budget, a least throughput.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constraint {
    /// An objective (`ttft_s_mean`, `throughput_tokens_per_s`, `cost`) or a metric such as `ttft_s_p99`.
    pub figure: String,
    /// What it must keep to.
    pub bound: Bound,
}

/// The side and size of a limit, in the figure's unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// The figure may equal or be below it.
    AtMost(f64),
    /// The figure may equal or exceed it.
    AtLeast(f64),
}

/// A constraint on a figure that evaluations do not have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no figure `{figure}` to constrain; the figures are {known}")]
pub struct UnknownFigure {
    /// The name asked for.
    pub figure: String,
    /// The names there are.
    pub known: String,
}

impl Constraint {
    /// Whether an evaluation keeps the limit.
    ///
    /// # Errors
    /// If the evaluation has no such figure.
    pub fn holds(&self, evaluation: &Evaluation) -> Result<bool, UnknownFigure> {
        let value = evaluation.figure(&self.figure).ok_or_else(|| {
            let known: Vec<&str> =
                NAMES.into_iter().chain(evaluation.metrics.keys().map(String::as_str)).collect();
            UnknownFigure { figure: self.figure.clone(), known: known.join(", ") }
        })?;
        Ok(match self.bound {
            Bound::AtMost(limit) => value <= limit,
            Bound::AtLeast(limit) => value >= limit,
        })
    }
}

/// The part of an archive that keeps all constraints.
///
/// # Errors
/// If a constraint names a figure that an evaluation does not have.
pub fn feasible(archive: &Archive, constraints: &[Constraint]) -> Result<Archive, UnknownFigure> {
    let mut kept = archive.empty_like();
    for (point, evaluation) in archive.iter() {
        let mut holds = true;
        for constraint in constraints {
            holds &= constraint.holds(evaluation)?;
        }
        if holds {
            kept.insert(point.clone(), evaluation.clone()).expect("a point occurs once in an archive");
        }
    }
    Ok(kept)
}

/// The role in which a configuration is recommended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PickKind {
    /// Lowest cost; then lower TTFT, then higher throughput.
    Cheapest,
    /// Lowest mean TTFT; then lower cost, then higher throughput.
    Fastest,
    /// Highest throughput; then lower cost, then lower TTFT.
    HighestThroughput,
    /// The front point nearest to the ideal point, which has the best value of every objective on the front, after
    /// each objective has been scaled to 0..1 over the front; Euclidean. Of equally near ones the cheapest.
    Knee,
}

impl PickKind {
    /// All roles, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Cheapest, Self::Fastest, Self::HighestThroughput, Self::Knee];

    /// The role as records and reports write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cheapest => "cheapest",
            Self::Fastest => "fastest",
            Self::HighestThroughput => "highest-throughput",
            Self::Knee => "knee",
        }
    }
}

/// A recommended configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick {
    /// Its role.
    pub kind: PickKind,
    /// The configuration.
    pub point: Point,
    /// What it achieves.
    pub evaluation: Evaluation,
}

/// Change of every objective against a baseline [%]: positive is more, whether or not more is better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Change {
    /// Of mean TTFT; none where the baseline is 0.
    pub ttft_percent: Option<f64>,
    /// Of throughput; none where the baseline is 0.
    pub throughput_percent: Option<f64>,
    /// Of cost; none where the baseline is 0.
    pub cost_percent: Option<f64>,
}

impl Change {
    /// The change from `baseline` to `objectives`.
    #[must_use]
    pub fn between(baseline: &Objectives, objectives: &Objectives) -> Self {
        let percent = |before: f64, after: f64| (before != 0.0).then(|| 100.0 * (after - before) / before);
        Self {
            ttft_percent: percent(baseline.ttft_s_mean(), objectives.ttft_s_mean()),
            throughput_percent: percent(
                baseline.throughput_tokens_per_s(),
                objectives.throughput_tokens_per_s(),
            ),
            cost_percent: percent(baseline.cost(), objectives.cost()),
        }
    }

    /// Of mean TTFT, throughput and cost, in the order of [`crate::objectives::NAMES`].
    #[must_use]
    pub fn percents(&self) -> [Option<f64>; 3] {
        [self.ttft_percent, self.throughput_percent, self.cost_percent]
    }
}

/// The four picks among the points that keep the constraints, in the order of [`PickKind::ALL`]; none if there are
/// no such points.
///
/// # Errors
/// If a constraint names a figure that an evaluation does not have.
pub fn picks(archive: &Archive, constraints: &[Constraint]) -> Result<Vec<Pick>, UnknownFigure> {
    let front = Front::of(&feasible(archive, constraints)?);
    Ok(PickKind::ALL.into_iter().filter_map(|kind| pick(&front, kind)).collect())
}

/// One pick of a front; none if the front is empty.
#[must_use]
pub fn pick(front: &Front, kind: PickKind) -> Option<Pick> {
    let scale = Scale::of(&front.minimised())?;
    let distance = |evaluation: &Evaluation| {
        scale.apply(&front.vector(evaluation)).iter().map(|gap| gap * gap).sum::<f64>()
    };
    // The front is in order of cost and `min_by` keeps the first of equals, so ties fall to the cheapest.
    let (point, evaluation) = front.points().iter().min_by(|(_, first), (_, second)| {
        let (a, b) = (first.objectives.minimised(), second.objectives.minimised());
        match kind {
            PickKind::Cheapest => a[2].total_cmp(&b[2]),
            PickKind::Fastest => a[0].total_cmp(&b[0]),
            PickKind::HighestThroughput => a[1].total_cmp(&b[1]),
            PickKind::Knee => distance(first).total_cmp(&distance(second)),
        }
    })?;
    Some(Pick { kind, point: point.clone(), evaluation: evaluation.clone() })
}
