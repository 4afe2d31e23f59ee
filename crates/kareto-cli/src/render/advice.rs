//! The recommendation in words: what to buy, what it gains, what the next step would cost, and what it hangs on.

use kareto::picks::{Change, Constraint, Pick, PickKind, feasible};
use kareto::recommend::{next_step, price_changes, repriced, steps};
use kareto::space::AxisValue;
use kareto::{Archive, DesignSpace, Evaluation, Point};

use super::{Listed, Scenarios, Uncertainty, recommended, scenarios};
use crate::error::CliError;

/// Prices are tried a quarter lower and a quarter higher.
pub(super) const PRICE_FACTORS: [f64; 2] = [0.75, 1.25];
/// A quarter off a price that moves the recommendation by less than this matters to nobody \[%\].
const NOTICEABLE_PERCENT: f64 = 0.1;

/// What the words are about.
pub(crate) struct Advice<'a> {
    pub(crate) space: &'a DesignSpace,
    pub(crate) searched: &'a Archive,
    pub(crate) kept: &'a Archive,
    pub(crate) listed: &'a [Listed],
    pub(crate) baseline: Option<(&'a Point, &'a Evaluation)>,
    pub(crate) constraints: &'a [Constraint],
    pub(crate) currency: &'a str,
    pub(crate) scenarios: Option<&'a Scenarios>,
    pub(crate) uncertainty: Option<&'a Uncertainty>,
}

impl Advice<'_> {
    /// One paragraph for each thing to know; empty only if nothing was evaluated.
    pub(crate) fn paragraphs(&self) -> Result<Vec<String>, CliError> {
        let kept = feasible(self.searched, self.constraints).map_err(CliError::user)?;
        let Some(chosen) = recommended(&kept, self.constraints) else {
            return Ok(vec!["No evaluated configuration keeps all constraints.".to_owned()]);
        };
        let is_baseline = self.baseline.is_some_and(|(point, _)| *point == chosen.point);
        let mut paragraphs = vec![self.what_to_buy(&chosen, is_baseline)];
        if let Some(scenarios) = self.scenarios {
            let words = |point: &Point| self.words(point);
            paragraphs.extend(scenarios::paragraphs(scenarios, &kept, &chosen, self.currency, &words));
        }
        if !is_baseline {
            paragraphs.extend(self.against_the_baseline(&chosen));
        }
        paragraphs.push(self.next_step(&kept, &chosen));
        paragraphs.extend(self.diminishing_return(&kept));
        paragraphs.extend(self.prices(&kept, &chosen));
        if let Some(uncertainty) = self.uncertainty {
            let words = |point: &Point| self.words(point);
            let rows = uncertainty.assumed(self.kept, self.constraints);
            paragraphs.extend(uncertainty.assumptions(&rows, &chosen, &words));
            paragraphs.extend(uncertainty.noise(self.listed, &chosen, &words));
        }
        Ok(paragraphs)
    }

    fn what_to_buy(&self, chosen: &Pick, is_baseline: bool) -> String {
        let role = match chosen.kind {
            PickKind::Cheapest => "the cheapest configuration that keeps the constraints",
            _ => "the knee of the front, the best compromise of cost, TTFT and throughput",
        };
        let o = &chosen.evaluation.objectives;
        let (buy, it_is) = match is_baseline {
            true => ("Keep", "the fixed configuration that others are compared with is also "),
            false => ("Buy", ""),
        };
        format!(
            "{buy} {}: {it_is}{role}. Mean TTFT {}, {:.0} tokens/s, {:.2} {} for the trace.",
            self.words(&chosen.point),
            time(o.ttft_s_mean()),
            o.throughput_tokens_per_s(),
            o.cost(),
            self.currency
        )
    }

    fn against_the_baseline(&self, chosen: &Pick) -> Option<String> {
        let (point, evaluation) = self.baseline?;
        let change = Change::between(&evaluation.objectives, &chosen.evaluation.objectives);
        let percent = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:+.1} %"));
        Some(format!(
            "Against the fixed configuration with {}: TTFT {}, throughput {}, cost {}.",
            self.words(point),
            percent(change.ttft_percent),
            percent(change.throughput_percent),
            percent(change.cost_percent)
        ))
    }

    fn next_step(&self, kept: &Archive, chosen: &Pick) -> String {
        match next_step(kept, &chosen.point) {
            None => "Nothing that was evaluated is faster at any price.".to_owned(),
            Some(step) => format!(
                "The next step up is {}: {:.2} {} more for {} less of mean TTFT, {} {} per ms.",
                self.words(&step.to),
                step.cost,
                self.currency,
                time(1e-3 * step.ttft_ms),
                report::number::significant(step.cost_per_ms(), 3),
                self.currency
            ),
        }
    }

    /// The first and the last step of the front: what a millisecond costs at either end.
    fn diminishing_return(&self, kept: &Archive) -> Option<String> {
        let steps = steps(kept);
        let (first, last) = (steps.first()?, steps.last()?);
        if steps.len() < 2 {
            return None;
        }
        let per_ms = |step: &kareto::recommend::Step| report::number::significant(step.cost_per_ms(), 3);
        Some(format!(
            "Returns diminish: along the {} steps from the cheapest configuration to the fastest, a millisecond of mean \
             TTFT costs {} {currency} at first (to {}) and {} {currency} at last (to {}).",
            steps.len(),
            per_ms(first),
            self.words(&first.to),
            per_ms(last),
            self.words(&last.to),
            currency = self.currency
        ))
    }

    /// Which price the recommendation hangs on most.
    fn prices(&self, kept: &Archive, chosen: &Pick) -> Option<String> {
        let parts = cost_parts(&chosen.evaluation);
        let reprice =
            |archive: &Archive, part: &str, factor: f64| reprice(archive, self.scenarios, part, factor);
        let changes = price_changes(kept, &reprice, chosen.kind, self.baseline, &parts, &PRICE_FACTORS);
        // Where the pick moves matters by what staying would cost; else by what becomes of the comparison.
        let dearest = changes.iter().max_by(|a, b| a.regret_percent.total_cmp(&b.regret_percent))?;
        let factor = |factor: f64| if factor < 1.0 { "a quarter less" } else { "a quarter more" };
        if dearest.regret_percent > NOTICEABLE_PERCENT {
            return Some(format!(
                "Of prices, that of {} matters most: at {} of it {} would be as good, and staying would cost {:.1} % too much. No \
                 other price moves it further.",
                dearest.part,
                factor(dearest.factor),
                self.words(&dearest.as_good),
                dearest.regret_percent
            ));
        }
        let stays =
            "A quarter more or less of any one price leaves nothing as good noticeably cheaper.".to_owned();
        let range = |part: &&str| {
            let percents: Vec<f64> =
                changes.iter().filter(|it| it.part == **part).filter_map(|it| it.cost_percent).collect();
            let least = percents.iter().copied().fold(f64::INFINITY, f64::min);
            let most = percents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            (percents.len() > 1).then_some((least, most))
        };
        let ranges = parts.iter().filter_map(|part| Some((part, range(part)?)));
        let widest = ranges.max_by(|a, b| (a.1.1 - a.1.0).total_cmp(&(b.1.1 - b.1.0)));
        // Against itself a configuration costs the same at any price.
        let Some((part, (least, most))) = widest.filter(|(_, (least, most))| most > least) else {
            return Some(stays);
        };
        Some(format!(
            "{stays} Of prices, that of {part} matters most: its range puts the cost between {least:+.1} and {most:+.1} % of the \
             fixed configuration's."
        ))
    }

    /// A point as a person would say it: what it has, and what it has not.
    fn words(&self, point: &Point) -> String {
        let settings = self.space.axes().iter().zip(self.space.values(point)).map(|(axis, value)| {
            let name = axis.name.as_str();
            match (value, name.strip_suffix("_gib"), name.strip_suffix("_lease_s")) {
                (AxisValue::Integer(0), Some(tier), _) | (AxisValue::Integer(0), _, Some(tier)) => {
                    format!("no {tier}")
                }
                (AxisValue::Integer(gib), Some(tier), _) => format!("{gib} GiB of {tier}"),
                (AxisValue::Integer(seconds), _, Some(tier)) => format!("{tier} with a lease of {seconds} s"),
                (AxisValue::Integer(1), ..) if name == "instances" => "1 instance".to_owned(),
                (AxisValue::Integer(count), ..) if name == "instances" => format!("{count} instances"),
                (value, ..) => format!("{} {value}", name.replace('_', " ")),
            }
        });
        settings.collect::<Vec<_>>().join(", ")
    }
}

/// The parts of the cost of an evaluation.
pub(super) fn cost_parts(evaluation: &Evaluation) -> Vec<&str> {
    evaluation.metrics.keys().filter_map(|name| name.strip_prefix("cost_")).collect()
}

/// An archive at another price of one part of the cost.
pub(super) fn reprice(archive: &Archive, scenarios: Option<&Scenarios>, part: &str, factor: f64) -> Archive {
    match scenarios {
        Some(scenarios) => scenarios::repriced(scenarios, archive, part, factor),
        None => repriced(archive, part, factor),
    }
}

/// Seconds, or milliseconds where there is less than one.
pub(super) fn time(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.3} ms", 1e3 * seconds) } else { format!("{seconds:.3} s") }
}
