//! The tables of cases that are compared in other ways: surfaces over two axes, and each case beside one of them.

use deployment::Problem;
use kareto::DesignSpace;
use report::{Cell, Kind, Table};

use super::tables::{setting_cells, setting_columns};
use crate::against::Compared;
use crate::findings::Surface;

/// The shapes of surfaces.
pub(crate) const SURFACES: &str = "surfaces.csv";
/// Each case beside the one that it is compared with.
pub(crate) const AGAINST: &str = "against.csv";

/// `surfaces.csv`: a row for each surface. It has the settings of all axes but the two that the surface lies over.
pub(crate) fn surfaces_table(
    space: &DesignSpace,
    [rows, columns]: [&str; 2],
    surfaces: &[Surface],
) -> Result<Table, Problem> {
    let fixed = |name: &str| name != rows && name != columns;
    let mut heads: Vec<(String, Kind)> = setting_columns(space)
        .filter(|(name, _)| fixed(name))
        .map(|(name, kind)| (name.to_owned(), kind))
        .collect();
    heads.push(("figure".to_owned(), Kind::Text));
    let ends = |axis: &str, other: &str| {
        ["first", "last"].map(|end| format!("{axis}_change_percent_at_{end}_{other}"))
    };
    let shares = ["interaction_percent", "interaction_log_percent"].map(str::to_owned);
    let figures = shares.into_iter().chain(ends(columns, rows)).chain(ends(rows, columns));
    heads.extend(figures.map(|name| (name, Kind::F64)));
    heads.extend(["turns", "inner"].map(|name| (name.to_owned(), Kind::I64)));
    heads.push(("bend_ratio".to_owned(), Kind::F64));
    let heads: Vec<(&str, Kind)> = heads.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
    let mut table = Table::new(&heads).map_err(Problem::machine)?;
    for Surface { figure, point, shape, .. } in surfaces {
        let settings = space.axes().iter().zip(setting_cells(space, point));
        let mut cells: Vec<Cell> =
            settings.filter(|(axis, _)| fixed(&axis.name)).map(|(_, cell)| cell).collect();
        cells.push(Cell::from(figure.as_str()));
        cells.extend([Cell::from(shape.interaction_percent), Cell::from(shape.interaction_log_percent)]);
        cells.extend(shape.column_change_percent.into_iter().chain(shape.row_change_percent).map(Cell::from));
        cells.extend([shape.turns.len() as i64, shape.inner as i64].map(Cell::from));
        cells.push(Cell::from(shape.bend_ratio));
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// `against.csv`: a row for each case but those that others are compared with.
pub(crate) fn against_table(space: &DesignSpace, compared: &[Compared]) -> Result<Table, Problem> {
    let mut columns: Vec<(&str, Kind)> = setting_columns(space).collect();
    columns.extend(
        ["ttft_improvement_percent", "cost_improvement_percent", "queue_s_mean_without", "read_s_mean"]
            .map(|name| (name, Kind::F64)),
    );
    columns.extend(["queue", "effect"].map(|name| (name, Kind::Text)));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for case in compared {
        let figures = [case.ttft_percent, case.cost_percent, case.queue_s, case.read_s].map(Cell::from);
        let queue = if case.queue_is_longer() { "longer" } else { "shorter" };
        let effect = if case.is_faster() { "faster" } else { "not faster" };
        let row = setting_cells(space, &case.point).into_iter().chain(figures);
        table.push_row(row.chain([queue, effect].map(Cell::from))).map_err(Problem::machine)?;
    }
    Ok(table)
}
