//! Tables of the baseline and the picks: `picks.csv` with their intervals, `assumptions.csv` with other assumptions,
//! and `regret.csv` with their losses under each scenario.

use deployment::Problem;
use kareto::DesignSpace;
use report::{Cell, Kind, Table};

use super::tables::{setting_cells, setting_columns};
use crate::findings::{Assumed, INTERVALS, Listed, Regretted, Uncertainty};

/// One row for each configuration. Where no resamples were evaluated, the ends of the intervals are missing. The last
/// column names, for each figure, the configurations whose intervals overlap.
pub(crate) fn picks_table(
    space: &DesignSpace,
    listed: &[Listed],
    uncertainty: Option<&Uncertainty>,
) -> Result<Table, Problem> {
    let names: Vec<[String; 3]> = INTERVALS
        .iter()
        .map(|(name, _)| [(*name).to_owned(), format!("{name}_low"), format!("{name}_high")])
        .collect();
    let mut columns = vec![("configuration", Kind::Text)];
    columns.extend(setting_columns(space));
    columns.extend(names.iter().flatten().map(|name| (name.as_str(), Kind::F64)));
    columns.push(("overlaps", Kind::Text));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for row in listed {
        let mut cells = vec![Cell::from(row.title)];
        cells.extend(setting_cells(space, &row.point));
        let mut overlaps = Vec::new();
        for (figure, _) in INTERVALS {
            let interval = |row: &Listed| uncertainty?.interval(&row.point, figure);
            let own = interval(row);
            cells.push(Cell::from(row.evaluation.figure(figure)));
            cells.push(Cell::from(own.map(|it| it.low)));
            cells.push(Cell::from(own.map(|it| it.high)));
            let others = listed.iter().filter(|other| other.point != row.point);
            let overlapping = others
                .filter(|other| own.zip(interval(other)).is_some_and(|(here, there)| here.overlaps(&there)));
            let titles: Vec<&str> = overlapping.map(|other| other.title).collect();
            if !titles.is_empty() {
                overlaps.push(format!("{figure}: {}", titles.join(", ")));
            }
        }
        cells.push(Cell::from(overlaps.join("; ")));
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// One row for each assumption and configuration. Percentages compare with the same configuration without the
/// assumption.
pub(crate) fn assumptions_table(space: &DesignSpace, rows: &[Assumed]) -> Result<Table, Problem> {
    let mut columns = vec![("assumption", Kind::Text)];
    columns.extend(setting_columns(space));
    let numbers = [
        "ttft_s_mean",
        "throughput_tokens_per_s",
        "cost",
        "ttft_percent",
        "throughput_percent",
        "cost_percent",
        "dearer_than_as_good_percent",
    ];
    columns.extend(numbers.map(|name| (name, Kind::F64)));
    columns.extend([("as_good", Kind::Text), ("keeps_constraints", Kind::Text)]);
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for row in rows {
        let mut cells = vec![Cell::from(row.assumption.as_str())];
        cells.extend(setting_cells(space, &row.point));
        cells.extend(row.objectives.map(Cell::from));
        cells.extend(row.change.percents().map(Cell::from));
        cells.push(Cell::from(row.as_good.0));
        cells.push(Cell::from(space.key(&row.as_good.1)));
        cells.push(Cell::from(if row.keeps { "yes" } else { "no" }));
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// One row for each configuration, scenario and figure. `cost_as_good` compares the cost with that of the cheapest
/// configuration that is at least as fast and serves at least as much.
pub(crate) fn regret_table(space: &DesignSpace, rows: &[Regretted]) -> Result<Table, Problem> {
    let mut columns = vec![("configuration", Kind::Text)];
    columns.extend(setting_columns(space));
    columns.extend([("scenario", Kind::Text), ("figure", Kind::Text)]);
    columns.extend(["value", "best", "regret", "regret_percent"].map(|name| (name, Kind::F64)));
    columns.push(("best_at", Kind::Text));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for row in rows {
        for it in &row.regrets {
            let mut cells = vec![Cell::from(row.title)];
            cells.extend(setting_cells(space, &row.point));
            cells.extend([Cell::from(row.scenario.as_str()), Cell::from(it.of.name())]);
            cells.extend([it.value, it.best, it.regret].map(Cell::from));
            cells.push(Cell::from(it.percent));
            cells.push(Cell::from(space.key(&it.best_point)));
            table.push_row(cells).map_err(Problem::machine)?;
        }
    }
    Ok(table)
}
