//! The section of a page about other assumptions.

use deployment::Problem;
use experiment::Assumed;
use kareto::picks::Pick;
use report::html::{Section, TableView};
use report::{Cell, Kind, Table};

use super::parts::{rounded, tenths};

/// The section about assumptions: the choice under each of them.
pub(super) fn section(
    section: &mut Section,
    rows: &[Assumed],
    chosen: &Pick,
    currency: &str,
) -> Result<(), Problem> {
    section.prose(
        "The choice is simulated again with one assumption changed: the bandwidth of a tier's links, the time of every \
         engine step, or the number of sessions that arrive. It is also priced at other prices. The last number says by \
         how much the choice is then dearer than the cheapest of the tried configurations that is as fast and serves as \
         much.",
    );
    let cost = format!("cost [{currency}]");
    let numbers =
        ["TTFT [s]", "TTFT [%]", "tokens/s", "tokens/s [%]", &cost, "cost [%]", "dearer than as good [%]"];
    let mut columns = vec![("assumption", Kind::Text)];
    columns.extend(numbers.map(|name| (name, Kind::F64)));
    columns.push(("keeps constraints", Kind::Text));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for row in rows.iter().filter(|row| row.point == chosen.point) {
        let percent = |value: f64| Cell::from(tenths(value));
        let mut cells = vec![Cell::from(row.assumption.as_str())];
        for (value, change) in row.objectives.into_iter().zip(row.change.percents()) {
            cells.extend([Cell::from(rounded(value)), change.map_or(Cell::Missing, percent)]);
        }
        cells.push(percent(row.as_good.0));
        cells.push(Cell::from(if row.keeps { "yes" } else { "no" }));
        table.push_row(cells).map_err(Problem::machine)?;
    }
    section.table(TableView::new(table).data("assumptions.csv"));
    Ok(())
}
