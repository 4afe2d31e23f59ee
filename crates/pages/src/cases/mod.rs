//! The page of an experiment of cases: a grid for each figure and panel, and where the figures disagree.

mod against;
mod answer;
mod disagreement;
mod panel;
mod regimes;
mod surfaces;

use deployment::Problem;
use experiment::{CasesEntry, LoadedSearch};
use report::chart::{Heat, Size, Svg};
use report::html::{Figure as Shown, Page, Section, TableView};
use report::{Cell, Kind, Table};

use self::against::against;
use self::answer::answer;
use self::disagreement::disagreement;
use self::panel::{FIGURES, Figure, Panel, axis, capital, panels};
use self::regimes::regimes;
use self::surfaces::surfaces;
use super::Rendered;
use super::page::facts;
use super::parts::{begun, claims_shown, ended, rounded};

/// Draws a record of cases.
pub(crate) fn cases_page(
    loaded: &LoadedSearch,
    cases: &CasesEntry,
    analysis: &str,
) -> Result<Rendered, Problem> {
    let manifest = &loaded.manifest;
    let mut page = begun(&manifest.experiment, &manifest.question, &manifest.scale);
    let mut pictures = Vec::new();
    if loaded.regimes.is_some() {
        regimes(&mut page, loaded, cases, &mut pictures)?;
    } else if loaded.surfaces.is_some() {
        surfaces(&mut page, loaded, cases, &mut pictures)?;
    } else if loaded.against.is_some() {
        against(&mut page, loaded, cases, &mut pictures)?;
    } else {
        compared(&mut page, loaded, cases, &mut pictures)?;
    }
    Ok(Rendered { html: ended(page, analysis, facts(loaded)), pictures })
}

/// The figures of all cases, and where they disagree.
fn compared(
    page: &mut Page,
    loaded: &LoadedSearch,
    cases: &CasesEntry,
    pictures: &mut Vec<(String, String)>,
) -> Result<(), Problem> {
    let panels = panels(loaded, cases);
    answer(page, &panels, cases);
    let (text, table) = disagreement(&panels, cases)?;
    let section = page.section("Is the best hit ratio the best latency?");
    section.prose(text);
    if let Some(table) = table {
        section.table(table);
    }
    for panel in &panels {
        let heading = if panel.title.is_empty() { "The cases" } else { panel.title.as_str() };
        let section = page.section(heading);
        match &cases.along {
            Some(along) => heats(section, panel, along, cases, &loaded.found.currency, pictures)?,
            None => {
                let table = figures_table(panel, &cases.compare, &loaded.found.currency)?;
                section.table(TableView::new(table).data("cases.csv"));
            }
        }
    }
    if loaded.claims.rows() > 0 {
        page.section("Claims").table(TableView::new(claims_shown(&loaded.claims)?).data("claims.csv"));
    }
    Ok(())
}

/// A heat map for each figure.
fn heats(
    section: &mut Section,
    panel: &Panel,
    along: &str,
    cases: &CasesEntry,
    currency: &str,
    pictures: &mut Vec<(String, String)>,
) -> Result<(), Problem> {
    for figure in &FIGURES {
        let svg = heat(panel, figure, along, cases, currency)?;
        let better = match figure.better {
            panel::Better::Less => "least",
            panel::Better::More => "most",
        };
        pictures.push((format!("{}{}.svg", panel.file_part, figure.name), svg.as_str().to_owned()));
        let caption = format!("{} [{}]; {better} is best.", capital(figure.title), figure.unit(currency));
        section.figure(Shown::new(svg, caption).data("cases.csv"));
    }
    Ok(())
}

fn heat(
    panel: &Panel,
    figure: &Figure,
    along: &str,
    cases: &CasesEntry,
    currency: &str,
) -> Result<Svg, Problem> {
    /// The height of a row, and the height around all rows \[px\].
    const ROW_PX: u32 = 24;
    const AROUND_PX: u32 = 150;
    let (rows, columns) = (panel.rows.len(), panel.columns.len());
    let cells = (0..rows).rev().flat_map(|row| (0..columns).map(move |column| (row, column)));
    let values: Vec<f64> = cells.map(|(row, column)| panel.value(figure, row, column)).collect();
    let label = format!("{} [{}]", figure.title, figure.unit(currency));
    let title = format!("{} by {} and {along}", capital(figure.title), cases.compare);
    let mut heat = Heat::new(title, along, cases.compare.as_str(), axis(label, &values));
    heat.columns.clone_from(&panel.columns);
    heat.rows = panel.rows.iter().rev().cloned().collect();
    heat.values = values.into_iter().map(Some).collect();
    heat.marked_name = "best of its column".to_owned();
    for column in 0..columns {
        let best = panel.best(figure, column).map_or_else(Vec::new, |(_, rows)| rows);
        // Where all rows are equal, there is nothing to mark.
        if best.len() < rows {
            heat.marked.extend(best.iter().map(|row| (column, rows - 1 - row)));
        }
    }
    let height = (AROUND_PX + ROW_PX * rows as u32).clamp(Size::STANDARD.height / 2, 4000);
    heat.size = Size { height, ..Size::STANDARD };
    heat.to_svg().map_err(Problem::machine)
}

/// The figures of a panel that is not drawn along an axis.
fn figures_table(panel: &Panel, compare: &str, currency: &str) -> Result<Table, Problem> {
    let headings = FIGURES.map(|figure| format!("{} [{}]", figure.title, figure.unit(currency)));
    let mut columns = vec![(compare, Kind::Text)];
    columns.extend(headings.iter().map(|heading| (heading.as_str(), Kind::F64)));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for (row, name) in panel.rows.iter().enumerate() {
        let figures = FIGURES.iter().map(|figure| Cell::from(rounded(panel.value(figure, row, 0))));
        table
            .push_row(std::iter::once(Cell::from(name.as_str())).chain(figures))
            .map_err(Problem::machine)?;
    }
    Ok(table)
}
