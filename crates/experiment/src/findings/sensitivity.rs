//! What a choice hangs on: every price and every parameter of the simulation, each varied alone.
//!
//! A price needs no simulation, because the cost is linear in it. The factor at which another configuration becomes the
//! cheapest has a closed form. Every other parameter was simulated at each factor.

use std::cmp::Ordering;

use deployment::Problem;
use kareto::break_even::{BreakEven, break_even, cheapest_between};
use kareto::front::Front;
use kareto::picks::{Change, Constraint, Pick, PickKind, feasible, pick};
use kareto::robust::joint::slice;
use kareto::robust::{AggregateError, Weighing};
use kareto::{Archive, Objectives, Point};
use serde::{Deserialize, Serialize};

use super::Found;
use super::prices::{at_another_price, cost_parts};

/// The configurations that are simulated under every variation. The choice is made again among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Among {
    /// Those on the front, and the baseline.
    Front,
    /// All that the search asked for.
    All,
}

impl Among {
    /// Its name in files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Front => "front",
            Self::All => "all",
        }
    }
}

/// The evaluations of a sensitivity analysis.
pub struct Varied {
    /// For each parameter and factor the evaluations of the configurations that were simulated again.
    pub simulated: Vec<(String, f64, Archive)>,
    /// The parts of the cost with the factors on their prices.
    pub prices: Vec<(String, Vec<f64>)>,
}

/// The price factors between which a choice stays the cheapest, each with what replaces it beyond: below and above.
pub type PriceEnds = [Option<(f64, Point)>; 2];

/// A parameter at one factor.
pub struct Sensed {
    /// The parameter, such as `dram-price` or `rate`.
    pub parameter: String,
    /// The factor on it.
    pub factor: f64,
    /// How many configurations were simulated. It is 0 for a price.
    pub evaluations: usize,
    /// The objectives of the choice then.
    pub then: Objectives,
    /// Their change.
    pub change: Change,
    /// Whether the choice still keeps the constraints.
    pub keeps: bool,
    /// What would be chosen then. `None` where no configuration keeps the constraints.
    pub pick: Option<Pick>,
    /// By how much the choice costs more than that one \[%\], where both keep the constraints.
    pub staying_percent: Option<f64>,
}

impl Sensed {
    /// Whether another configuration, or none, would be chosen.
    #[must_use]
    pub fn is_changed(&self, choice: &Point) -> bool {
        self.pick.as_ref().is_none_or(|pick| pick.point != *choice)
    }
}

/// The parameter that changes the choice first.
#[derive(Debug, Clone, PartialEq)]
pub struct First {
    /// The parameter.
    pub parameter: String,
    /// The factor at which the choice changes. Of a price it is exact; of another parameter it is the nearest that was
    /// simulated.
    pub factor: f64,
    /// Whether the factor is exact.
    pub is_exact: bool,
    /// What would be chosen then. `None` where no configuration keeps the constraints.
    pub instead: Option<Point>,
}

/// What a choice hangs on.
pub struct Sensitivity {
    /// Every parameter at every factor.
    pub rows: Vec<Sensed>,
    /// The price factors between which the choice stays the cheapest, by part of the cost: below and above.
    pub choice_prices: Vec<(String, PriceEnds)>,
    /// The break-even prices between neighbours on the front.
    pub neighbours: Vec<BreakEven>,
    /// `None` where no factor changes the choice.
    pub first: Option<First>,
}

impl Varied {
    /// Splits an archive whose first axis is the parameter with its factor, such as `rate-x2`.
    pub(crate) fn new(
        joint: &Archive,
        names: &[String],
        prices: Vec<(String, Vec<f64>)>,
        weighing: Option<&Weighing>,
    ) -> Result<Self, AggregateError> {
        let part = |(position, name): (u32, &String)| {
            let part = slice(joint, position);
            let part = match weighing {
                Some(weighing) => weighing.aggregated(&part)?,
                None => part,
            };
            let (parameter, factor) = name.rsplit_once("-x").expect("a parameter has its factor");
            Ok((parameter.to_owned(), factor.parse().expect("a factor is a number"), part))
        };
        let simulated = (0..).zip(names).map(part).collect::<Result<_, AggregateError>>()?;
        Ok(Self { simulated, prices })
    }

    /// What the choice hangs on. `choices` keep the constraints.
    pub(super) fn sensitivity(
        &self,
        found: &Found,
        choices: &Archive,
        chosen: &Pick,
    ) -> Result<Sensitivity, Problem> {
        let of = Varying { chosen, constraints: &found.constraints };
        let mut rows = Vec::new();
        for (part, factors) in &self.prices {
            for factor in factors {
                let priced = at_another_price(&found.searched, found.scenarios.as_ref(), part, *factor);
                rows.extend(of.sensed(format!("{part}-price"), *factor, &priced, 0)?);
            }
        }
        for (parameter, factor, under) in &self.simulated {
            rows.extend(of.sensed(parameter.clone(), *factor, under, under.len())?);
        }
        let choice_prices = self.choice_prices(found, choices, chosen);
        let first = first(&rows, &choice_prices, &chosen.point);
        let neighbours = break_even(choices, &cost_parts(&chosen.evaluation));
        Ok(Sensitivity { rows, choice_prices, neighbours, first })
    }

    /// Exact factors for a choice that is the cheapest. They hold where no constraint is on a cost, and for one load.
    fn choice_prices(&self, found: &Found, choices: &Archive, chosen: &Pick) -> Vec<(String, PriceEnds)> {
        let on_cost = found.constraints.iter().any(|it| it.figure.starts_with("cost"));
        if chosen.kind != PickKind::Cheapest || on_cost || found.scenarios.is_some() {
            return Vec::new();
        }
        let of = |part: &String| (part.clone(), cheapest_between(choices, &chosen.point, part));
        self.prices.iter().map(|(part, _)| of(part)).collect()
    }
}

/// A choice that is looked at again.
struct Varying<'a> {
    chosen: &'a Pick,
    constraints: &'a [Constraint],
}

impl Varying<'_> {
    /// The choice under a variation. `None` where it was not simulated.
    fn sensed(
        &self,
        parameter: String,
        factor: f64,
        under: &Archive,
        evaluations: usize,
    ) -> Result<Option<Sensed>, Problem> {
        let Some(own) = under.get(&self.chosen.point) else { return Ok(None) };
        let kept = feasible(under, self.constraints).map_err(Problem::user)?;
        let keeps = kept.contains(&self.chosen.point);
        let pick = pick(&Front::of(&kept), self.chosen.kind);
        let then = own.objectives;
        let staying = pick.as_ref().filter(|_| keeps).map(|it| it.evaluation.objectives.cost());
        Ok(Some(Sensed {
            parameter,
            factor,
            evaluations,
            then,
            change: Change::between(&self.chosen.evaluation.objectives, &then),
            keeps,
            staying_percent: staying.map(|cost| 100.0 * (then.cost() - cost) / cost),
            pick,
        }))
    }
}

/// The change of the choice at the factor that is nearest to 1, as a ratio.
fn first(rows: &[Sensed], choice_prices: &[(String, PriceEnds)], choice: &Point) -> Option<First> {
    let exact = choice_prices.iter().flat_map(|(part, ends)| {
        ends.iter().flatten().map(move |(factor, instead)| {
            let (parameter, instead) = (format!("{part}-price"), Some(instead.clone()));
            (First { parameter, factor: *factor, is_exact: true, instead }, 0.0)
        })
    });
    // A price whose exact factor is known is not told by the factors that were tried.
    let is_known = |row: &&Sensed| {
        choice_prices.iter().any(|(part, _)| row.parameter.strip_suffix("-price") == Some(part.as_str()))
    };
    let tried = rows.iter().filter(|row| !is_known(row) && row.is_changed(choice)).map(|row| {
        let (parameter, factor) = (row.parameter.clone(), row.factor);
        let instead = row.pick.as_ref().map(|pick| pick.point.clone());
        // Nothing is worse than a choice that breaks the constraints.
        let loss = row.staying_percent.unwrap_or(f64::INFINITY);
        (First { parameter, factor, is_exact: false, instead }, loss)
    });
    exact.chain(tried).min_by(nearer).map(|(first, _)| first)
}

/// The nearest factor comes first; of equally near ones the one that costs most to stay with.
fn nearer(a: &(First, f64), b: &(First, f64)) -> Ordering {
    let distance = |it: &First| it.factor.ln().abs();
    let equal = (distance(&a.0) - distance(&b.0)).abs() < 1e-9;
    let by_distance = if equal { Ordering::Equal } else { distance(&a.0).total_cmp(&distance(&b.0)) };
    by_distance.then(b.1.total_cmp(&a.1))
}
