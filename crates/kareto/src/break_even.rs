//! At which price one configuration costs as much as another.
//!
//! A cost is a sum of parts, and each part is linear in its price. So a break-even price has a closed form, and nothing is
//! simulated or searched. Prices are given as factors on those of the evaluations.

use crate::archive::Archive;
use crate::evaluate::Evaluation;
use crate::front::Front;
use crate::space::Point;

/// Two neighbours on the front of cost and mean TTFT, and the price at which they cost the same.
#[derive(Debug, Clone, PartialEq)]
pub struct BreakEven {
    /// The part of the cost, such as `gpu` or `dram`.
    pub part: String,
    /// The cheaper one.
    pub from: Point,
    /// The faster one.
    pub to: Point,
    /// The factor on the price of the part at which both cost the same. `None` where no price above 0 does it.
    pub factor: Option<f64>,
}

/// Where something has to be had for nothing, it is no price: two costs that differ by one part alone are equal then.
const LEAST: f64 = 1e-9;

/// The cost of a part.
fn amount(evaluation: &Evaluation, part: &str) -> f64 {
    evaluation.figure(&format!("cost_{part}")).unwrap_or(0.0)
}

/// The factor on the price of a part at which two evaluations cost the same: cost + (factor - 1) * part is linear.
fn equal_at(one: &Evaluation, other: &Evaluation, part: &str) -> Option<f64> {
    let more = other.objectives.cost() - one.objectives.cost();
    let less_of_part = amount(one, part) - amount(other, part);
    let factor = 1.0 + more / less_of_part;
    (factor.is_finite() && factor > LEAST).then_some(factor)
}

/// The break-even prices of every two neighbours on the front of cost and mean TTFT, cheapest first, for each part of the
/// cost.
#[must_use]
pub fn break_even(archive: &Archive, parts: &[&str]) -> Vec<BreakEven> {
    let front = Front::of(archive);
    let mut stops: Vec<&(Point, Evaluation)> = Vec::new();
    // Cheapest first; a point is on the two-dimensional front if it is faster than all cheaper ones.
    for stop in front.points() {
        let ttft_s = stop.1.objectives.ttft_s_mean();
        if stops.last().is_none_or(|last| ttft_s < last.1.objectives.ttft_s_mean()) {
            stops.push(stop);
        }
    }
    let between = |pair: &[&(Point, Evaluation)], part: &str| BreakEven {
        part: part.to_owned(),
        from: pair[0].0.clone(),
        to: pair[1].0.clone(),
        factor: equal_at(&pair[0].1, &pair[1].1, part),
    };
    stops.windows(2).flat_map(|pair| parts.iter().map(move |part| between(pair, part))).collect()
}

/// The factor at which another point becomes cheaper, and that point; `None` where none does.
pub type Crossing = Option<(f64, Point)>;

/// The factors on the price of a part between which a point stays the cheapest of an archive, each with the point that is
/// cheaper beyond it: below, and above. `None` where the point is the cheapest at any price below, or above.
///
/// The point must be the cheapest at the prices of the archive.
#[must_use]
pub fn cheapest_between(archive: &Archive, point: &Point, part: &str) -> [Crossing; 2] {
    let Some(own) = archive.get(point) else { return [None, None] };
    let crossings = archive.iter().filter(|(other, _)| *other != point).filter_map(|(other, evaluation)| {
        let has_more = amount(evaluation, part) - amount(own, part);
        (has_more.abs() > 0.0).then_some(())?;
        Some((equal_at(own, evaluation, part)?, has_more > 0.0, other))
    });
    let (mut below, mut above): (Crossing, Crossing) = (None, None);
    for (factor, has_more, other) in crossings {
        // One with more of the part is cheaper where the part costs less.
        if has_more && below.as_ref().is_none_or(|(known, _)| factor > *known) {
            below = Some((factor, other.clone()));
        }
        if !has_more && above.as_ref().is_none_or(|(known, _)| factor < *known) {
            above = Some((factor, other.clone()));
        }
    }
    [below, above]
}
