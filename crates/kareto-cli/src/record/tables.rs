//! The tables of a record: the front with all figures, and the claims with their verdicts.

use kareto::front::Front;
use kareto::objectives::NAMES;
use kareto::space::{AxisValue, AxisValues};
use kareto::{Archive, DesignSpace, Evaluation, Point};
use report::{Cell, Kind, Table};

use crate::error::CliError;
use crate::experiment::claim::{ClaimRow, Verdict};
use crate::experiment::plan::Scale;

/// `front.csv`: settings, objectives and metrics of every point of the front, cheapest first.
pub(crate) fn front_table(space: &DesignSpace, archive: &Archive) -> Result<Table, CliError> {
    let front = Front::of(archive);
    points_table(space, front.points().iter().map(|(point, evaluation)| (point, evaluation)))
}

/// `cases.csv`: settings, objectives and metrics of every case, in the order of the axes.
pub(crate) fn cases_table(space: &DesignSpace, archive: &Archive) -> Result<Table, CliError> {
    points_table(space, archive.iter())
}

/// Settings, objectives and metrics of points, one a row.
pub(crate) fn points_table<'a>(
    space: &DesignSpace,
    points: impl Iterator<Item = (&'a Point, &'a Evaluation)>,
) -> Result<Table, CliError> {
    let points: Vec<_> = points.collect();
    let metrics: Vec<&str> =
        points.first().map_or_else(Vec::new, |(_, e)| e.metrics.keys().map(String::as_str).collect());
    let mut columns: Vec<(&str, Kind)> = Vec::new();
    for axis in space.axes() {
        let kind = match axis.values {
            AxisValues::Integers(_) => Kind::I64,
            AxisValues::Categories(_) => Kind::Text,
        };
        columns.push((&axis.name, kind));
    }
    columns.extend(NAMES.iter().chain(&metrics).map(|name| (*name, Kind::F64)));
    let mut table = Table::new(&columns).map_err(CliError::machine)?;
    for (point, evaluation) in points {
        let settings = space.values(point).into_iter().map(|value| match value {
            AxisValue::Integer(value) => Cell::from(value),
            AxisValue::Category(name) => Cell::from(name),
        });
        let figures = NAMES
            .iter()
            .chain(&metrics)
            .map(|name| evaluation.figure(name).map_or(Cell::Missing, Cell::from));
        table.push_row(settings.chain(figures)).map_err(CliError::machine)?;
    }
    Ok(table)
}

/// `claims.csv`: what the paper says, what we measured, the band and the verdict. A run at smoke scale measures nothing.
pub(crate) fn claims_table<'a>(
    claims: impl IntoIterator<Item = ClaimRow<'a>>,
    scale: Scale,
) -> Result<Table, CliError> {
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
    .map_err(CliError::machine)?;
    for claim in claims {
        let verdict = match scale {
            Scale::Full => claim.verdict,
            Scale::Smoke => Verdict::NotMeasured,
        };
        let row = [
            Cell::from(claim.id),
            Cell::from(claim.says),
            Cell::from(claim.unit),
            claim.paper.map_or(Cell::Missing, Cell::from),
            claim.ours.map_or(Cell::Missing, Cell::from),
            Cell::from(claim.accept[0]),
            Cell::from(claim.accept[1]),
            Cell::from(verdict.name()),
        ];
        table.push_row(row).map_err(CliError::machine)?;
    }
    Ok(table)
}
