//! What a buyer loses who trusts a search, in words and tables.

use deployment::Problem;
use report::html::{Page, TableView};
use report::{Cell, Kind, Table};

use super::{Row, Rows};
use crate::parts::tenths;

/// The searches whose regret is shown case by case.
const OURS: [&str; 3] = ["algorithm-1", "kareto", "kareto-plus"];

/// The sections on regret.
pub(super) fn regrets(page: &mut Page, budget_share: f64, rows: &Rows) -> Result<(), Problem> {
    page.section("What a buyer loses").prose(format!(
        "A buyer who has a TTFT limit takes the cheapest configuration that keeps it, and one who has a budget the fastest \
         that it pays for. The regret is how much more that costs, or how much slower it is, than the best of the full grid, \
         with the first {} % of the grid that a search asks for, or with fewer where it ends before. Limits and budgets are those \
         of the grid's front, and 1 % beyond a limit keeps it. Where no evaluated configuration keeps a limit, the regret is \
         100 %. The own range is that of the grid's front; an objective counts there if it varies by more than 1 %.",
        100.0 * budget_share
    ));
    page.section("Regret over all cases").table(
        TableView::new(regret_summary(rows)?)
            .caption("Over the cases: the worst. For a search that draws, the median over its seeds is taken first.")
            .data("searches.csv"),
    );
    page.section("Regret by case").table(
        TableView::new(regret_by_case(rows)?)
            .caption(
                "Over limits and budgets: the worst. `kareto`, `kareto-plus` and the paper's Algorithm 1.",
            )
            .data("searches.csv"),
    );
    Ok(())
}

/// One row for each search: its worst regrets over the cases.
fn regret_summary(rows: &Rows) -> Result<Table, Problem> {
    let mut table = Table::new(&[
        ("search", Kind::Text),
        ("evaluations, most [% of the grid]", Kind::F64),
        ("cost regret [%]", Kind::F64),
        ("TTFT regret [%]", Kind::F64),
        ("cases with both under 2 %", Kind::Text),
        ("hypervolume in the own range, least [%]", Kind::F64),
    ])
    .map_err(Problem::machine)?;
    for search in rows.searches() {
        let of_search: Vec<&Row> = rows.0.iter().filter(|row| row.search == search).collect();
        let most = |of: &dyn Fn(&Row) -> f64| of_search.iter().map(|row| of(row)).fold(0.0, f64::max);
        let under = of_search.iter().filter(|row| row.regret.iter().all(|it| *it < 0.02)).count();
        let own = of_search.iter().map(|row| row.own_range_share).fold(f64::INFINITY, f64::min);
        table
            .push_row([
                Cell::from(search.as_str()),
                Cell::from(tenths(most(&|row| 100.0 * row.judged / row.points))),
                Cell::from(tenths(100.0 * most(&|row| row.regret[0]))),
                Cell::from(tenths(100.0 * most(&|row| row.regret[1]))),
                Cell::from(format!("{under} of {}", of_search.len())),
                Cell::from(tenths(100.0 * own)),
            ])
            .map_err(Problem::machine)?;
    }
    Ok(table)
}

/// One row for each case and each search of ours or of the paper.
fn regret_by_case(rows: &Rows) -> Result<Table, Problem> {
    let mut table = Table::new(&[
        ("trace", Kind::Text),
        ("system", Kind::Text),
        ("search", Kind::Text),
        ("evaluations", Kind::I64),
        ("cost regret [%]", Kind::F64),
        ("TTFT regret [%]", Kind::F64),
        ("hypervolume in the own range [%]", Kind::F64),
    ])
    .map_err(Problem::machine)?;
    for row in rows.0.iter().filter(|row| OURS.contains(&row.search.as_str())) {
        table
            .push_row([
                Cell::from(row.trace.as_str()),
                Cell::from(row.system.as_str()),
                Cell::from(row.search.as_str()),
                Cell::from(row.judged as i64),
                Cell::from(tenths(100.0 * row.regret[0])),
                Cell::from(tenths(100.0 * row.regret[1])),
                Cell::from(tenths(100.0 * row.own_range_share)),
            ])
            .map_err(Problem::machine)?;
    }
    Ok(table)
}
