//! `group-ttl.csv`: the results of group TTL beside those of one TTL.

use deployment::Problem;
use report::{Cell, Kind, Table};

use crate::group_ttl::{Measured, Row, change_percent, part_name, tuned_name};

/// `group-ttl.csv`: a row for each comparison. Columns that end in `_one` are of one TTL.
pub(crate) fn rows_table(rows: &[Row]) -> Result<Table, Problem> {
    let texts = ["case", "part", "tuned", "method"].map(|name| (name, Kind::Text));
    let figures = [
        "storage_share",
        "storage_gib_hours",
        "storage_gib_hours_one",
        "reuse_ratio",
        "reuse_ratio_one",
        "reuse_gain_percent",
        "model_gain_percent",
        "reuse_ratio_tier",
        "reuse_ratio_tier_one",
        "ttft_s_mean",
        "ttft_s_mean_one",
        "ttft_change_percent",
        "cost",
        "cost_one",
        "cost_change_percent",
        "peak_gib",
        "peak_gib_one",
        "ttl_s_one",
    ];
    let columns: Vec<_> = texts.into_iter().chain(figures.map(|name| (name, Kind::F64))).collect();
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for row in rows {
        let texts = [&row.case, part_name(row.part), tuned_name(row.tuned), row.method].map(Cell::from);
        let (group, one) = (&row.group_ttl, &row.one_ttl);
        let both = |of: fn(&Measured) -> f64| [of(group), of(one)];
        let change = |of: fn(&Measured) -> f64| Cell::from(change_percent(of(one), of(group)));
        let mut cells: Vec<Cell> = texts.into();
        cells.push(row.storage_share.into());
        cells.extend(both(|it| it.storage_gib_hours).map(Cell::from));
        cells.extend(both(|it| it.reuse_ratio).map(Cell::from));
        cells.push(change(|it| it.reuse_ratio));
        cells.push(Cell::from(row.model_gain_percent));
        cells.extend(both(|it| it.reuse_ratio_tier).map(Cell::from));
        cells.extend(both(|it| it.ttft_s_mean).map(Cell::from));
        cells.push(change(|it| it.ttft_s_mean));
        cells.extend(both(|it| it.cost).map(Cell::from));
        cells.push(change(|it| it.cost));
        cells.extend(both(|it| it.peak_gib).map(Cell::from));
        cells.push(row.one_ttl_s.into());
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}
