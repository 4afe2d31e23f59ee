//! What it costs to keep one configuration, and what to choose anew in each window.

use deployment::Problem;
use experiment::{ChoiceEntry, LoadEntry, LoadedTimeline};
use report::chart::{Axis, BarSeries, Bars, Lines, Markers, Series, Svg};
use report::html::{Figure, Number, Page, TableView};
use report::number::significant;
use report::{Cell, Kind, Table};

use super::super::parts::{distinct, rounded, tenths};
use super::rows::Rows;
use super::{heading, minutes};

/// Pictures by file name.
type Pictures = Vec<(String, String)>;

/// Draws the strategies of a record: `choices.csv` and `strategies.csv`.
pub(super) fn strategies(
    page: &mut Page,
    loaded: &LoadedTimeline,
    rules: &ChoiceEntry,
    (choices, totals): (&Table, &Table),
    pictures: &mut Pictures,
) -> Result<(), Problem> {
    let entry = &loaded.entry;
    let choices = Rows::new(choices, &entry.axes)?;
    let totals = Rows::new(totals, &[])?;
    answer(page, &totals, entry.load.first())?;
    let told = significant(rules.window_h, 4);
    page.section("What is compared").prose(format!(
        "A window of the simulation stands for {told} h. The choice for a window is the cheapest configuration of which {} is \
         at most {} s; where none is, the one that comes nearest. An instance is paid for {} before it serves. The old \
         instances are paid for until nothing waits for them.",
        figure_name(&rules.figure),
        rules.at_most_s,
        minutes(rules.boot_h * 3_600.0)
    ));
    for load in &entry.load {
        let content = rules.content.first().map_or("lost", String::as_str);
        let section = page.section(heading(load));
        let line = line_chart(&choices, load, content, rules)?;
        pictures.push((format!("{}-limited.svg", load.name), line.as_str().to_owned()));
        let assumed = assumption(content);
        let caption = format!("{} under each strategy. {assumed}", figure_name(&rules.figure));
        section.figure(Figure::new(line, caption).data("choices.csv"));
        let bars = cost_chart(&choices, load, content, &entry.currency)?;
        pictures.push((format!("{}-cost.svg", load.name), bars.as_str().to_owned()));
        let caption = format!("The cost of each window, with the switch before it. {assumed}");
        section.figure(Figure::new(bars, caption).data("choices.csv"));
        let table = TableView::new(totals_table(&totals, load, rules, &entry.currency)?)
            .caption("All windows together. Regret is the cost over that of the best sequence, known afterwards. A strategy that breaks the limit may cost less.");
        section.table(table.data("strategies.csv"));
        let table = TableView::new(choices_table(&choices, load, content)?).data("choices.csv");
        section.table(table.folded("The configuration of each window"));
    }
    Ok(())
}

fn figure_name(figure: &str) -> &str {
    match figure {
        "ttft_s_mean" => "mean TTFT",
        "ttft_s_p99" => "p99 TTFT",
        _ => "mean queueing time",
    }
}

fn assumption(content: &str) -> &'static str {
    match content {
        "kept" => "A switch keeps what the caches hold.",
        _ => "A switch loses what the caches hold, and all new instances boot.",
    }
}

/// The first load's strategies in a sentence and in numbers.
fn answer(page: &mut Page, totals: &Rows<'_>, load: Option<&LoadEntry>) -> Result<(), Problem> {
    let Some(load) = load else { return Ok(()) };
    let contents = totals.texts("content")?;
    let rows = totals.with(&[("load", &load.name)])?;
    let rows: Vec<usize> = rows.into_iter().filter(|&row| contents[row] == contents[0]).collect();
    let (names, regret) = (totals.texts("strategy")?, totals.numbers("cost_regret_percent")?);
    let (kept, windows) = (totals.numbers("windows_kept")?, totals.numbers("windows")?);
    let counted = |row: usize| {
        format!("the limit is kept in {} of {}", kept[row].unwrap_or(0.0), windows[row].unwrap_or(0.0))
    };
    let number = |row: usize| Number {
        of: format!("cost over the best in hindsight: {}", names[row]),
        value: format!("{:+} %", tenths(regret[row].unwrap_or(0.0))),
        beside: counted(row),
    };
    let numbers: Vec<Number> = rows.iter().take(3).map(|&row| number(row)).collect();
    let told = |row: usize| format!("{} ({:+} %)", counted(row), tenths(regret[row].unwrap_or(0.0)));
    let sentence = match rows.as_slice() {
        [_, best, rechosen, hindsight] => format!(
            "Load `{}`. Chosen anew from the window before, {}. With the best fixed configuration, {}. In hindsight, {} \
             windows.",
            load.name,
            told(*rechosen),
            told(*best),
            counted(*hindsight)
        ),
        _ => String::new(),
    };
    page.answer(sentence, numbers);
    Ok(())
}

/// The windows of a load under each strategy: the strategy, and its rows in order.
fn by_strategy(
    choices: &Rows<'_>,
    load: &LoadEntry,
    content: &str,
) -> Result<Vec<(String, Vec<usize>)>, Problem> {
    let rows = choices.with(&[("load", &load.name), ("content", content)])?;
    let names = choices.texts("strategy")?;
    let strategies = distinct(rows.iter().map(|&row| names[row].clone()));
    let of = |name: String| {
        let mine = rows.iter().copied().filter(|&row| names[row] == name).collect();
        (name, mine)
    };
    Ok(strategies.into_iter().map(of).collect())
}

/// The figure that has a limit, window by window.
fn line_chart(
    choices: &Rows<'_>,
    load: &LoadEntry,
    content: &str,
    rules: &ChoiceEntry,
) -> Result<Svg, Problem> {
    const LEAST_S: f64 = 1e-3;
    let name = figure_name(&rules.figure);
    let numbers: Vec<f64> = (1..=load.windows).map(f64::from).collect();
    let x = Axis::linear("window").ticks_at(numbers.clone());
    let mut chart =
        Lines::new(format!("{name} by window, load {}", load.name), x, Axis::log(format!("{name} [s]")));
    let values = choices.numbers("limited_s")?;
    for (strategy, rows) in by_strategy(choices, load, content)? {
        let points = numbers.iter().zip(&rows).map(|(&x, &row)| (x, values[row].unwrap_or(0.0).max(LEAST_S)));
        chart.series.push(Series::new(strategy, points.collect()));
    }
    let limit = [1.0, f64::from(load.windows)].map(|x| (x, rules.at_most_s)).to_vec();
    chart.series.push(Series { markers: Markers::Hidden, ..Series::new("limit", limit) });
    chart.to_svg().map_err(Problem::machine)
}

/// Cost with switches, a group of bars for each window.
fn cost_chart(choices: &Rows<'_>, load: &LoadEntry, content: &str, currency: &str) -> Result<Svg, Problem> {
    let (cost, switch) = (choices.numbers("cost")?, choices.numbers("switch_cost")?);
    let names = choices.texts("name")?;
    let title = format!("Cost by window, load {}", load.name);
    let mut chart = Bars::new(title, "window", Axis::linear(format!("cost [{currency}]")));
    for (strategy, rows) in by_strategy(choices, load, content)? {
        chart.groups = rows.iter().map(|&row| names[row].clone()).collect();
        let total = |row: usize| Some(cost[row]? + switch[row]?);
        chart.series.push(BarSeries { name: strategy, values: rows.into_iter().map(total).collect() });
    }
    chart.to_svg().map_err(Problem::machine)
}

fn totals_table(
    totals: &Rows<'_>,
    load: &LoadEntry,
    rules: &ChoiceEntry,
    currency: &str,
) -> Result<Table, Problem> {
    let (cost, switch) = (format!("cost [{currency}]"), format!("of it switches [{currency}]"));
    let worst = format!("worst {} [s]", figure_name(&rules.figure));
    let columns = [
        ("a switch leaves", Kind::Text),
        ("strategy", Kind::Text),
        (&cost, Kind::F64),
        (&switch, Kind::F64),
        ("regret [%]", Kind::F64),
        ("mean TTFT [s]", Kind::F64),
        (&worst, Kind::F64),
        ("switches", Kind::I64),
        ("limit kept", Kind::Text),
    ];
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    let texts = ["content", "strategy"].map(|name| totals.texts(name));
    let [contents, names] = texts;
    let (contents, names) = (contents?, names?);
    let number = |name: &str| totals.numbers(name);
    let (cost, switch, regret) = (number("cost")?, number("switch_cost")?, number("cost_regret_percent")?);
    let (ttft, worst) = (number("ttft_s_mean")?, number("limited_s_worst")?);
    let (switches, kept, windows) = (number("switches")?, number("windows_kept")?, number("windows")?);
    for row in totals.with(&[("load", &load.name)])? {
        let left = if contents[row] == "kept" { "its caches" } else { "nothing" };
        let kept = format!("{} of {}", kept[row].unwrap_or(0.0), windows[row].unwrap_or(0.0));
        let cells = [
            Cell::from(left),
            Cell::from(names[row].as_str()),
            Cell::from(cost[row].map(rounded)),
            Cell::from(switch[row].map(tenths)),
            Cell::from(regret[row].map(tenths)),
            Cell::from(ttft[row].map(rounded)),
            Cell::from(worst[row].map(rounded)),
            Cell::from(switches[row].map(|it| it as i64)),
            Cell::from(kept),
        ];
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// The configurations that the strategies chose: a row for each window.
fn choices_table(choices: &Rows<'_>, load: &LoadEntry, content: &str) -> Result<Table, Problem> {
    let strategies = by_strategy(choices, load, content)?;
    let mut columns = vec![("window", Kind::Text)];
    columns.extend(strategies.iter().map(|(name, _)| (name.as_str(), Kind::Text)));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    let names = choices.texts("name")?;
    for number in 0..load.windows as usize {
        let rows = strategies.iter().filter_map(|(_, rows)| rows.get(number).copied());
        let rows: Vec<usize> = rows.collect();
        let window = rows.first().map_or_else(String::new, |&row| names[row].clone());
        let mut cells = vec![Cell::from(window)];
        cells.extend(rows.iter().map(|&row| Cell::from(choices.configuration(row))));
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}
