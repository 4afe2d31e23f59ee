//! The page of one record.

use deployment::Problem;
use experiment::{INTERVALS, LoadedSearch, setting_cells, setting_columns};
use kareto::Evaluation;
use kareto::front::Front;
use kareto::picks::Change;
use kareto::space::AxisValues;
use report::html::{Figure, Number, Page, TableView};
use report::number::{grouped, significant};
use report::{Cell, Kind, Table};

use super::chart::front_chart;
use super::explored::explorer;
use super::parts::{begun, claims_shown, ended, refused, rounded, tenths, time, traced, words};
use super::skipped::{Lattices, lattices};
use super::{Rendered, advice, scenarios, sensitivity, uncertainty};

/// Draws the record of a search.
pub(super) fn page(loaded: &LoadedSearch, analysis: &str) -> Result<Rendered, Problem> {
    let LoadedSearch { manifest, entry, found, findings, .. } = loaded;
    let title = "Cost against time to first token";
    let chart = front_chart(title, &found.currency, &found.space, &found.searched, &findings.listed)?;
    let mut pictures = vec![("front.svg".to_owned(), chart.as_str().to_owned())];
    let explorer = explorer(loaded);
    let explored = explorer.as_ref().map_or(&[][..], |(_, points)| points);
    let lattices = lattices(loaded, explored)?;
    for (number, (lattice, _)) in lattices.iter().flat_map(|it| &it.pictures).enumerate() {
        pictures.push((format!("skipped-{}.svg", number + 1), lattice.as_str().to_owned()));
    }
    let mut page = begun(&manifest.experiment, &manifest.question, &manifest.scale);
    let mut said = advice::advice(found, findings);
    let first = said.remove(0);
    if entry.trace.lengths_only {
        page.answer(advice::SHARING_UNKNOWN, Vec::new());
    } else {
        page.answer(
            findings.choice.as_ref().map_or(first, |choice| advice::buy(found, choice)),
            numbers(loaded),
        );
    }
    let section = page.section("The front");
    if let Some(scenarios) = &found.scenarios {
        section.prose(format!("Every figure is {}.", scenarios::objectives_are(scenarios)));
    }
    let points = Front::of(&found.searched).len();
    let evaluations = entry.evaluations;
    let figure = Figure::new(
        chart,
        format!(
            "{evaluations} evaluated configurations, {points} of them on the front of {}. The line joins those that are on \
             the front of cost and TTFT alone.",
            objectives(&entry.objectives)
        ),
    );
    let figure = figure.data("front.csv").data("archive.jsonl");
    section.figure(match explorer {
        Some((explorer, _)) => figure.explored(explorer),
        None => figure,
    });
    let section = page.section("What to buy");
    let marked = |view: TableView| if found.baseline.is_some() { view.highlight(0) } else { view };
    section.table(marked(TableView::new(choices_table(loaded)?).data("picks.csv")));
    let all = TableView::new(picks_table(loaded)?).caption(caption(loaded)).data("picks.csv");
    section.table(marked(all).folded("All figures of these configurations"));
    page.section("Why").list(said);
    if let Some(choice) = &findings.choice
        && !findings.assumed.is_empty()
    {
        let section = page.section("Which assumption matters");
        uncertainty::section(section, &findings.assumed, &choice.pick, &found.currency)?;
    }
    if let (Some(choice), Some(hangs_on)) = (&findings.choice, &findings.sensitivity) {
        let section = page.section("What the choice hangs on");
        pictures.extend(sensitivity::section(section, loaded, hangs_on, choice)?);
    }
    if let Some(scenarios) = &found.scenarios {
        let section = page.section("Under each scenario");
        pictures.extend(scenarios::section(section, found, scenarios, findings)?);
    }
    if loaded.claims.rows() > 0 {
        page.section("Claims").table(TableView::new(claims_shown(&loaded.claims)?).data("claims.csv"));
    }
    if let Some(lattices) = lattices {
        skipped_shown(&mut page, loaded, lattices);
    }
    Ok(Rendered { html: ended(page, analysis, facts(loaded)), pictures })
}

/// What the choice gives, each beside the baseline.
fn numbers(loaded: &LoadedSearch) -> Vec<Number> {
    let (found, Some(choice)) = (&loaded.found, &loaded.findings.choice) else { return Vec::new() };
    let o = &choice.pick.evaluation.objectives;
    let percents = choice.against_baseline.as_ref().map_or([None; 3], Change::percents);
    let given = [
        ("mean TTFT", time(o.ttft_s_mean())),
        ("throughput", format!("{} tokens/s", grouped(&significant(o.throughput_tokens_per_s(), 5)))),
        ("cost of the trace", format!("{} {}", grouped(&significant(o.cost(), 4)), found.currency)),
    ];
    let number = |((of, value), percent): ((&str, String), Option<f64>)| Number {
        of: of.to_owned(),
        value,
        beside: percent.map_or_else(String::new, |it| format!("{:+.1} % against the fixed one", tenths(it))),
    };
    given.into_iter().zip(percents).map(number).collect()
}

/// The baseline and the picks, for a reader who decides: the configuration in words, its objectives, and the change of the
/// cost.
fn choices_table(loaded: &LoadedSearch) -> Result<Table, Problem> {
    let currency = format!("cost [{}]", loaded.found.currency);
    let mut columns = vec![("choice", Kind::Text), ("configuration", Kind::Text)];
    columns.extend(["mean TTFT [s]", "tokens/s", &currency].map(|name| (name, Kind::F64)));
    let changes = ["TTFT [%]", "tokens/s [%]", "cost [%]"];
    columns.extend(
        changes.map(|name| (name, Kind::F64)).into_iter().filter(|_| loaded.found.baseline.is_some()),
    );
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for row in &loaded.findings.listed {
        let title = if row.title == "baseline" { "fixed, for comparison" } else { row.title };
        let mut cells = vec![Cell::from(title), Cell::from(words(&loaded.found.space, &row.point))];
        let o = &row.evaluation.objectives;
        cells.extend(
            [o.ttft_s_mean(), o.throughput_tokens_per_s(), o.cost()].map(|it| Cell::from(rounded(it))),
        );
        if let Some(change) = &row.change {
            cells.extend(change.percents().map(|percent| Cell::from(percent.map(tenths))));
        }
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// The objectives in words.
fn objectives(others: &[String]) -> String {
    match others {
        [] => "mean TTFT, throughput and cost".to_owned(),
        others => others.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}

/// What the search did not evaluate, and why.
fn skipped_shown(page: &mut Page, loaded: &LoadedSearch, lattices: Lattices) {
    let skipped = loaded.found.space.size() - loaded.found.searched.len();
    let section = page.section("What was skipped");
    section.prose(format!(
        "{skipped} of {} configurations were not asked for. A row of the table has a rule and the first and the last \
         of the configurations between which it holds, the neighbours that the search looked at, and the figures that \
         it compared. The first row that has a configuration is the one that holds.",
        loaded.found.space.size()
    ));
    if !lattices.all {
        section.prose("Not every combination of the other axes is drawn: there are too many, or too many differences in one.");
    }
    let caption = "The evaluated configurations, and the rule that skipped each of the others.";
    for (picture, cells) in lattices.pictures {
        section.figure(Figure::new(picture, caption).data("skipped.csv").with_cells(cells));
    }
}

/// The baseline and the picks with their settings, objectives and changes.
fn picks_table(loaded: &LoadedSearch) -> Result<Table, Problem> {
    let currency = format!("cost [{}]", loaded.found.currency);
    let mut columns = vec![("configuration", Kind::Text)];
    columns.extend(setting_columns(&loaded.found.space));
    let objectives = ["TTFT [s]", "tokens/s", &currency];
    let changes = ["TTFT [%]", "tokens/s [%]", "cost [%]"];
    columns.extend(objectives.into_iter().chain(changes).map(|name| (name, Kind::F64)));
    let intervals = INTERVALS.map(|(_, name)| format!("{name}, 95 %"));
    if loaded.found.uncertainty.is_some() {
        columns.extend(intervals.iter().map(|name| (name.as_str(), Kind::Text)));
    }
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for row in &loaded.findings.listed {
        let mut cells = vec![Cell::from(row.title)];
        cells.extend(setting_cells(&loaded.found.space, &row.point));
        let o = &row.evaluation.objectives;
        cells.extend(
            [o.ttft_s_mean(), o.throughput_tokens_per_s(), o.cost()].map(|value| Cell::from(rounded(value))),
        );
        let percents = row.change.as_ref().map_or([None; 3], Change::percents);
        cells.extend(percents.map(|percent| Cell::from(percent.map(tenths))));
        if let Some(uncertainty) = &loaded.found.uncertainty {
            cells.extend(INTERVALS.map(|(figure, _)| {
                let interval = uncertainty.interval(&row.point, figure);
                let told = |value| significant(value, 4);
                interval
                    .map_or(Cell::Missing, |it| Cell::from(format!("{} to {}", told(it.low), told(it.high))))
            }));
        }
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

fn caption(loaded: &LoadedSearch) -> String {
    let mut caption = "TTFT is the mean. Percentages are changes against the baseline.".to_owned();
    if let Some(uncertainty) = &loaded.found.uncertainty {
        caption += &format!(
            " An interval holds 95 % of {} resamples. Each has as many sessions as the trace, drawn from it, and is simulated.",
            uncertainty.resamples.len()
        );
    }
    caption
}

pub(super) fn facts(loaded: &LoadedSearch) -> Vec<(&'static str, String)> {
    let (manifest, entry) = (&loaded.manifest, &loaded.entry);
    let trace = &entry.trace;
    let axes = loaded.found.space.axes().iter().map(|axis| {
        let (first, last) = (axis.value(0), axis.value(axis.len() as u32 - 1));
        match &axis.values {
            AxisValues::Integers(_) | AxisValues::Steps { .. } => {
                format!("`{}` {first} to {last} in {} steps", axis.name, axis.len())
            }
            AxisValues::Categories(names) => format!("`{}` {}", axis.name, names.join(" ")),
        }
    });
    let most_refused = loaded.found.searched.iter().map(|(_, it)| it).max_by(|a, b| {
        let refused = |it: &Evaluation| it.figure("rejected_requests").unwrap_or(0.0);
        refused(a).total_cmp(&refused(b))
    });
    let refused = most_refused.and_then(|it| {
        let requests = it.figure("rejected_requests").filter(|requests| *requests > 0.0)?;
        Some(("refused, at most", refused(requests, it.figure("longest_request_tokens")?)))
    });
    let facts = vec![
        ("trace", traced(trace)),
        ("axes", axes.collect::<Vec<_>>().join(", ")),
        (
            "search",
            format!(
                "{}: {} of {} points; {}",
                entry.name, entry.evaluations, entry.space_points, entry.ended
            ),
        ),
        ("scale", manifest.scale.clone()),
        ("seed", manifest.seed.to_string()),
        ("evaluations of", format!("`{}`", entry.fingerprint)),
        ("command, revision, toolchain, time", "see [manifest.toml](manifest.toml)".to_owned()),
    ];
    facts.into_iter().chain(refused).collect()
}
