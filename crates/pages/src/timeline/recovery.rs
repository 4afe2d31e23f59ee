//! Whether configurations come back after a surge, and whether a cold start ends where a warm one does.

use deployment::Problem;
use experiment::{LoadEntry, LoadedTimeline, RecoveryEntry};
use report::chart::{Axis, Lines, Markers, Series, Svg};
use report::html::{Figure, Number, Page, TableView};
use report::number::significant;
use report::{Cell, Kind, Table};

use super::super::claims::Claim;
use super::super::parts::{claims_shown, rounded};
use super::rows::{Rows, distinct};
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
    answer(page, &rows, claims)?;
    let section = page.section("What became of each configuration");
    section.prose(format!(
        "Each configuration is run three times under each load: with the surge, without it, and without it from empty caches \
         at the time at which the surge would have ended. Hits are back when the hit ratio is at most {} lower than in the \
         run without a surge, and TTFT when its mean is at most {} times as long, in {} windows in a row.",
        rules.hit_ratio_within, rules.ttft_at_most_times, rules.windows
    ));
    section.prose(
        "Turns are sent when the trace says so, and not when the answer before them is there (open loop). Users who wait \
         would send less: a queue is longer here than it would be, and a slow service does not get more sessions that are \
         open at once.",
    );
    let table = TableView::new(verdicts(&rows)?).caption(
        "Hit ratio and mean TTFT before, during and long after the surge. Times are from the surge's end.",
    );
    section.table(table.data("recovery.csv"));
    if claims.rows() > 0 {
        page.section("Claims").table(TableView::new(claims_shown(claims)?).data("claims.csv"));
    }
    for load in &entry.load {
        of_load(page, load, &rows, &windows, pictures)?;
    }
    Ok(())
}

/// How many came back, and the figures of the claims.
fn answer(page: &mut Page, rows: &Rows<'_>, claims: &Table) -> Result<(), Problem> {
    let verdicts = rows.texts("verdict")?;
    let counted = distinct(verdicts.iter().cloned()).into_iter().map(|verdict| {
        let count = verdicts.iter().filter(|it| **it == verdict).count();
        format!("{count} {verdict}")
    });
    let counted = counted.collect::<Vec<_>>().join("; ");
    let number = |claim: &Claim| Number {
        of: claim.regimes.as_ref().map_or_else(
            || claim.id.clone(),
            |it| format!("{}, at most; as claimed in {} of {} cases", claim.id, it.met, it.of),
        ),
        value: claim.ours(),
        beside: format!("claimed: {}", claim.paper()),
    };
    let numbers = Claim::read(claims)?.iter().take(3).map(number).collect();
    page.answer(format!("Of {} cases (a load under a configuration): {counted}.", verdicts.len()), numbers);
    Ok(())
}

fn verdicts(rows: &Rows<'_>) -> Result<Table, Problem> {
    let columns = [
        ("load", Kind::Text),
        ("configuration", Kind::Text),
        ("verdict", Kind::Text),
        ("busy [%]", Kind::F64),
        ("hits before, least, end [%]", Kind::Text),
        ("end, no surge [%]", Kind::F64),
        ("end, cold start [%]", Kind::F64),
        ("TTFT before, surge, end [s]", Kind::Text),
        ("end, no surge [s]", Kind::F64),
        ("end, cold start [s]", Kind::F64),
        ("hits back [min]", Kind::Text),
        ("TTFT back [min]", Kind::Text),
        ("after a cold start: hits, TTFT back [min]", Kind::Text),
    ];
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    let (load, verdict) = (rows.texts("load")?, rows.texts("verdict")?);
    let number = |name: &str| rows.numbers(name);
    let left = number("left_min")?;
    let percent = |value: Option<f64>| value.map(|it| rounded((1_000.0 * it).round() / 10.0));
    let three = |values: [Option<f64>; 3]| {
        values.map(|it| it.map_or("-".to_owned(), |it| significant(it, 3))).join(", ")
    };
    let hits = ["before", "least", "end", "end_steady", "end_cold"];
    let hits = hits.map(|name| number(&format!("hit_ratio_{name}")));
    let ttft =
        ["before", "surge", "end", "end_steady", "end_cold"].map(|name| number(&format!("ttft_s_{name}")));
    let [hits, ttft] = [hits, ttft].map(|columns| columns.into_iter().collect::<Result<Vec<_>, _>>());
    let (hits, ttft, busy) = (hits?, ttft?, number("busy_share")?);
    let back = ["hits_back_min", "ttft_back_min", "cold_hits_back_min", "cold_ttft_back_min"].map(number);
    let back = back.into_iter().collect::<Result<Vec<_>, _>>()?;
    for row in 0..load.len() {
        let at = |column: usize| match back[column][row] {
            Some(minutes) => significant(minutes, 3),
            None => format!("> {}", significant(left[row].unwrap_or(0.0), 3)),
        };
        let cells = [
            Cell::from(load[row].as_str()),
            Cell::from(rows.configuration(row)),
            Cell::from(verdict[row].as_str()),
            Cell::from(percent(busy[row])),
            Cell::from(three([0, 1, 2].map(|it| percent(hits[it][row])))),
            Cell::from(percent(hits[3][row])),
            Cell::from(percent(hits[4][row])),
            Cell::from(three([0, 1, 2].map(|it| ttft[it][row]))),
            Cell::from(ttft[3][row].map(rounded)),
            Cell::from(ttft[4][row].map(rounded)),
            Cell::from(at(0)),
            Cell::from(at(1)),
            Cell::from(format!("{}, {}", at(2), at(3))),
        ];
        table.push_row(cells).map_err(Problem::machine)?;
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
