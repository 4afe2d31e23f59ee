//! What a choice hangs on: a sentence for the advice, and a section of tornado charts and break-even prices.

use deployment::Problem;
use experiment::{Choice, First, Found, LoadedSearch, Sensed, Sensitivity};
use kareto::Point;
use report::chart::{Axis, Bar, End, Svg, Tornado};
use report::html::{Figure, Section, TableView};
use report::number::significant;
use report::{Cell, Kind, Table};

use super::parts::{rounded, tenths, words};

/// Which parameter changes the choice first.
pub(super) fn sentence(found: &Found, sensitivity: &Sensitivity) -> String {
    let mut parameters: Vec<&str> = sensitivity.rows.iter().map(|row| row.parameter.as_str()).collect();
    parameters.dedup();
    let count = parameters.len();
    let Some(first) = &sensitivity.first else {
        let factors = sensitivity.rows.iter().map(|row| row.factor);
        let (least, most) =
            factors.fold((1.0_f64, 1.0_f64), |(least, most), it| (least.min(it), most.max(it)));
        return format!(
            "None of {count} prices and parameters, each varied alone from {least} to {most} times, changes the choice."
        );
    };
    let First { parameter, factor, is_exact, instead } = first;
    let at = match is_exact {
        true => format!("at {} times its value", significant(*factor, 3)),
        false => format!("at the latest at {factor} times its value"),
    };
    let then = match instead {
        Some(point) => format!("{} is the choice then", words(&found.space, point)),
        None => "no evaluated configuration keeps the constraints then".to_owned(),
    };
    format!("Of {count} prices and parameters, each varied alone, `{parameter}` changes the choice first: {at}. {then}.")
        .replacen(". no ", ". No ", 1)
}

/// The section about prices and parameters.
pub(super) fn section(
    section: &mut Section,
    loaded: &LoadedSearch,
    sensitivity: &Sensitivity,
    choice: &Choice,
) -> Result<Vec<(String, String)>, Problem> {
    let found = &loaded.found;
    let entry = loaded.entry.sensitivity.as_ref().expect("findings follow from an entry");
    section.prose(format!(
        "Each price and each parameter is varied alone. Prices need no simulation, because the cost is linear in them. For \
         every other parameter and factor {} configurations were simulated again, {} evaluations in all, and the choice was \
         made again among them.",
        entry.configurations, entry.evaluations
    ));
    section.prose(sentence(found, sensitivity));
    let charts = [
        (
            "cost",
            tornado(
                "What the cost of the choice hangs on",
                "cost of the choice, as a ratio",
                sensitivity,
                choice,
                cost_ratio,
            )?,
        ),
        (
            "ttft",
            tornado(
                "What the mean TTFT of the choice hangs on",
                "mean TTFT of the choice, as a ratio",
                sensitivity,
                choice,
                ttft_ratio,
            )?,
        ),
    ];
    let mut pictures = Vec::new();
    for (name, chart) in charts {
        let caption = "The configuration stays, and one thing changes: each bar ends where the figure is then. A disc marks where another \
                       configuration, or none, would be chosen. The axis is logarithmic.";
        pictures.push((format!("sensitivity-{name}.svg"), chart.as_str().to_owned()));
        section.figure(Figure::new(chart, caption).data("sensitivity.csv"));
    }
    let table = TableView::new(rows_table(found, sensitivity, &choice.pick.point)?).data("sensitivity.csv");
    section.table(table.caption(
        "The choice under each factor, and what would be chosen instead. The last column says by how much the choice is \
         then dearer than that.",
    ));
    if sensitivity.choice_prices.iter().any(|(_, ends)| ends.iter().any(Option::is_some)) {
        section.table(TableView::new(choice_table(found, sensitivity)?).data("break-even.csv").caption(
            "The prices at which the choice stops being the cheapest that keeps the constraints, one price at a time. They are \
             exact, for the cost is linear in prices.",
        ));
    }
    section.table(TableView::new(neighbours_table(found, sensitivity)?).data("break-even.csv").caption(
        "Break-even prices of neighbours on the front of cost and mean TTFT: at this many times the price of a part, the \
         faster one costs as much as the cheaper one. A dash: no price does that.",
    ));
    Ok(pictures)
}

fn cost_ratio(row: &Sensed, choice: &Choice) -> f64 {
    row.then.cost() / choice.pick.evaluation.objectives.cost()
}

fn ttft_ratio(row: &Sensed, choice: &Choice) -> f64 {
    row.then.ttft_s_mean() / choice.pick.evaluation.objectives.ttft_s_mean()
}

/// A bar for each parameter, from its least factor to its largest below and above 1 that all parameters have.
fn tornado(
    title: &str,
    axis: &str,
    sensitivity: &Sensitivity,
    choice: &Choice,
    ratio: fn(&Sensed, &Choice) -> f64,
) -> Result<Svg, Problem> {
    let simulated = || sensitivity.rows.iter().filter(|row| row.evaluations > 0).map(|row| row.factor);
    let least = simulated().fold(f64::INFINITY, f64::min);
    let most = simulated().fold(f64::NEG_INFINITY, f64::max);
    let ends = [least, most].map(|factor| format!("times {factor}"));
    let mut chart = Tornado::new(title, Axis::log(axis), 1.0, [&ends[0], &ends[1]]);
    "another choice".clone_into(&mut chart.marked_name);
    let at = |parameter: &str, factor: f64| {
        let same = |row: &&Sensed| row.parameter == parameter && row.factor.to_bits() == factor.to_bits();
        let row = sensitivity.rows.iter().find(same)?;
        let is_marked = row.is_changed(&choice.pick.point);
        // A trace without load has a TTFT and a cost of their own, and both are above 0.
        Some(End { value: ratio(row, choice).max(1e-6), is_marked })
    };
    let mut parameters: Vec<&str> = sensitivity.rows.iter().map(|row| row.parameter.as_str()).collect();
    parameters.dedup();
    let bar = |name: &str| Some(Bar { name: name.to_owned(), ends: [at(name, least)?, at(name, most)?] });
    chart.bars = parameters.into_iter().filter_map(bar).collect();
    chart.to_svg().map_err(Problem::machine)
}

/// Every parameter at every factor.
fn rows_table(found: &Found, sensitivity: &Sensitivity, choice: &Point) -> Result<Table, Problem> {
    let cost = format!("cost [{}]", found.currency);
    let mut columns = vec![("parameter", Kind::Text)];
    let numbers = ["times", "TTFT [s]", "TTFT [%]", &cost, "cost [%]"];
    columns.extend(numbers.map(|name| (name, Kind::F64)));
    columns.extend([("keeps constraints", Kind::Text), ("choice then", Kind::Text)]);
    columns.push(("dearer than that [%]", Kind::F64));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for row in &sensitivity.rows {
        let [ttft, _, cost] = row.change.percents();
        let percent = |value: Option<f64>| Cell::from(value.map(tenths));
        let then = match &row.pick {
            None => "none".to_owned(),
            Some(pick) if pick.point == *choice => "the same".to_owned(),
            Some(pick) => words(&found.space, &pick.point),
        };
        let cells = [
            Cell::from(row.parameter.as_str()),
            Cell::from(row.factor),
            Cell::from(rounded(row.then.ttft_s_mean())),
            percent(ttft),
            Cell::from(rounded(row.then.cost())),
            percent(cost),
            Cell::from(if row.keeps { "yes" } else { "no" }),
            Cell::from(then),
            percent(row.staying_percent),
        ];
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// The exact prices at which the choice changes.
fn choice_table(found: &Found, sensitivity: &Sensitivity) -> Result<Table, Problem> {
    let columns = [
        ("price of", Kind::Text),
        ("stays down to, times", Kind::F64),
        ("below that", Kind::Text),
        ("stays up to, times", Kind::F64),
        ("above that", Kind::Text),
    ];
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for (part, ends) in &sensitivity.choice_prices {
        let mut cells = vec![Cell::from(part.as_str())];
        for end in ends {
            cells.push(Cell::from(end.as_ref().map(|(factor, _)| rounded(*factor))));
            cells.push(Cell::from(end.as_ref().map(|(_, point)| words(&found.space, point))));
        }
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// A row for each pair of neighbours, a column for each part of the cost.
fn neighbours_table(found: &Found, sensitivity: &Sensitivity) -> Result<Table, Problem> {
    let mut parts: Vec<&str> = sensitivity.neighbours.iter().map(|it| it.part.as_str()).collect();
    parts.sort_unstable();
    parts.dedup();
    let titles: Vec<String> = parts.iter().map(|part| format!("{part}, times")).collect();
    let mut columns = vec![("cheaper", Kind::Text), ("faster", Kind::Text)];
    columns.extend(titles.iter().map(|title| (title.as_str(), Kind::F64)));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for pair in sensitivity.neighbours.chunks(parts.len().max(1)) {
        let mut cells = vec![
            Cell::from(words(&found.space, &pair[0].from)),
            Cell::from(words(&found.space, &pair[0].to)),
        ];
        for part in &parts {
            let factor = pair.iter().find(|it| it.part == *part).and_then(|it| it.factor);
            cells.push(Cell::from(factor.map(rounded)));
        }
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}
