//! The columns in which the best hit ratio is not the best latency.

use deployment::Problem;
use experiment::CasesEntry;
use report::html::TableView;
use report::number::significant;
use report::{Cell, Kind, Table};

use super::super::parts::tenths;
use super::panel::{COST, Figure, HIT_RATIO, Panel, TTFT_MEAN, TTFT_P99};

/// One column of one panel, judged.
struct Judged<'a> {
    panel: &'a Panel<'a>,
    column: usize,
    /// Best rows by hit ratio, mean TTFT, p99 TTFT and cost.
    hits: Vec<usize>,
    mean: Vec<usize>,
    p99: Vec<usize>,
    cost: Vec<usize>,
    /// By how much the rows with the best hit ratio are slower than the fastest \[%\], in the mean and at p99.
    mean_lost: f64,
    p99_lost: f64,
}

impl<'a> Judged<'a> {
    fn new(panel: &'a Panel<'a>, column: usize) -> Option<Self> {
        let (_, hits) = panel.best(&HIT_RATIO, column)?;
        let lost = |figure: &Figure| {
            let (best, rows) = panel.best(figure, column)?;
            let mine = hits.iter().map(|&row| panel.value(figure, row, column)).min_by(f64::total_cmp)?;
            Some((rows, if best > 0.0 { 100.0 * (mine - best) / best } else { 0.0 }))
        };
        let ((mean, mean_lost), (p99, p99_lost)) = (lost(&TTFT_MEAN)?, lost(&TTFT_P99)?);
        let (_, cost) = panel.best(&COST, column)?;
        Some(Self { panel, column, mean, p99, cost, mean_lost, p99_lost, hits })
    }

    /// Whether no row is the best both in hit ratio and in another figure. `others` has the best rows of that figure.
    fn apart(&self, others: &[usize]) -> bool {
        !self.hits.iter().any(|row| others.contains(row))
    }
}

/// Says in prose where the figures disagree, and lists these places in a table.
pub(super) fn disagreement(
    panels: &[Panel],
    cases: &CasesEntry,
) -> Result<(String, Option<TableView>), Problem> {
    let judged: Vec<Judged> = panels
        .iter()
        .flat_map(|panel| (0..panel.columns.len()).filter_map(|column| Judged::new(panel, column)))
        .collect();
    let apart: Vec<&Judged> =
        judged.iter().filter(|j| j.apart(&j.mean) || j.apart(&j.p99) || j.apart(&j.cost)).collect();
    let agree = |apart: fn(&Judged) -> bool| judged.iter().filter(|j| !apart(j)).count();
    let mut text = format!(
        "Of {} comparisons, the best hit ratio also has the least mean TTFT in {}, the least p99 TTFT in {} and the \
         least cost in {}.",
        judged.len(),
        agree(|j| j.apart(&j.mean)),
        agree(|j| j.apart(&j.p99)),
        agree(|j| j.apart(&j.cost)),
    );
    let most = judged.iter().filter(|j| j.apart(&j.mean)).max_by(|a, b| a.mean_lost.total_cmp(&b.mean_lost));
    if let Some(most) = most {
        text += &worst(most, cases);
    }
    if !cases.reference.is_empty() {
        let names: Vec<String> = cases.reference.iter().map(|name| format!("`{name}`")).collect();
        text += &format!(" {} cannot be had, so it is shown and not compared.", names.join(", "));
    }
    Ok((text, if apart.is_empty() { None } else { Some(table(&apart, cases)?) }))
}

/// The place with the largest loss by choosing by hit ratio, in words.
fn worst(judged: &Judged, cases: &CasesEntry) -> String {
    let Judged { panel, column, hits, mean, .. } = judged;
    let show = |figure: &Figure, row: usize| significant(panel.value(figure, row, *column), 3);
    let (most_hits, fastest) = (hits[0], mean[0]);
    format!(
        " Most is lost {}: `{}` hits {} % and has a mean TTFT of {} s, `{}` hits {} % and has {} s; the former is {} % \
         slower.",
        place(panel, *column, cases),
        panel.rows[most_hits],
        show(&HIT_RATIO, most_hits),
        show(&TTFT_MEAN, most_hits),
        panel.rows[fastest],
        show(&HIT_RATIO, fastest),
        show(&TTFT_MEAN, fastest),
        significant(judged.mean_lost, 2),
    )
}

/// The place of a column: the panel and the value along the axis.
fn place(panel: &Panel, column: usize, cases: &CasesEntry) -> String {
    let at = cases.along.as_ref().map(|along| format!("at {along} {}", panel.columns[column]));
    let of = (!panel.title.is_empty()).then(|| format!("with {}", panel.title));
    [at, of].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn table(apart: &[&Judged], cases: &CasesEntry) -> Result<TableView, Problem> {
    let along = cases.along.as_deref().unwrap_or("along");
    let mut columns = vec![("with", Kind::Text)];
    if cases.along.is_some() {
        columns.push((along, Kind::Text));
    }
    let named = ["best hit ratio", "least mean TTFT", "least p99 TTFT", "least cost"];
    columns.extend(named.map(|name| (name, Kind::Text)));
    columns.extend(["lost in mean TTFT [%]", "lost in p99 TTFT [%]"].map(|name| (name, Kind::F64)));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for judged in apart {
        let Judged { panel, column, hits, mean, p99, cost, mean_lost, p99_lost } = judged;
        let mut cells = vec![Cell::from(panel.title.as_str())];
        if cases.along.is_some() {
            cells.push(Cell::from(panel.columns[*column].as_str()));
        }
        cells.extend([hits, mean, p99, cost].map(|rows| Cell::from(names(panel, rows))));
        cells.extend([mean_lost, p99_lost].map(|lost| Cell::from(tenths(*lost))));
        table.push_row(cells).map_err(Problem::machine)?;
    }
    let caption = "Where they disagree, and what is lost by choosing by hit ratio.";
    Ok(TableView::new(table).caption(caption).data("cases.csv"))
}

/// The names of rows. Of many equal rows, the first ones, and how many more there are.
fn names(panel: &Panel, rows: &[usize]) -> String {
    const MOST: usize = 2;
    let mut text: Vec<&str> = rows.iter().take(MOST).map(|&row| panel.rows[row].as_str()).collect();
    let more = format!("and {} more", rows.len().saturating_sub(MOST));
    if rows.len() > MOST {
        text.push(&more);
    }
    text.join(", ")
}

#[cfg(test)]
#[path = "../../tests/unit/disagreement.rs"]
mod tests;
