//! The effect of other prices on a choice. The cost is linear in prices, so nothing is simulated.

use kareto::picks::Pick;
use kareto::recommend::{price_changes, repriced};
use kareto::{Archive, Evaluation, Point};

use super::{Found, Scenarios};

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
