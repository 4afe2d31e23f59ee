//! What storage buys in each regime: for each claim a map, and the best configurations.

use deployment::Problem;
use experiment::{CasesEntry, LoadedSearch, is_met};
use report::chart::{Axis, Heat, Size, Svg};
use report::html::{Figure, Number, Page, TableView};
use report::{Cell, Kind, Table};

use super::super::claims::{Claim, Regimes};
use super::super::parts::{distinct, tenths};
use super::panel::capital;

/// One row of `regimes.csv`.
struct Best {
    claim: String,
    /// The settings of the regime that are not drawn along an axis.
    row: String,
    /// The setting along the axis.
    column: String,
    /// The best configuration: the settings of storage.
    storage: Vec<String>,
    percent: f64,
    verdict: String,
}

/// Draws the regimes of a record.
pub(super) fn regimes(
    page: &mut Page,
    loaded: &LoadedSearch,
    cases: &CasesEntry,
    pictures: &mut Vec<(String, String)>,
) -> Result<(), Problem> {
    let Some(table) = &loaded.regimes else { return Ok(()) };
    let (all, rows_are) = read(table, loaded, cases)?;
    let claims = Claim::read(&loaded.claims)?;
    let claims: Vec<(&Claim, &Regimes)> =
        claims.iter().filter_map(|claim| Some((claim, claim.regimes.as_ref()?))).collect();
    let baseline = cases.baseline.as_deref().unwrap_or("the baseline");
    page.answer(
        format!(
            "{} of {} claims are met in at least one regime, and {} in all.",
            claims.iter().filter(|(_, it)| it.met > 0).count(),
            claims.len(),
            claims.iter().filter(|(_, it)| it.met == it.of).count()
        ),
        claims.iter().map(|(claim, it)| number(claim, it)).collect(),
    );
    let section = page.section("Where the claims hold");
    for (claim, regimes) in &claims {
        section.prose(sentence(claim, regimes, baseline));
    }
    for (claim, _) in &claims {
        let of_claim: Vec<&Best> = all.iter().filter(|best| best.claim == claim.id).collect();
        let section = page.section(capital(&claim.says));
        let svg = map(claim, &of_claim, &rows_are, cases)?;
        pictures.push((format!("{}.svg", claim.id), svg.as_str().to_owned()));
        let over = cases.best_over.join(" and ");
        let caption = format!(
            "By how much the best choice of {over} is better than {baseline} in the same regime [%]. 0 means that no \
             other choice is better."
        );
        section.figure(Figure::new(svg, caption).data("regimes.csv"));
        let table = TableView::new(details(&of_claim, &rows_are, cases)?)
            .caption("The best choice in each regime, and what this regime alone would say of the claim.");
        section.table(table.data("regimes.csv").folded("The best choice in each regime"));
    }
    if !cases.absent.is_empty() {
        page.section("Absent traces").prose(format!(
            "The files of these traces were absent: {}. The maps and the counts do not have them.",
            cases.absent.join(", ")
        ));
    }
    Ok(())
}

/// The best regime's figure, beside the paper's.
fn number(claim: &Claim, regimes: &Regimes) -> Number {
    Number {
        of: format!("best improvement in {}; met in {} of {} regimes", claim.id, regimes.met, regimes.of),
        value: claim.ours(),
        beside: format!("the paper: {}", claim.paper()),
    }
}

/// The answer in a paragraph.
fn sentence(claim: &Claim, regimes: &Regimes, baseline: &str) -> String {
    format!(
        "**{}**. Ours: up to {} better than `{baseline}`, in the regime `{}`. Verdict: {}. The claim is met in {} of {} \
         regimes.",
        claim.says,
        claim.ours(),
        regimes.best,
        claim.verdict,
        regimes.met,
        regimes.of
    )
}

/// The rows of `regimes.csv`, and the names of the settings that name a row of the map.
fn read(table: &Table, loaded: &LoadedSearch, cases: &CasesEntry) -> Result<(Vec<Best>, String), Problem> {
    let text = |name: &str| table.texts(name).map_err(Problem::user);
    let along = cases.along.as_deref().unwrap_or_default();
    let names = || loaded.found.space.axes().iter().map(|axis| axis.name.as_str());
    let is_storage = |name: &str| cases.best_over.iter().any(|known| known == name);
    let of_row: Vec<&str> = names().filter(|name| !is_storage(name) && *name != along).collect();
    let columns = |names: Vec<&str>| names.into_iter().map(text).collect::<Result<Vec<_>, _>>();
    let rows = columns(of_row.clone())?;
    let storage = columns(names().filter(|name| is_storage(name)).collect())?;
    let column = if along.is_empty() { vec![String::new(); table.rows()] } else { text(along)? };
    let (claims, verdicts) = (text("claim")?, text("verdict")?);
    let percent = table.numbers("improvement_percent").map_err(Problem::user)?;
    let at =
        |columns: &[Vec<String>], row: usize| columns.iter().map(|it| it[row].clone()).collect::<Vec<_>>();
    let best = (0..table.rows()).map(|row| Best {
        claim: claims[row].clone(),
        row: at(&rows, row).join(", "),
        column: column[row].clone(),
        storage: at(&storage, row),
        percent: percent[row].unwrap_or(0.0),
        verdict: verdicts[row].clone(),
    });
    Ok((best.collect(), of_row.join(", ")))
}

/// Improvement over the baseline: a row for each regime, a column for each value along the axis.
fn map(claim: &Claim, all: &[&Best], rows_are: &str, cases: &CasesEntry) -> Result<Svg, Problem> {
    /// The height of a row, and the height around all rows \[px\].
    const ROW_PX: u32 = 26;
    const AROUND_PX: u32 = 160;
    let rows = distinct(all.iter().map(|best| best.row.clone()));
    let columns = distinct(all.iter().map(|best| best.column.clone()));
    let title = format!("Best improvement in {}, by load and instances", claim.id);
    let along = cases.along.as_deref().unwrap_or_default();
    let mut heat = Heat::new(title, along, rows_are, Axis::linear("improvement [%]"));
    heat.rows = rows.iter().rev().cloned().collect();
    heat.columns.clone_from(&columns);
    for row in rows.iter().rev() {
        for column in &columns {
            let found = all.iter().find(|best| best.row == *row && best.column == *column);
            heat.values.push(found.map(|best| tenths(best.percent)));
        }
    }
    heat.marked_name = "the claim is met".to_owned();
    for best in all.iter().filter(|best| is_met(&best.verdict)) {
        let row = heat.rows.iter().position(|row| *row == best.row);
        let column = columns.iter().position(|column| *column == best.column);
        heat.marked.extend(column.zip(row));
    }
    let height = (AROUND_PX + ROW_PX * rows.len() as u32).clamp(Size::STANDARD.height / 2, 4000);
    heat.size = Size { height, ..Size::STANDARD };
    heat.to_svg().map_err(Problem::machine)
}

/// The best configuration of each regime.
fn details(all: &[&Best], rows_are: &str, cases: &CasesEntry) -> Result<Table, Problem> {
    let mut columns = vec![(rows_are, Kind::Text)];
    columns.extend(cases.along.as_deref().map(|along| (along, Kind::Text)));
    columns.extend(cases.best_over.iter().map(|name| (name.as_str(), Kind::Text)));
    columns.extend([("improvement [%]", Kind::F64), ("verdict", Kind::Text)]);
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for best in all {
        let mut cells = vec![Cell::from(best.row.as_str())];
        cells.extend(cases.along.as_ref().map(|_| Cell::from(best.column.as_str())));
        cells.extend(best.storage.iter().map(|setting| Cell::from(setting.as_str())));
        cells.extend([Cell::from(tenths(best.percent)), Cell::from(best.verdict.as_str())]);
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}
