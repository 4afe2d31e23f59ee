//! The tables of a record: the front with all figures, the skipped points, and the claims with their verdicts.

use std::collections::BTreeSet;

use deployment::Problem;
use kareto::front::Front;
use kareto::objectives::NAMES;
use kareto::search::{Skipped, SkippedBox};
use kareto::space::{AxisValue, AxisValues};
use kareto::{Archive, DesignSpace, Evaluation, Point};
use report::{Cell, Kind, Table};

use crate::plan::Scale;
use crate::verdict::{ClaimRow, Verdict};

/// The column of `skipped.csv` that names the rule.
const RULE: &str = "rule";
/// The columns of `skipped.csv` with the corners of the box.
const FIRST: &str = "first";
const LAST: &str = "last";

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
        AxisValues::Integers(_) | AxisValues::Steps { .. } => (axis.name.as_str(), Kind::I64),
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

/// `skipped.csv`: boxes of points that the search had a reason not to ask for. A row has the rule, the corners of the
/// box, the neighbours that the search looked at, and what it compared. Its length follows the evaluations.
pub(crate) fn skipped_table(space: &DesignSpace, skipped: &Skipped) -> Result<Table, Problem> {
    let texts = [RULE, FIRST, LAST, "axis", "lower", "upper"];
    let mut columns: Vec<(&str, Kind)> = texts.map(|name| (name, Kind::Text)).to_vec();
    let other = other_figures(skipped);
    let figures = || COMPARED.iter().chain(&other).copied();
    columns.extend(figures().map(|name| (name, Kind::F64)));
    let with_words = !other.is_empty();
    columns.extend(with_words.then_some(("why", Kind::Text)));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for SkippedBox { first, last, reason } in skipped.boxes() {
        let neighbour = |place: usize| Cell::from(reason.neighbours.as_ref().map(|it| space.key(&it[place])));
        let said = [
            Cell::from(reason.rule),
            Cell::from(space.key(first)),
            Cell::from(space.key(last)),
            Cell::from(reason.axis.map(|axis| space.axes()[axis].name.clone())),
            neighbour(0),
            neighbour(1),
        ];
        let compared = figures().map(|name| Cell::from(reason.figure(name)));
        let compared = compared.chain(with_words.then(|| Cell::from(reason.sentence.as_str())));
        table.push_row(said.into_iter().chain(compared)).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// What the rules compare that FORMAT.md describes: a column each, also where a search has other rules.
const COMPARED: [&str; 4] = ["gain", "could_add_share", "rests_on_share", "threshold"];

/// What other rules compare, in the order of names; where there are any, the table has each reason in words too.
fn other_figures(skipped: &Skipped) -> Vec<&'static str> {
    let names = skipped.boxes().iter().flat_map(|it| it.reason.figures.iter().map(|(name, _)| *name));
    let other: BTreeSet<&str> = names.filter(|name| !COMPARED.contains(name)).collect();
    other.into_iter().collect()
}

/// A row of `skipped.csv`: a box of the space, and the rule that skipped the points of it that no earlier row has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedRow {
    /// The least position on every axis.
    pub first: Point,
    /// The largest position on every axis.
    pub last: Point,
    /// The name of the rule.
    pub rule: String,
}

/// The rows of a `skipped.csv`, or what is wrong with the table.
pub(crate) fn skipped_rows(space: &DesignSpace, table: &Table) -> Result<Vec<SkippedRow>, String> {
    let text = |row: usize, name: &str| -> Result<String, String> {
        let place = table.names().iter().position(|known| known == name);
        match place.and_then(|place| table.cell(row, place)) {
            Some(Cell::I64(number)) => Ok(number.to_string()),
            Some(Cell::Text(text)) => Ok(text),
            _ => Err(format!("row {} has no `{name}`; run the experiment again", row + 1)),
        }
    };
    let corner = |row: usize, name: &str| {
        space.parse_key(&text(row, name)?).map_err(|error| format!("row {}, `{name}`: {error}", row + 1))
    };
    let row = |row: usize| {
        Ok(SkippedRow { first: corner(row, FIRST)?, last: corner(row, LAST)?, rule: text(row, RULE)? })
    };
    (0..table.rows()).map(row).collect()
}

/// A verdict as a record of this scale has it: at smoke scale nothing is measured.
pub(super) fn at_scale(verdict: Verdict, scale: Scale) -> Verdict {
    match scale {
        Scale::Full => verdict,
        Scale::Smoke => Verdict::NotMeasured,
    }
}

/// `claims.csv`: what the paper says, what we measured, the band and the verdict. At smoke scale nothing is measured.
pub(crate) fn claims_table<'a>(
    claims: impl IntoIterator<Item = ClaimRow<'a>>,
    scale: Scale,
) -> Result<Table, Problem> {
    let claims: Vec<ClaimRow<'a>> = claims.into_iter().collect();
    let mut columns = vec![
        ("id", Kind::Text),
        ("says", Kind::Text),
        ("unit", Kind::Text),
        ("paper", Kind::F64),
        ("ours", Kind::F64),
        ("accept_least", Kind::F64),
        ("accept_most", Kind::F64),
        ("verdict", Kind::Text),
    ];
    let with_regimes = claims.iter().any(|claim| claim.in_regimes.is_some());
    if with_regimes {
        columns.extend([("best_regime", Kind::Text), ("regimes_met", Kind::I64), ("regimes", Kind::I64)]);
    }
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for claim in claims {
        let verdict = at_scale(claim.verdict, scale);
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
        let place = claim.in_regimes.as_ref();
        let place = [
            Cell::from(place.map(|it| it.best.clone())),
            Cell::from(place.map(|it| it.met as i64)),
            Cell::from(place.map(|it| it.regimes as i64)),
        ];
        let row = row.into_iter().chain(place.into_iter().filter(|_| with_regimes));
        table.push_row(row).map_err(Problem::machine)?;
    }
    Ok(table)
}
