//! The effect of other prices on a choice. The cost is linear in prices, so nothing is simulated.

use kareto::picks::Pick;
use kareto::recommend::{price_changes, repriced};
use kareto::{Archive, Evaluation, Point};

use super::{Found, Scenarios};

/// What each price multiplies, for every configuration: enough to compute every cost at other prices.
///
/// The cost of a configuration under a load is `whole + sum of (factor - 1) * amount` over the parts, where `factor` is the
/// new price over the one of the record. With several loads it is their weighted mean, or the largest of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Bills {
    /// The parts of the cost, such as `gpu` or `dram`, in the order in which they are added.
    pub parts: Vec<String>,
    /// The weight of each load.
    pub weights: Vec<f64>,
    /// Whether the cost is the largest over the loads, and not the weighted mean.
    pub worst: bool,
    /// The whole cost: a list for each load, with a value for each configuration.
    pub whole: Vec<Vec<f64>>,
    /// What each part adds to it: a list for each part and load, with a value for each configuration.
    pub amounts: Vec<Vec<Vec<f64>>>,
}

impl Bills {
    /// The bills of these points. `None` where a load lacks an evaluation of one, or the cost has no parts.
    pub(super) fn of(found: &Found, points: &[&Point]) -> Option<Self> {
        let loads: Vec<&Archive> = match &found.scenarios {
            Some(scenarios) => scenarios.under.iter().collect(),
            None => vec![&found.kept],
        };
        let parts: Vec<String> =
            cost_parts(loads.first()?.get(points.first()?)?).into_iter().map(str::to_owned).collect();
        if parts.is_empty() {
            return None;
        }
        let each = |of: &dyn Fn(&Evaluation) -> f64| -> Option<Vec<Vec<f64>>> {
            let under = |load: &&Archive| points.iter().map(|point| load.get(point).map(of)).collect();
            loads.iter().map(under).collect()
        };
        let amount = |part: &String| {
            let name = format!("cost_{part}");
            each(&|it: &Evaluation| it.figure(&name).unwrap_or(0.0))
        };
        let weighing = found.scenarios.as_ref().map(|it| &it.weighing);
        Some(Self {
            weights: weighing.map_or_else(|| vec![1.0], |it| it.weights.clone()),
            worst: weighing.is_some_and(|it| it.front == kareto::robust::Aggregate::Worst),
            whole: each(&|it: &Evaluation| it.objectives.cost())?,
            amounts: parts.iter().map(amount).collect::<Option<_>>()?,
            parts,
        })
    }
}

/// Each price is tried a quarter lower and a quarter higher.
pub(super) const PRICE_FACTORS: [f64; 2] = [0.75, 1.25];
/// A saving below this matters to nobody \[%\].
pub(super) const NOTICEABLE_PERCENT: f64 = 0.1;

/// The price on which a choice depends most.
#[derive(Debug, Clone, PartialEq)]
pub enum PriceSensitivity {
    /// At another price, a configuration that is as good is noticeably cheaper.
    Moves {
        /// The part of the cost, such as `gpu` or `dram`.
        part: String,
        /// The factor on its price.
        factor: f64,
        /// The configuration that is then as good.
        as_good: Point,
        /// By how much the choice is then dearer \[%\].
        regret_percent: f64,
    },
    /// At no price is a configuration that is as good noticeably cheaper.
    Stays {
        /// The part whose price moves the comparison with the baseline most, and the range of the change of cost
        /// against the baseline \[%\]. `None` where the baseline is the choice.
        widest: Option<(String, f64, f64)>,
    },
}

/// Tries every price, one at a time. Returns `None` where the cost has no parts.
pub(super) fn price_sensitivity(found: &Found, choices: &Archive, chosen: &Pick) -> Option<PriceSensitivity> {
    let parts = cost_parts(&chosen.evaluation);
    let reprice = |archive: &Archive, part: &str, factor: f64| {
        at_another_price(archive, found.scenarios.as_ref(), part, factor)
    };
    let changes = price_changes(choices, &reprice, chosen.kind, found.baseline(), &parts, &PRICE_FACTORS);
    // Where the pick moves, the price with the largest loss by staying matters. Else the change of the comparison
    // matters.
    let dearest = changes.iter().max_by(|a, b| a.regret_percent.total_cmp(&b.regret_percent))?;
    if dearest.regret_percent > NOTICEABLE_PERCENT {
        return Some(PriceSensitivity::Moves {
            part: dearest.part.clone(),
            factor: dearest.factor,
            as_good: dearest.as_good.clone(),
            regret_percent: dearest.regret_percent,
        });
    }
    let range = |part: &&str| {
        let percents: Vec<f64> =
            changes.iter().filter(|it| it.part == **part).filter_map(|it| it.cost_percent).collect();
        let least = percents.iter().copied().fold(f64::INFINITY, f64::min);
        let most = percents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (percents.len() > 1).then_some((least, most))
    };
    let ranges = parts.iter().filter_map(|part| Some((part, range(part)?)));
    let widest = ranges.max_by(|a, b| (a.1.1 - a.1.0).total_cmp(&(b.1.1 - b.1.0)));
    // Compared with itself, a configuration costs the same at any price.
    let widest = widest.filter(|(_, (least, most))| most > least);
    Some(PriceSensitivity::Stays {
        widest: widest.map(|(part, (least, most))| ((*part).to_owned(), least, most)),
    })
}

/// The parts of the cost of an evaluation.
pub(super) fn cost_parts(evaluation: &Evaluation) -> Vec<&str> {
    evaluation.metrics.keys().filter_map(|name| name.strip_prefix("cost_")).collect()
}

/// An archive at another price of one part of the cost.
pub(super) fn at_another_price(
    archive: &Archive,
    scenarios: Option<&Scenarios>,
    part: &str,
    factor: f64,
) -> Archive {
    match scenarios {
        Some(scenarios) => scenarios.repriced(archive, part, factor),
        None => repriced(archive, part, factor),
    }
}
