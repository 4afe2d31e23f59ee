//! The tables of a timeline: every window of every run, and the answer to the file's question.

use deployment::Problem;
use kareto::{DesignSpace, Point};
use report::{Cell, Kind, Table};

use super::tables::{setting_cells, setting_columns};
use super::timeline_entry::LoadEntry;
use crate::timeline::{
    ChoiceRules, Content, Lived, Recovered, STRATEGIES, Series, WINDOW_FIGURES, content_name,
};

/// A load that was run under every configuration.
pub(crate) struct FollowedLoad {
    pub(crate) entry: LoadEntry,
    /// The names of its runs.
    pub(crate) runs: Vec<String>,
    /// By configuration, then by run.
    pub(crate) series: Vec<Vec<Series>>,
}

/// A load under one assumption of what a switch leaves, and its windows under every strategy.
pub(crate) type Strategies = (String, Content, [Vec<Lived>; 4]);

/// `windows.csv`: a row for each load, configuration, run and window.
pub(crate) fn windows_table(space: &DesignSpace, followed: &[FollowedLoad]) -> Result<Table, Problem> {
    let mut columns = vec![("load", Kind::Text)];
    columns.extend(setting_columns(space));
    columns.extend([("run", Kind::Text), ("window", Kind::I64), ("from_s", Kind::F64)]);
    columns.extend(WINDOW_FIGURES.map(|name| (name, Kind::F64)));
    columns.extend(["hit_ratio", "cost_per_h", "busy_share"].map(|name| (name, Kind::F64)));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for load in followed {
        for (point, runs) in space.points().zip(&load.series) {
            for (run, series) in load.runs.iter().zip(runs) {
                for (number, window) in (0_u32..).zip(&series.windows) {
                    let Some(window) = window else { continue };
                    let mut cells = vec![Cell::from(load.entry.name.as_str())];
                    cells.extend(setting_cells(space, &point));
                    cells.extend([Cell::from(run.as_str()), Cell::from(i64::from(number) + 1)]);
                    cells.push(Cell::from(f64::from(number) * load.entry.window_s));
                    cells.extend(window.values().map(Cell::from));
                    cells.push(Cell::from(window.hit_ratio()));
                    cells.extend([series.cost_per_h, series.busy_share].map(Cell::from));
                    table.push_row(cells).map_err(Problem::machine)?;
                }
            }
        }
    }
    Ok(table)
}

/// `choices.csv`: a row for each load, assumption, strategy and window.
pub(crate) fn choices_table(
    space: &DesignSpace,
    points: &[Point],
    rules: &ChoiceRules,
    all: &[Strategies],
) -> Result<Table, Problem> {
    let mut columns = ["load", "content", "strategy"].map(|name| (name, Kind::Text)).to_vec();
    columns.extend([("window", Kind::I64), ("name", Kind::Text)]);
    columns.extend(setting_columns(space));
    columns.push(("switched", Kind::I64));
    let figures = ["cost", "switch_cost", "ttft_s_mean", "ttft_s_p99", "limited_s"];
    columns.extend(figures.map(|name| (name, Kind::F64)));
    columns.push(("kept", Kind::I64));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for (load, content, strategies) in all {
        for ((strategy, _), windows) in STRATEGIES.iter().zip(strategies) {
            for (number, lived) in windows.iter().enumerate() {
                let name = rules.names.get(number).cloned().unwrap_or_else(|| (number + 1).to_string());
                let mut cells: Vec<Cell> =
                    [load.as_str(), content_name(*content), *strategy].map(Cell::from).into();
                cells.extend([Cell::from(number as i64 + 1), Cell::from(name)]);
                cells.extend(setting_cells(space, &points[lived.configuration]));
                cells.push(Cell::from(i64::from(lived.switched)));
                cells.extend([lived.cost, lived.switch_cost].map(Cell::from));
                cells.extend([lived.window.ttft_s_mean, lived.window.ttft_s_p99].map(Cell::from));
                cells.extend([Cell::from(lived.figure_s), Cell::from(i64::from(lived.kept))]);
                table.push_row(cells).map_err(Problem::machine)?;
            }
        }
    }
    Ok(table)
}

/// `strategies.csv`: a row for each load, assumption and strategy. Regret is against hindsight.
pub(crate) fn strategies_table(all: &[Strategies]) -> Result<Table, Problem> {
    let texts = ["load", "content", "strategy"].map(|name| (name, Kind::Text));
    let figures = [
        "cost",
        "switch_cost",
        "cost_regret",
        "cost_regret_percent",
        "ttft_s_mean",
        "ttft_regret_s",
        "limited_s_worst",
    ];
    let counts = ["switches", "windows_kept", "windows"].map(|name| (name, Kind::I64));
    let columns: Vec<_> =
        texts.into_iter().chain(figures.map(|name| (name, Kind::F64))).chain(counts).collect();
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for (load, content, strategies) in all {
        let totals = strategies.each_ref().map(|windows| Total::of(windows));
        let best = totals[3];
        for ((strategy, _), total) in STRATEGIES.iter().zip(totals) {
            let mut cells: Vec<Cell> =
                [load.as_str(), content_name(*content), *strategy].map(Cell::from).into();
            let regret = total.cost - best.cost;
            cells.extend([total.cost, total.switch_cost, regret].map(Cell::from));
            cells.push(Cell::from((best.cost > 0.0).then(|| 100.0 * regret / best.cost)));
            cells.extend([total.ttft_s, total.ttft_s - best.ttft_s, total.worst_s].map(Cell::from));
            cells.extend([total.switches, total.kept, total.windows].map(Cell::from));
            table.push_row(cells).map_err(Problem::machine)?;
        }
    }
    Ok(table)
}

/// All windows under one strategy.
#[derive(Clone, Copy)]
struct Total {
    /// With switches.
    cost: f64,
    switch_cost: f64,
    /// Mean over all requests \[s\].
    ttft_s: f64,
    /// The limited figure in the worst window \[s\].
    worst_s: f64,
    switches: i64,
    kept: i64,
    windows: i64,
}

impl Total {
    fn of(windows: &[Lived]) -> Self {
        let sum = |of: fn(&Lived) -> f64| windows.iter().map(of).sum::<f64>();
        let requests = sum(|it| it.window.requests);
        let waited_s = sum(|it| it.window.requests * it.window.ttft_s_mean.unwrap_or(0.0));
        let count = |of: fn(&&Lived) -> bool| windows.iter().filter(of).count() as i64;
        Self {
            cost: sum(|it| it.cost + it.switch_cost),
            switch_cost: sum(|it| it.switch_cost),
            ttft_s: if requests > 0.0 { waited_s / requests } else { 0.0 },
            worst_s: windows.iter().map(|it| it.figure_s).fold(0.0, f64::max),
            switches: count(|it| it.switched),
            kept: count(|it| it.kept),
            windows: windows.len() as i64,
        }
    }
}

/// `recovery.csv`: a row for each load and configuration. A row has the load, the point, what became of it, and the length
/// of a window \[min\].
pub(crate) fn recovery_table(
    space: &DesignSpace,
    rows: &[(String, Point, Recovered, f64)],
) -> Result<Table, Problem> {
    let mut columns = vec![("load", Kind::Text)];
    columns.extend(setting_columns(space));
    columns.push(("verdict", Kind::Text));
    let figures = [
        "busy_share",
        "hit_ratio_before",
        "hit_ratio_surge",
        "hit_ratio_least",
        "hit_ratio_end",
        "hit_ratio_end_steady",
        "hit_ratio_end_cold",
        "ttft_s_before",
        "ttft_s_surge",
        "ttft_s_end",
        "ttft_s_end_steady",
        "ttft_s_end_cold",
        "waiting_most",
        "hits_back_min",
        "ttft_back_min",
        "cold_hits_back_min",
        "cold_ttft_back_min",
        "left_min",
    ];
    columns.extend(figures.map(|name| (name, Kind::F64)));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for (load, point, found, window_min) in rows {
        let minutes = |windows: Option<u32>| windows.map(|it| f64::from(it) * window_min);
        let mut cells = vec![Cell::from(load.as_str())];
        cells.extend(setting_cells(space, point));
        cells.push(Cell::from(found.verdict()));
        cells.push(Cell::from(found.busy_share));
        cells.extend([found.before.hit_ratio, found.surge.hit_ratio, found.hit_ratio_least].map(Cell::from));
        cells.extend(found.end.map(|it| Cell::from(it.hit_ratio)));
        cells.extend([found.before.ttft_s_mean, found.surge.ttft_s_mean].map(Cell::from));
        cells.extend(found.end.map(|it| Cell::from(it.ttft_s_mean)));
        cells.push(Cell::from(found.waiting_most));
        cells.extend(found.after_surge.iter().chain(&found.after_cold).map(|it| Cell::from(minutes(*it))));
        cells.push(Cell::from(f64::from(found.windows_left) * window_min));
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}
