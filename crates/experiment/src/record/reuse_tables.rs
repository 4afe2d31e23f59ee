//! The tables of reuse: the figures of each trace and block size, and two curves.

use deployment::Problem;
use report::{Cell, Kind, Table};

use crate::reuse::{BLOCK_SHARES, Measured, WITHIN_S};

/// A row for each trace and block size.
pub(crate) const REUSE: &str = "reuse.csv";
/// The hits that the most used blocks give.
pub(crate) const CONCENTRATION: &str = "concentration.csv";
/// The reuses within a time.
pub(crate) const INTERVALS: &str = "intervals.csv";

/// `reuse.csv`. Shares are in percent.
pub(crate) fn reuse_table(measured: &[Measured]) -> Result<Table, Problem> {
    let counts = ["block_tokens", "blocks", "hits"].map(|name| (name, Kind::I64));
    let figures = [
        "hit_percent",
        "hit_token_percent",
        "blocks_for_90_hits_percent",
        "full_blocks_for_90_hits_percent",
        "reused_blocks_for_90_hits_percent",
        "interval_s_mean",
        "interval_s_p50",
        "interval_s_p90",
        "interval_s_p99",
    ];
    let figures = figures.map(|name| (name, Kind::F64));
    let columns: Vec<_> = [("trace", Kind::Text)].into_iter().chain(counts).chain(figures).collect();
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for it in measured {
        let mut cells = vec![Cell::from(it.trace.as_str())];
        cells.extend(
            [i64::from(it.block_tokens), it.blocks as i64, i64::try_from(it.hits).unwrap_or(i64::MAX)]
                .map(Cell::from),
        );
        cells.extend([it.hit_percent, it.hit_token_percent].map(Cell::from));
        cells.extend(it.blocks_percent.map(Cell::from));
        let interval = it.interval_s.map(|q| [q.mean, q.p50, q.p90, q.p99]);
        cells.extend((0..4).map(|place| Cell::from(interval.map(|it| it[place]))));
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// `concentration.csv`.
pub(crate) fn concentration_table(measured: &[Measured]) -> Result<Table, Problem> {
    curves(measured, ["blocks_percent", "hits_percent"], &BLOCK_SHARES, |it| &it.hits_percent)
}

/// `intervals.csv`.
pub(crate) fn intervals_table(measured: &[Measured]) -> Result<Table, Problem> {
    curves(measured, ["within_s", "reuses_percent"], &WITHIN_S, |it| &it.reuses_percent)
}

/// A row for each point of each curve.
fn curves(
    measured: &[Measured],
    [x, y]: [&str; 2],
    at: &[f64],
    values: impl for<'a> Fn(&'a Measured) -> &'a [f64],
) -> Result<Table, Problem> {
    let columns = [("trace", Kind::Text), ("block_tokens", Kind::I64), (x, Kind::F64), (y, Kind::F64)];
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for it in measured {
        for (&x, &y) in at.iter().zip(values(it)) {
            let keys = [Cell::from(it.trace.as_str()), Cell::from(i64::from(it.block_tokens))];
            let row = keys.into_iter().chain([x, y].map(Cell::from));
            table.push_row(row).map_err(Problem::machine)?;
        }
    }
    Ok(table)
}
