//! `regret.csv`: what the baseline and the picks lose under each scenario against what is best there.

use kareto::DesignSpace;
use report::{Cell, Kind, Table};

use super::tables::{setting_cells, setting_columns};
use crate::error::CliError;
use crate::render::Regretted;

/// One row for each configuration, scenario and figure; `cost_as_good` is cost against the cheapest that is at least as fast
/// and serves at least as much.
pub(crate) fn regret_table(space: &DesignSpace, rows: &[Regretted]) -> Result<Table, CliError> {
    let mut columns = vec![("configuration", Kind::Text)];
    columns.extend(setting_columns(space));
    columns.extend([("scenario", Kind::Text), ("figure", Kind::Text)]);
    columns.extend(["value", "best", "regret", "regret_percent"].map(|name| (name, Kind::F64)));
    columns.push(("best_at", Kind::Text));
    let mut table = Table::new(&columns).map_err(CliError::machine)?;
    for row in rows {
        for it in &row.regrets {
            let mut cells = vec![Cell::from(row.title)];
            cells.extend(setting_cells(space, &row.point));
            cells.extend([Cell::from(row.scenario.as_str()), Cell::from(it.of.name())]);
            cells.extend([it.value, it.best, it.regret].map(Cell::from));
            cells.push(Cell::from(it.percent));
            cells.push(Cell::from(space.key(&it.best_point)));
            table.push_row(cells).map_err(CliError::machine)?;
        }
    }
    Ok(table)
}
