//! How far the listed figures could be off, and which assumption matters most.

use kareto::picks::{Change, Constraint, Pick};
use kareto::recommend::as_good_percent;
use kareto::robust::joint::slice;
use kareto::robust::{AggregateError, Weighing};
use kareto::uncertainty::{Interval, better, figures};
use kareto::{Archive, Point};
use report::html::{Section, TableView};
use report::{Cell, Kind, Table};

use super::advice::{PRICE_FACTORS, cost_parts, reprice, time};
use super::page::{rounded, tenths};
use super::{Listed, Scenarios};
use crate::error::CliError;
use crate::evaluate;

/// What is told with an interval, and how.
pub(crate) const FIGURES: [(&str, &str); 4] = [
    ("ttft_s_mean", "mean TTFT"),
    ("ttft_s_p99", "p99 TTFT"),
    ("throughput_tokens_per_s", "throughput"),
    ("cost", "cost"),
];

/// A configuration that is this much cheaper than another one is no better choice to anybody \[%\].
const NOTICEABLE_PERCENT: f64 = 0.1;

/// Evaluations under variations, of points of the design space.
pub(crate) struct Uncertainty {
    /// By resample of the users.
    pub(crate) resamples: Vec<Archive>,
    /// By assumption.
    pub(crate) assumptions: Vec<(String, Archive)>,
    /// By price; of all points, for nothing is simulated.
    prices: Vec<(String, Archive)>,
}

impl Uncertainty {
    /// Parts archives whose first axis is the variation; scenarios are made one.
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

    /// The same with everything that was evaluated at other prices, one at a time.
    pub(crate) fn with_prices(mut self, kept: &Archive, scenarios: Option<&Scenarios>) -> Self {
        let parts = kept.iter().next().map(|(_, it)| cost_parts(it)).unwrap_or_default();
        let priced = |part: &str, factor: f64| {
            (format!("{part}-price-x{factor}"), reprice(kept, scenarios, part, factor))
        };
        self.prices =
            parts.iter().flat_map(|part| PRICE_FACTORS.map(|factor| priced(part, factor))).collect();
        self
    }

    /// Where 95 % of the resamples put a figure of a point.
    pub(crate) fn interval(&self, point: &Point, figure: &str) -> Option<Interval> {
        Interval::of(&figures(&self.resamples, point, figure)?)
    }

    /// Where another sample of the same users puts the choice, and which other listed configurations it may differ from
    /// by noise only.
    pub(super) fn noise(
        &self,
        listed: &[Listed],
        chosen: &Pick,
        words: &dyn Fn(&Point) -> String,
    ) -> Vec<String> {
        let [ttft, _, throughput, cost] = FIGURES.map(|(figure, _)| self.interval(&chosen.point, figure));
        let (Some(ttft), Some(throughput), Some(cost)) = (ttft, throughput, cost) else { return Vec::new() };
        let count = self.resamples.len();
        let mut paragraphs = vec![format!(
            "Another sample of the same users would put the choice's mean TTFT between {} and {}, its throughput between \
             {:.0} and {:.0} tokens/s and its cost between {:.2} and {:.2} (95 % of {count} resamples of the sessions, each \
             simulated). Where it is better than another configuration on none or on all of them, the difference is no \
             noise though the intervals overlap.",
            time(ttft.low),
            time(ttft.high),
            throughput.low,
            throughput.high,
            cost.low,
            cost.high
        )];
        let mut told: Vec<&Point> = vec![&chosen.point];
        for row in listed {
            if told.contains(&&row.point) {
                continue;
            }
            told.push(&row.point);
            let overlapping = FIGURES.iter().filter_map(|(figure, name)| {
                let [here, there] =
                    [&chosen.point, &row.point].map(|point| figures(&self.resamples, point, figure));
                let (here, there) = (here?, there?);
                let overlap = Interval::of(&here)?.overlaps(&Interval::of(&there)?);
                let better = better(evaluate::FIGURES.sense(figure)?, &here, &there);
                overlap.then(|| format!("{name} (better on {better})"))
            });
            let overlapping: Vec<String> = overlapping.collect();
            let what = words(&row.point);
            paragraphs.push(if overlapping.is_empty() {
                format!("Against the {} ({what}) no interval overlaps.", row.title)
            } else {
                format!("Against the {} ({what}) intervals overlap in {}.", row.title, overlapping.join(", "))
            });
        }
        paragraphs
    }

    /// The configurations that were simulated under other assumptions, under each and at each price, against themselves as
    /// evaluated.
    pub(crate) fn assumed(&self, kept: &Archive, constraints: &[Constraint]) -> Vec<Assumed> {
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

    /// Which assumption moves the objectives of the choice most, and whether one moves the choice.
    pub(super) fn assumptions(
        &self,
        rows: &[Assumed],
        chosen: &Pick,
        words: &dyn Fn(&Point) -> String,
    ) -> Option<String> {
        let own: Vec<&Assumed> = rows.iter().filter(|row| row.point == chosen.point).collect();
        let most = |change: fn(&Change) -> Option<f64>| {
            let changes = own.iter().filter_map(|row| Some((&row.assumption, change(&row.change)?)));
            changes.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
        };
        let ((ttft, _), (cost, cost_percent)) = (most(|it| it.ttft_percent)?, most(|it| it.cost_percent)?);
        let (throughput, throughput_percent) = most(|it| it.throughput_percent)?;
        let then = own.iter().find(|row| row.assumption == *ttft)?.objectives[0];
        let mut text = format!(
            "Of {} other assumptions, `{ttft}` moves the choice's mean TTFT most (from {} to {}), `{throughput}` its throughput \
             ({throughput_percent:+.1} %) and `{cost}` its cost ({cost_percent:+.1} %).",
            own.len(),
            time(chosen.evaluation.objectives.ttft_s_mean()),
            time(then)
        );
        let broken: Vec<String> =
            own.iter().filter(|row| !row.keeps).map(|row| format!("`{}`", row.assumption)).collect();
        if !broken.is_empty() {
            text += &format!(" It no longer keeps the constraints under {}.", broken.join(", "));
        }
        let worst = own.iter().max_by(|a, b| a.as_good.0.total_cmp(&b.as_good.0))?;
        let (percent, instead) = &worst.as_good;
        text += &if *percent > NOTICEABLE_PERCENT {
            format!(
                " The choice itself hangs most on `{}`: under it {} would be as good, and the choice {percent:.1} % dearer.",
                worst.assumption,
                words(instead)
            )
        } else {
            " Under none of them is another of the configurations tried as good and noticeably cheaper."
                .to_owned()
        };
        Some(text)
    }
}

/// A configuration under one assumption.
pub(crate) struct Assumed {
    pub(crate) assumption: String,
    pub(crate) point: Point,
    /// Mean TTFT \[s\], throughput \[tokens/s\], cost.
    pub(crate) objectives: [f64; 3],
    /// Against the same configuration as evaluated.
    pub(crate) change: Change,
    /// How much dearer it is than the cheapest of those tried that is as good \[%\], and which that is.
    pub(crate) as_good: (f64, Point),
    /// Whether it keeps the constraints.
    pub(crate) keeps: bool,
}

/// The section about assumptions: the choice under each.
pub(super) fn section(
    section: &mut Section,
    rows: &[Assumed],
    chosen: &Pick,
    currency: &str,
) -> Result<(), CliError> {
    section.prose(
        "The choice simulated again with one assumption changed: the bandwidth of a tier's links, the time of every engine \
         step, the number of sessions that arrive; and at other prices. The last number is how much dearer it is then \
         than the cheapest of the configurations tried that is as fast and serves as much.",
    );
    let cost = format!("cost [{currency}]");
    let numbers =
        ["TTFT [s]", "TTFT [%]", "tokens/s", "tokens/s [%]", &cost, "cost [%]", "dearer than as good [%]"];
    let mut columns = vec![("assumption", Kind::Text)];
    columns.extend(numbers.map(|name| (name, Kind::F64)));
    columns.push(("keeps constraints", Kind::Text));
    let mut table = Table::new(&columns).map_err(CliError::machine)?;
    for row in rows.iter().filter(|row| row.point == chosen.point) {
        let percent = |value: f64| Cell::from(tenths(value));
        let mut cells = vec![Cell::from(row.assumption.as_str())];
        for (value, change) in row.objectives.into_iter().zip(row.change.percents()) {
            cells.extend([Cell::from(rounded(value)), change.map_or(Cell::Missing, percent)]);
        }
        cells.push(percent(row.as_good.0));
        cells.push(Cell::from(if row.keeps { "yes" } else { "no" }));
        table.push_row(cells).map_err(CliError::machine)?;
    }
    section.table(TableView::new(table).data("assumptions.csv"));
    Ok(())
}
