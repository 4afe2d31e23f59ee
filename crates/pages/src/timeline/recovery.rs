//! Whether configurations come back after a surge, and whether a cold start ends where a warm one does.

use deployment::Problem;
use experiment::{LoadEntry, LoadedTimeline, RecoveryEntry};
use report::chart::{Axis, Lines, Markers, Series, Svg};
use report::html::{Figure, Number, Page, TableView};
use report::number::{grouped, significant};
use report::{Cell, Kind, Table};

use super::super::claims::{Claim, qualify};
use super::super::parts::{claims_shown, distinct};
use super::rows::Rows;
use super::{heading, minutes};

/// Pictures by file name.
type Pictures = Vec<(String, String)>;

/// The runs of a load, as the record and as the page calls them.
const HISTORIES: [(&str, &str); 3] =
    [("surged", "after the surge"), ("steady", "no surge came"), ("cold", "no surge, cold start")];
/// The run of which the charts by configuration are.
const SURGED: &str = "surged";

/// Draws `recovery.csv` and the windows.
pub(super) fn recovery(
    page: &mut Page,
    loaded: &LoadedTimeline,
    rules: &RecoveryEntry,
    (rows, claims): (&Table, &Table),
    pictures: &mut Pictures,
) -> Result<(), Problem> {
    let entry = &loaded.entry;
    let rows = Rows::new(rows, &entry.axes)?;
    let windows = Rows::new(&loaded.windows, &entry.axes)?;
    answer(page, &rows, rules, claims)?;
    let section = page.section("What became of each configuration");
    section.prose(format!(
        "Each configuration is run three times under each load: with the surge, without it, and without it from empty caches \
         at the time at which the surge would have ended. Hits are back when the hit ratio is at most {} lower than in the \
         run without a surge, and TTFT when its mean is at most {} times as long, in {} windows in a row and in nine of ten windows from there to the \
         end. A configuration is overloaded without a surge where more requests wait at the end of that run than arrive in a \
         window.",
        rules.hit_ratio_within, rules.ttft_at_most_times, rules.windows
    ));
    section.prose(
        "Turns are sent when the trace says so, and not when the answer before them is there (open loop). Users who wait \
         would send less: a queue is longer here than it would be, and a slow service does not get more sessions that are \
         open at once.",
    );
    let hits = TableView::new(told(&rows, &HITS_TOLD)?)
        .caption("The hit ratio before the surge and long after it. Times are from the surge's end.");
    section.table(hits.data("recovery.csv"));
    let ttft = TableView::new(told(&rows, &TTFT_TOLD)?)
        .caption("Mean TTFT before, in and long after the surge. Times are from the surge's end.");
    section.table(ttft.data("recovery.csv"));
    if claims.rows() > 0 {
        let section = page.section("Claims");
        section.table(TableView::new(claims_shown(claims)?).data("claims.csv"));
        let mut read = Claim::read(claims)?;
        qualify(&mut read, loaded)?;
        for claim in read.iter().filter(|claim| claim.regimes.is_some()) {
            section.prose(format!("The figure of `{}` is of {}.", claim.id, claim.regime()));
        }
    }
    for load in &entry.load {
        of_load(page, load, &rows, &windows, pictures)?;
    }
    Ok(())
}

/// How many came back, and the figures of the claims.
fn answer(page: &mut Page, rows: &Rows<'_>, rules: &RecoveryEntry, claims: &Table) -> Result<(), Problem> {
    let verdicts = rows.texts("verdict")?;
    let counted = distinct(verdicts.iter().cloned()).into_iter().map(|verdict| {
        let count = verdicts.iter().filter(|it| **it == verdict).count();
        format!("{count} {verdict}")
    });
    let counted = counted.collect::<Vec<_>>().join("; ");
    let (warm, cold) = (rows.numbers("hit_ratio_end_steady")?, rows.numbers("hit_ratio_end_cold")?);
    let both = warm.iter().zip(&cold).filter_map(|(warm, cold)| Some((*warm)? - (*cold)?));
    let apart = both.filter(|apart| *apart > rules.hit_ratio_within).count();
    let number = |claim: &Claim| Number {
        of: claim.regimes.as_ref().map_or_else(
            || claim.id.clone(),
            |it| format!("{}, at most; as claimed in {} of {} cases", claim.id, it.met, it.of),
        ),
        value: claim.ours(),
        beside: format!("claimed: {}", claim.paper()),
    };
    let numbers = Claim::read(claims)?.iter().take(3).map(number).collect();
    page.answer(
        format!(
            "Of {} cases (a load under a configuration): {counted}. Without a surge, a cold start ends with a lower hit ratio \
             than a warm one in {apart} of them.",
            verdicts.len()
        ),
        numbers,
    );
    Ok(())
}

/// One of the two quantities that have to come back, as a table shows it.
struct Told {
    /// How its columns in `recovery.csv` begin and end.
    columns: (&'static str, &'static str),
    /// The columns shown of it, and their headings.
    shown: &'static [(&'static str, &'static str)],
    factor: f64,
}

const HITS_TOLD: Told = Told {
    columns: ("hit_ratio", "hits_back_min"),
    shown: &[
        ("before", "before [%]"),
        ("least", "least since the surge [%]"),
        ("end", "end [%]"),
        ("end_steady", "end, no surge [%]"),
        ("end_cold", "end, cold start [%]"),
    ],
    factor: 100.0,
};
const TTFT_TOLD: Told = Told {
    columns: ("ttft_s", "ttft_back_min"),
    shown: &[
        ("before", "before [s]"),
        ("surge", "in the surge [s]"),
        ("end", "end [s]"),
        ("end_steady", "end, no surge [s]"),
        ("end_cold", "end, cold start [s]"),
    ],
    factor: 1.0,
};

/// A row for each load and configuration.
fn told(rows: &Rows<'_>, what: &Told) -> Result<Table, Problem> {
    let mut columns = ["load", "configuration", "verdict"].map(|name| (name, Kind::Text)).to_vec();
    columns.extend(what.shown.iter().map(|(_, heading)| (*heading, Kind::Text)));
    columns.extend(["back [min]", "back, cold start [min]"].map(|name| (name, Kind::Text)));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    let (load, verdict, left) = (rows.texts("load")?, rows.texts("verdict")?, rows.numbers("left_min")?);
    let (begin, back) = what.columns;
    let figures = what.shown.iter().map(|(name, _)| rows.numbers(&format!("{begin}_{name}")));
    let figures = figures.collect::<Result<Vec<_>, _>>()?;
    let back = [rows.numbers(back)?, rows.numbers(&format!("cold_{back}"))?];
    for row in 0..load.len() {
        let figure = |value: Option<f64>| {
            value.map_or("-".to_owned(), |it| grouped(&significant(what.factor * it, 3)))
        };
        let minutes = |value: Option<f64>| match value {
            Some(minutes) => significant(minutes, 3),
            None => format!("> {}", significant(left[row].unwrap_or(0.0), 3)),
        };
        let mut cells = vec![load[row].clone(), rows.configuration(row), verdict[row].clone()];
        cells.extend(figures.iter().map(|column| figure(column[row])));
        cells.extend(back.iter().map(|column| minutes(column[row])));
        table.push_row(cells.into_iter().map(Cell::from)).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// The charts of a load: every configuration after the surge, and the three histories of the one that is slowest to come
/// back.
fn of_load(
    page: &mut Page,
    load: &LoadEntry,
    rows: &Rows<'_>,
    windows: &Rows<'_>,
    pictures: &mut Pictures,
) -> Result<(), Problem> {
    let mine = windows.with(&[("load", &load.name)])?;
    let configurations = distinct(mine.iter().map(|&row| windows.configuration(row)));
    let runs = windows.texts("run")?;
    let of = |configuration: &str, run: &str| -> Vec<usize> {
        let fits = |row: &usize| runs[*row] == run && windows.configuration(*row) == configuration;
        mine.iter().copied().filter(fits).collect()
    };
    let by_configuration: Vec<(String, Vec<usize>)> =
        configurations.iter().map(|it| (it.clone(), of(it, SURGED))).collect();
    let slowest = slowest(rows, load)?;
    let histories: Vec<(String, Vec<usize>)> =
        HISTORIES.iter().map(|(run, name)| ((*name).to_owned(), of(&slowest, run))).collect();
    let section = page.section(heading(load));
    let [from, to] = load.surge.unwrap_or_default().map(|it| minutes(f64::from(it) * load.window_s));
    let surge = format!("The surge is from {from} to {to}.");
    for (quantity, of_whom, lines, caption) in [
        (HITS, "by configuration", &by_configuration, "in the run with the surge"),
        (TTFT, "by configuration", &by_configuration, "in the run with the surge"),
        (WAITING, "by configuration", &by_configuration, "in the run with the surge"),
        (HITS, "by history", &histories, slowest.as_str()),
        (TTFT, "by history", &histories, slowest.as_str()),
    ] {
        let title = format!("{} {of_whom}, load {}", quantity.name, load.name);
        let svg = chart(title, quantity, lines, load, windows)?;
        let file = format!("{}-{}-{}.svg", load.name, quantity.column, of_whom.replace(' ', "-"));
        pictures.push((file, svg.as_str().to_owned()));
        let caption = format!("{} {of_whom}: {caption}. {surge}", quantity.name);
        section.figure(Figure::new(svg, caption).data("windows.csv"));
    }
    Ok(())
}

/// The configuration whose TTFT takes longest to come back; of equals the one that is slowest at the end.
fn slowest(rows: &Rows<'_>, load: &LoadEntry) -> Result<String, Problem> {
    let (back, end) = (rows.numbers("ttft_back_min")?, rows.numbers("ttft_s_end")?);
    let rank = |row: usize| (back[row].unwrap_or(f64::INFINITY), end[row].unwrap_or(0.0));
    let mine = rows.with(&[("load", &load.name)])?;
    let most = mine.into_iter().max_by(|&a, &b| {
        let (a, b) = (rank(a), rank(b));
        a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    Ok(most.map_or_else(String::new, |row| rows.configuration(row)))
}

/// What a chart over time shows.
#[derive(Clone, Copy)]
struct Quantity {
    column: &'static str,
    name: &'static str,
    label: &'static str,
    log: bool,
    factor: f64,
}

const HITS: Quantity =
    Quantity { column: "hit_ratio", name: "Hit ratio", label: "hit ratio [%]", log: false, factor: 100.0 };
const TTFT: Quantity =
    Quantity { column: "ttft_s_mean", name: "Mean TTFT", label: "mean TTFT [s]", log: true, factor: 1.0 };
const WAITING: Quantity = Quantity {
    column: "waiting_requests",
    name: "Queue",
    label: "requests that wait",
    log: false,
    factor: 1.0,
};

/// Lines over time, and the surge as a frame.
fn chart(
    title: String,
    quantity: Quantity,
    lines: &[(String, Vec<usize>)],
    load: &LoadEntry,
    windows: &Rows<'_>,
) -> Result<Svg, Problem> {
    const S_PER_H: f64 = 3_600.0;
    let (values, from_s) = (windows.numbers(quantity.column)?, windows.numbers("from_s")?);
    let y =
        if quantity.log { Axis::log(quantity.label) } else { Axis::linear(quantity.label).including(0.0) };
    let mut chart = Lines::new(title, Axis::linear("time [h]"), y);
    for (name, rows) in lines {
        let point = |&row: &usize| {
            let middle_h = (from_s[row]? + 0.5 * load.window_s) / S_PER_H;
            Some((middle_h, quantity.factor * values[row]?)).filter(|it| !quantity.log || it.1 > 0.0)
        };
        let points = rows.iter().filter_map(point).collect();
        chart.series.push(Series { markers: Markers::Hidden, ..Series::new(name.clone(), points) });
    }
    let all = || chart.series.iter().flat_map(|it| it.points.iter().map(|(_, y)| *y));
    let least = if quantity.log { all().fold(f64::INFINITY, f64::min) } else { 0.0 };
    let most = all().fold(least, f64::max);
    if let Some(surge) = load.surge.filter(|_| most > least) {
        let [from, to] = surge.map(|it| f64::from(it) * load.window_s / S_PER_H);
        let frame = vec![(from, least), (from, most), (to, most), (to, least)];
        chart.series.push(Series { markers: Markers::Hidden, ..Series::new("surge", frame) });
    }
    chart.to_svg().map_err(Problem::machine)
}
