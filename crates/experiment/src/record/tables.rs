//! The tables of a record: the front with all figures, the skipped points, and the claims with their verdicts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deployment::Problem;
use kareto::front::Front;
use kareto::objectives::NAMES;
use kareto::search::SkipReason;
use kareto::space::{AxisValue, AxisValues};
use kareto::{Archive, DesignSpace, Evaluation, Point};
use report::{Cell, Kind, Table};

use crate::plan::Scale;
use crate::verdict::{ClaimRow, Verdict};

/// The column of `skipped.csv` that names the rule.
const RULE: &str = "rule";

/// `front.csv`: settings, objectives and metrics of every point of the front, cheapest first.
pub(crate) fn front_table(space: &DesignSpace, archive: &Archive) -> Result<Table, Problem> {
    let front = Front::of(archive);
    points_table(space, front.points().iter().map(|(point, evaluation)| (point, evaluation)))
}

/// `cases.csv`: settings, objectives and metrics of every case, in the order of the axes.
pub(crate) fn cases_table(space: &DesignSpace, archive: &Archive) -> Result<Table, Problem> {
    points_table(space, archive.iter())
}

/// Settings, objectives and metrics of points. Each point has a row.
pub(crate) fn points_table<'a>(
    space: &DesignSpace,
    points: impl Iterator<Item = (&'a Point, &'a Evaluation)>,
) -> Result<Table, Problem> {
    let points: Vec<_> = points.collect();
    let metrics: Vec<&str> =
        points.first().map_or_else(Vec::new, |(_, e)| e.metrics.keys().map(String::as_str).collect());
    let mut columns: Vec<(&str, Kind)> = setting_columns(space).collect();
    columns.extend(NAMES.iter().chain(&metrics).map(|name| (*name, Kind::F64)));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for (point, evaluation) in points {
        let figures = NAMES.iter().chain(&metrics).map(|name| Cell::from(evaluation.figure(name)));
        table.push_row(setting_cells(space, point).into_iter().chain(figures)).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// A column for each axis.
pub fn setting_columns(space: &DesignSpace) -> impl Iterator<Item = (&str, Kind)> {
    space.axes().iter().map(|axis| match axis.values {
        AxisValues::Integers(_) => (axis.name.as_str(), Kind::I64),
        AxisValues::Categories(_) => (axis.name.as_str(), Kind::Text),
    })
}

/// The settings of a point, a cell for each axis.
pub fn setting_cells(space: &DesignSpace, point: &Point) -> Vec<Cell> {
    let values = space.values(point).into_iter().map(|value| match value {
        AxisValue::Integer(value) => Cell::from(value),
        AxisValue::Category(name) => Cell::from(name),
    });
    values.collect()
}

/// `skipped.csv`: each point that the search had a reason not to ask for. A row has the rule, the neighbours that the
/// search looked at, and what it compared.
pub(crate) fn skipped_table(
    space: &DesignSpace,
    skipped: &BTreeMap<Point, Arc<SkipReason>>,
) -> Result<Table, Problem> {
    let mut columns: Vec<(&str, Kind)> = setting_columns(space).collect();
    columns.extend([(RULE, Kind::Text), ("axis", Kind::Text), ("lower", Kind::Text), ("upper", Kind::Text)]);
    let other = other_figures(skipped);
    let figures = || COMPARED.iter().chain(&other).copied();
    columns.extend(figures().map(|name| (name, Kind::F64)));
    let with_words = !other.is_empty();
    columns.extend(with_words.then_some(("why", Kind::Text)));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for (point, reason) in skipped {
        let neighbour = |place: usize| Cell::from(reason.neighbours.as_ref().map(|it| space.key(&it[place])));
        let said = [
            Cell::from(reason.rule),
            Cell::from(reason.axis.map(|axis| space.axes()[axis].name.clone())),
            neighbour(0),
            neighbour(1),
        ];
        let compared = figures().map(|name| Cell::from(reason.figure(name)));
        let compared = compared.chain(with_words.then(|| Cell::from(reason.sentence.as_str())));
        table
            .push_row(setting_cells(space, point).into_iter().chain(said).chain(compared))
            .map_err(Problem::machine)?;
    }
    Ok(table)
}

/// What the rules compare that FORMAT.md describes: a column each, also where a search has other rules.
const COMPARED: [&str; 4] = ["gain", "could_add_share", "rests_on_share", "threshold"];

/// What other rules compare, in the order of names; where there are any, the table has each reason in words too.
fn other_figures(skipped: &BTreeMap<Point, Arc<SkipReason>>) -> Vec<&'static str> {
    let names = skipped.values().flat_map(|reason| reason.figures.iter().map(|(name, _)| *name));
    let other: BTreeSet<&str> = names.filter(|name| !COMPARED.contains(name)).collect();
    other.into_iter().collect()
}

/// The rule of each point of a `skipped.csv`, or what is wrong with the table.
pub(crate) fn rules(space: &DesignSpace, table: &Table) -> Result<BTreeMap<Point, String>, String> {
    let text = |row: usize, name: &str| -> Result<String, String> {
        let place = table.names().iter().position(|known| known == name);
        match place.and_then(|place| table.cell(row, place)) {
            Some(Cell::I64(number)) => Ok(number.to_string()),
            Some(Cell::Text(text)) => Ok(text),
            _ => Err(format!("row {} has no `{name}`", row + 1)),
        }
    };
    let mut rules = BTreeMap::new();
    for row in 0..table.rows() {
        let settings =
            space.axes().iter().map(|axis| Ok(format!("{}={}", axis.name, text(row, &axis.name)?)));
        let key = settings.collect::<Result<Vec<_>, String>>()?.join(",");
        let point = space.parse_key(&key).map_err(|error| error.to_string())?;
        rules.insert(point, text(row, RULE)?);
    }
    Ok(rules)
}

/// `claims.csv`: what the paper says, what we measured, the band and the verdict. At smoke scale nothing is measured.
pub(crate) fn claims_table<'a>(
    claims: impl IntoIterator<Item = ClaimRow<'a>>,
    scale: Scale,
) -> Result<Table, Problem> {
    let mut table = Table::new(&[
        ("id", Kind::Text),
        ("says", Kind::Text),
        ("unit", Kind::Text),
        ("paper", Kind::F64),
        ("ours", Kind::F64),
        ("accept_least", Kind::F64),
        ("accept_most", Kind::F64),
        ("verdict", Kind::Text),
    ])
    .map_err(Problem::machine)?;
    for claim in claims {
        let verdict = match scale {
            Scale::Full => claim.verdict,
            Scale::Smoke => Verdict::NotMeasured,
        };
        let row = [
            Cell::from(claim.id),
            Cell::from(claim.says),
            Cell::from(claim.unit),
            Cell::from(claim.paper),
            Cell::from(claim.ours),
            Cell::from(claim.accept[0]),
            Cell::from(claim.accept[1]),
            Cell::from(verdict.name()),
        ];
        table.push_row(row).map_err(Problem::machine)?;
    }
    Ok(table)
}
