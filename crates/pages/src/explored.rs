//! The front of a search as data that a reader explores: settings, figures, and what each price multiplies.

use std::collections::BTreeSet;

use experiment::LoadedSearch;
use kareto::{Evaluation, Point};
use report::html::{Bill, Explorer, ExplorerAxis, ExplorerFigure, ExplorerMark, Price};
use report::number::significant;

/// Figures that a reader sees of every configuration: name in archives, name and unit on the page, and whether a limit can be
/// set. The first two are drawn.
const FIGURES: [(&str, &str, &str, bool); 5] = [
    ("ttft_s_mean", "mean TTFT", "s", true),
    ("throughput_tokens_per_s", "throughput", "tokens/s", false),
    ("ttft_s_p99", "p99 TTFT", "s", true),
    ("tpot_s_mean", "mean TPOT", "s", false),
    ("hit_ratio", "hit ratio", "", false),
];

/// The explorer of a record, and its configurations in their order. `None` where the cost cannot be taken apart.
pub(super) fn explorer(loaded: &LoadedSearch) -> Option<(Explorer, Vec<Point>)> {
    let found = &loaded.found;
    let mut all: Vec<(&Point, &Evaluation)> = found.searched.iter().collect();
    let candidates = all.len();
    for row in &loaded.findings.listed {
        if !all.iter().any(|(point, _)| **point == row.point) {
            all.push((&row.point, &row.evaluation));
        }
    }
    let points: Vec<&Point> = all.iter().map(|(point, _)| *point).collect();
    let axes = found.space.axes().iter().enumerate().map(|(place, axis)| {
        let taken = taken(&points, place);
        let at = |point: &&Point| taken.partition_point(|position| *position < point.0[place]) as u32;
        ExplorerAxis {
            name: axis.name.clone(),
            values: taken.iter().map(|&position| axis.value(position).to_string()).collect(),
            at: points.iter().map(at).collect(),
        }
    });
    let mut figures: Vec<(String, ExplorerFigure)> = Vec::new();
    for (name, title, unit, limited) in FIGURES {
        figures.extend(figure(&all, name, title, unit, limited));
    }
    let objectives = match loaded.entry.objectives.as_slice() {
        [] => vec![(Some(0), true), (Some(1), false), (None, true)],
        names => {
            let mut objectives = Vec::new();
            for name in names {
                let less = deployment::FIGURES.sense(name)? == kareto::Sense::Less;
                let known = figures.iter().position(|(known, _)| known == name);
                let place = match known {
                    _ if name == "cost" => None,
                    Some(place) => Some(place),
                    None => {
                        figures.push(figure(&all, name, name, "", false)?);
                        Some(figures.len() - 1)
                    }
                };
                objectives.push((place, less));
            }
            objectives
        }
    };
    let explorer = Explorer {
        candidates,
        axes: axes.collect(),
        figures: figures.into_iter().map(|(_, figure)| figure).collect(),
        bill: bill(loaded, &all)?,
        objectives,
        marks: marks(loaded, &points),
    };
    Some((explorer, points.into_iter().cloned().collect()))
}

/// The positions on an axis that any of the points has, in order. An axis may have far more.
fn taken(points: &[&Point], axis: usize) -> Vec<u32> {
    let positions: BTreeSet<u32> = points.iter().map(|point| point.0[axis]).collect();
    positions.into_iter().collect()
}

/// A figure of all configurations, if all have it.
fn figure(
    all: &[(&Point, &Evaluation)],
    name: &str,
    title: &str,
    unit: &str,
    limited: bool,
) -> Option<(String, ExplorerFigure)> {
    let values = all.iter().map(|(_, evaluation)| evaluation.figure(name)).collect::<Option<_>>()?;
    Some((name.to_owned(), ExplorerFigure { name: title.to_owned(), unit: unit.to_owned(), limited, values }))
}

/// The marks of the chart: every listed configuration with its roles.
fn marks(loaded: &LoadedSearch, points: &[&Point]) -> Vec<ExplorerMark> {
    let mut marks: Vec<ExplorerMark> = Vec::new();
    for row in &loaded.findings.listed {
        let Some(at) = points.iter().position(|point| **point == row.point) else { continue };
        let star = row.title == "baseline";
        let label = if star { "fixed" } else { row.title };
        match marks.iter_mut().find(|mark| mark.at == at) {
            Some(mark) => mark.label += &format!(", {label}"),
            None => marks.push(ExplorerMark { at, label: label.to_owned(), star }),
        }
    }
    marks
}

/// The bill, with a price for each part of the cost. A tier whose medium is an axis has a price for each medium.
fn bill(loaded: &LoadedSearch, all: &[(&Point, &Evaluation)]) -> Option<Bill> {
    let found = &loaded.found;
    let points: Vec<&Point> = all.iter().map(|(point, _)| *point).collect();
    let bills = found.bills(&points)?;
    let mut prices = Vec::new();
    for (part, amounts) in bills.parts.iter().zip(&bills.amounts) {
        let medium = found.space.axes().iter().position(|axis| axis.name == format!("{part}_medium"));
        let name = if part == "gpu" { "the GPU hour" } else { part.as_str() };
        match medium {
            Some(axis) => prices.extend((0_u32..).zip(taken(&points, axis)).map(|(value, position)| Price {
                name: format!("{name} of {}", found.space.axes()[axis].value(position)),
                now: String::new(),
                amounts: amounts.clone(),
                only: Some((axis, value)),
            })),
            None => {
                let now = now(found.scenarios.is_none(), part, all, &found.currency);
                prices.push(Price { name: name.to_owned(), now, amounts: amounts.clone(), only: None });
            }
        }
    }
    Some(Bill {
        name: "cost".to_owned(),
        unit: found.currency.clone(),
        whole: bills.whole,
        prices,
        weights: bills.weights,
        worst: bills.worst,
    })
}

/// The price in the record, where it is the same for all configurations: the cost of a part over what it is paid for.
fn now(one_load: bool, part: &str, all: &[(&Point, &Evaluation)], currency: &str) -> String {
    let (paid_for, unit) = match part {
        "gpu" => (None, "GPU hour"),
        tier => (Some(format!("bought_gib_{tier}")), "GiB and hour"),
    };
    let price = |(_, evaluation): &(&Point, &Evaluation)| {
        let figure = |name: &str| evaluation.figure(name);
        let amount = figure(&format!("cost_{part}")).filter(|amount| *amount > 0.0)?;
        let of = match &paid_for {
            None => figure("gpu_hours")?,
            Some(name) => figure(name)? * figure("makespan_s")? / 3600.0,
        };
        Some(amount / of)
    };
    let prices: Vec<f64> = all.iter().filter_map(price).collect();
    let (least, most) =
        (prices.iter().copied().fold(f64::INFINITY, f64::min), prices.iter().copied().fold(0.0, f64::max));
    if one_load && most > 0.0 && most - least <= 1e-6 * most {
        format!("{} {currency} per {unit}", significant(most, 4))
    } else {
        String::new()
    }
}
