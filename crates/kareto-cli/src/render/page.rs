//! The page of one record.

use kareto::front::Front;
use kareto::picks::{Change, feasible};
use kareto::space::AxisValues;
use report::chart::Svg;
use report::html::{Figure, Page, TableView};
use report::number::{grouped, significant};
use report::{Cell, Kind, Table};

use super::chart::front_chart;
use super::{
    Advice, FIGURES, Listed, Loaded, Rendered, lattices, listed, recommended, scenarios, uncertainty,
};
use crate::error::CliError;
use crate::record::{setting_cells, setting_columns};

/// Draws the record of a search.
pub(crate) fn page(loaded: &Loaded) -> Result<Rendered, CliError> {
    let manifest = &loaded.manifest;
    let constraints = &manifest.constraint;
    let listed = &listed(&loaded.searched, &loaded.kept, loaded.baseline.as_ref(), constraints)?;
    let title = "Cost against time to first token";
    let chart = front_chart(title, &manifest.currency, &loaded.space, &loaded.searched, listed)?;
    let mut pictures = vec![("front.svg".to_owned(), chart.as_str().to_owned())];
    let lattices = lattices(loaded)?;
    for (number, lattice) in lattices.0.iter().enumerate() {
        pictures.push((format!("skipped-{}.svg", number + 1), lattice.as_str().to_owned()));
    }
    let mut page = begun(&manifest.experiment, &manifest.question, &manifest.scale);
    let section = page.section("The front");
    if let Some(scenarios) = &loaded.scenarios {
        section.prose(format!("Every figure is {}.", scenarios.objectives_are()));
    }
    let points = Front::of(&loaded.searched).len();
    let evaluations = manifest.search.evaluations;
    section.figure(
        Figure::new(
            chart,
            format!(
                "{evaluations} evaluated configurations, {points} of them on the front of {}. The line joins those that are on the front of cost and TTFT alone.",
                objectives(&manifest.search.objectives)
            ),
        )
        .data("front.csv")
        .data("archive.jsonl"),
    );
    let section = page.section("What to buy");
    let mut view = TableView::new(picks_table(loaded, listed)?).caption(caption(loaded)).data("picks.csv");
    if loaded.baseline.is_some() {
        view = view.highlight(0);
    }
    section.table(view);
    let advice = Advice {
        space: &loaded.space,
        searched: &loaded.searched,
        kept: &loaded.kept,
        listed,
        baseline: loaded.baseline.as_ref().and_then(|point| Some((point, loaded.kept.get(point)?))),
        constraints,
        currency: &manifest.currency,
        scenarios: loaded.scenarios.as_ref(),
        uncertainty: loaded.uncertainty.as_ref(),
    };
    section.list(advice.paragraphs()?);
    let choices = feasible(&loaded.searched, constraints).map_err(CliError::user)?;
    if let Some(uncertainty) = &loaded.uncertainty
        && let Some(chosen) = recommended(&choices, constraints)
        && !uncertainty.assumptions.is_empty()
    {
        let rows = uncertainty.assumed(&loaded.kept, constraints);
        let section = page.section("Which assumption matters");
        uncertainty::section(section, &rows, &chosen, &manifest.currency)?;
    }
    if let Some(scenarios) = &loaded.scenarios {
        let section = page.section("Under each scenario");
        pictures.extend(scenarios::section(section, loaded, scenarios, &choices, listed)?);
    }
    if loaded.claims.rows() > 0 {
        page.section("Claims").table(TableView::new(claims_shown(&loaded.claims)?).data("claims.csv"));
    }
    skipped_shown(&mut page, loaded, lattices);
    Ok(Rendered { html: ended(page, &manifest.analysis, facts(loaded)), pictures })
}

/// The objectives in words.
fn objectives(others: &[String]) -> String {
    match others {
        [] => "mean TTFT, throughput and cost".to_owned(),
        others => others.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}

/// What the search did not evaluate, and why.
fn skipped_shown(page: &mut Page, loaded: &Loaded, (pictures, all): (Vec<Svg>, bool)) {
    if pictures.is_empty() {
        return;
    }
    let skipped = loaded.space.size() - loaded.searched.len();
    let section = page.section("What was skipped");
    section.prose(format!(
        "{skipped} of {} configurations were not asked for. Each has its rule, the neighbours that the search looked at \
         and what it compared in the table.",
        loaded.space.size()
    ));
    if !all {
        section.prose("Only the first combinations of the other axes are drawn.");
    }
    let caption = "Evaluated configurations, and for the others the rule that skipped them.";
    for picture in pictures {
        section.figure(Figure::new(picture, caption).data("skipped.csv"));
    }
}

/// Begins the page of a record: what is asked, and whether the figures answer it.
pub(crate) fn begun(experiment: &str, question: &str, scale: &str) -> Page {
    let mut page = Page::new(experiment);
    page.lead(question);
    if scale != "full" {
        page.lead(format!("Run at **{scale}** scale: figures show that it works, not how things are."));
    }
    page
}

/// Ends the page of a record: the analysis, if there is one, and how it was made.
pub(crate) fn ended<K: Into<String>>(
    mut page: Page,
    analysis: &str,
    facts: impl IntoIterator<Item = (K, String)>,
) -> String {
    if !analysis.trim().is_empty() {
        let section = page.section("Analysis");
        for paragraph in analysis.trim().split("\n\n") {
            section.prose(paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    page.section("How it was made").facts(facts);
    page.footer("Rendered by `kareto report` from the records beside this page.");
    page.to_html()
}

/// The claims as a page shows them: the band is in the file.
pub(crate) fn claims_shown(claims: &Table) -> Result<Table, CliError> {
    let columns = ["says", "unit", "paper", "ours", "verdict"].map(|name| (name, name));
    claims.select(&columns).map_err(CliError::user)
}

/// The baseline and the picks with their settings, objectives and changes.
fn picks_table(loaded: &Loaded, listed: &[Listed]) -> Result<Table, CliError> {
    let currency = format!("cost [{}]", loaded.manifest.currency);
    let mut columns = vec![("configuration", Kind::Text)];
    columns.extend(setting_columns(&loaded.space));
    let objectives = ["TTFT [s]", "tokens/s", &currency];
    let changes = ["TTFT [%]", "tokens/s [%]", "cost [%]"];
    columns.extend(objectives.into_iter().chain(changes).map(|name| (name, Kind::F64)));
    let intervals = FIGURES.map(|(_, name)| format!("{name}, 95 %"));
    if loaded.uncertainty.is_some() {
        columns.extend(intervals.iter().map(|name| (name.as_str(), Kind::Text)));
    }
    let mut table = Table::new(&columns).map_err(CliError::machine)?;
    for row in listed {
        let mut cells = vec![Cell::from(row.title)];
        cells.extend(setting_cells(&loaded.space, &row.point));
        let o = &row.evaluation.objectives;
        cells.extend(
            [o.ttft_s_mean(), o.throughput_tokens_per_s(), o.cost()].map(|value| Cell::from(rounded(value))),
        );
        let percents = row.change.as_ref().map_or([None; 3], Change::percents);
        cells.extend(percents.map(|percent| Cell::from(percent.map(tenths))));
        if let Some(uncertainty) = &loaded.uncertainty {
            cells.extend(FIGURES.map(|(figure, _)| {
                let interval = uncertainty.interval(&row.point, figure);
                let told = |value| significant(value, 4);
                interval
                    .map_or(Cell::Missing, |it| Cell::from(format!("{} to {}", told(it.low), told(it.high))))
            }));
        }
        table.push_row(cells).map_err(CliError::machine)?;
    }
    Ok(table)
}

fn caption(loaded: &Loaded) -> String {
    let mut caption = "TTFT is the mean. Percentages are changes against the baseline.".to_owned();
    if let Some(uncertainty) = &loaded.uncertainty {
        caption += &format!(
            " Intervals have 95 % of {} resamples: as many sessions, drawn from the trace's, each sample simulated.",
            uncertainty.resamples.len()
        );
    }
    caption
}

/// Five significant digits: enough to compare configurations by eye.
pub(super) fn rounded(value: f64) -> f64 {
    significant(value, 5).parse().unwrap_or(value)
}

/// One decimal, for percentages; never -0.
pub(super) fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0 + 0.0
}

pub(super) fn facts(loaded: &Loaded) -> Vec<(&'static str, String)> {
    let manifest = &loaded.manifest;
    let trace = &manifest.trace;
    let axes = loaded.space.axes().iter().map(|axis| {
        let (first, last) = (axis.value(0), axis.value(axis.len() as u32 - 1));
        match &axis.values {
            AxisValues::Integers(_) => format!("`{}` {first} to {last} in {} steps", axis.name, axis.len()),
            AxisValues::Categories(names) => format!("`{}` {}", axis.name, names.join(" ")),
        }
    });
    vec![
        (
            "trace",
            format!(
                "{}: {} requests in {} s, {} prompt tokens, fingerprint `{}`",
                trace.name,
                grouped(&trace.requests.to_string()),
                grouped(&significant(trace.duration_s, 5)),
                grouped(&trace.prompt_tokens.to_string()),
                trace.fingerprint
            ),
        ),
        ("axes", axes.collect::<Vec<_>>().join(", ")),
        (
            "search",
            format!(
                "{}: {} of {} points; {}",
                manifest.search.name,
                manifest.search.evaluations,
                manifest.search.space_points,
                manifest.search.ended
            ),
        ),
        ("scale", manifest.scale.clone()),
        ("seed", manifest.seed.to_string()),
        ("evaluations of", format!("`{}`", manifest.fingerprint)),
        ("command, revision, toolchain, time", "see [manifest.toml](manifest.toml)".to_owned()),
    ]
}
