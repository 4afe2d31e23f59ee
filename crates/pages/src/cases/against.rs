//! Each case beside one of them: where a disk pays, and whether requests waited for longer than it took to be read.

use deployment::Problem;
use experiment::{CasesEntry, LoadedSearch, NOTICED_PERCENT};
use report::chart::{Axis, Front, Heat, Join, Point, Scatter, Size, Svg};
use report::html::{Figure, Number, Page, TableView};
use report::number::significant;
use report::{Cell, Kind, Table};

use super::super::claims::Claim;
use super::super::parts::{claims_shown, distinct, tenths};
use super::panel::capital;

/// A row of `against.csv`.
struct Case {
    /// The settings that are drawn neither as rows nor as columns.
    panel: String,
    row: String,
    column: String,
    ttft_percent: f64,
    cost_percent: f64,
    queue_s: f64,
    read_s: f64,
    faster: bool,
}

/// Draws the cases of a record beside the one that they are compared with.
pub(super) fn against(
    page: &mut Page,
    loaded: &LoadedSearch,
    cases: &CasesEntry,
    pictures: &mut Vec<(String, String)>,
) -> Result<(), Problem> {
    let Some(table) = &loaded.against else { return Ok(()) };
    let all = read(table, loaded, cases)?;
    let base = cases.against.as_deref().unwrap_or_default();
    page.answer(answer(&all, base), numbers(&loaded.claims)?);
    let section = page.section("Queueing against reading");
    let svg = waits(&all)?;
    pictures.push(("queue-and-read.svg".to_owned(), svg.as_str().to_owned()));
    let caption = format!(
        "A point is a case that reads its disk. To the right, requests wait longer in the queue of `{base}`; upwards, the disk \
         takes longer to read what a request asks of it. Both are means over all requests. The colour is by how much mean TTFT \
         is shorter [%]; a loss counts as 0 here. A claim that disk pays only where the queue is longer says that only points \
         below the diagonal are bright."
    );
    section.figure(Figure::new(svg, caption).data("against.csv"));
    section.table(TableView::new(counts(&all)?).caption(format!(
        "Cases by whether the queue without disk is longer than the reading, and whether mean TTFT is shorter by {NOTICED_PERCENT} % \
         or more.",
    )));
    let mut panels: Vec<&str> = all.iter().map(|case| case.panel.as_str()).collect();
    panels.dedup();
    for panel in panels {
        let of_panel: Vec<&Case> = all.iter().filter(|case| case.panel == panel).collect();
        let heading = if panel.is_empty() { "The cases" } else { panel };
        let section = page.section(heading);
        for (name, of) in
            [("mean TTFT", (|it| it.ttft_percent) as fn(&Case) -> f64), ("cost", |it| it.cost_percent)]
        {
            let svg = map(&of_panel, name, cases, of)?;
            let file = format!("{}-{}", panel.replace([' ', ',', '`'], "-"), name.replace(' ', "-"));
            pictures.push((format!("{}.svg", file.trim_matches('-')), svg.as_str().to_owned()));
            let caption = format!(
                "By how much {name} is lower than with `{base}`, of the same other settings [%]. Framed: by {NOTICED_PERCENT} % or \
                 more. What is below 0 is a loss; {MOST_LOST_PERCENT} stands for more, too."
            );
            section.figure(Figure::new(svg, caption).data("against.csv"));
        }
    }
    if loaded.claims.rows() > 0 {
        page.section("Claims").table(TableView::new(claims_shown(&loaded.claims)?).data("claims.csv"));
    }
    if !cases.absent.is_empty() {
        page.section("Absent traces")
            .prose(format!("The files of these traces were absent: {}.", cases.absent.join(", ")));
    }
    Ok(())
}

fn answer(all: &[Case], base: &str) -> String {
    let count = |that: &dyn Fn(&Case) -> bool| all.iter().filter(|it| that(it)).count();
    format!(
        "Beside `{base}`, mean TTFT is shorter by {NOTICED_PERCENT} % or more in {} of {} cases, and cost is lower by as much in {}.",
        count(&|it| it.faster),
        all.len(),
        count(&|it| it.cost_percent >= NOTICED_PERCENT)
    )
}

fn numbers(claims: &Table) -> Result<Vec<Number>, Problem> {
    let number = |claim: &Claim| Number {
        of: format!("{}: {}", claim.id, claim.verdict),
        value: claim.ours(),
        beside: format!("the paper: {}", claim.paper()),
    };
    Ok(Claim::read(claims)?.iter().map(number).collect())
}

/// The rows of `against.csv`, panel by panel.
fn read(table: &Table, loaded: &LoadedSearch, cases: &CasesEntry) -> Result<Vec<Case>, Problem> {
    let text = |name: &str| table.texts(name).map_err(Problem::user);
    let number = |name: &str| table.numbers(name).map_err(Problem::user);
    let along = cases.along.as_deref();
    let names = loaded.found.space.axes().iter().map(|axis| axis.name.as_str());
    let others: Vec<&str> = names.filter(|name| *name != cases.compare && Some(*name) != along).collect();
    let settings = others.iter().map(|name| text(name)).collect::<Result<Vec<_>, _>>()?;
    let rows = text(&cases.compare)?;
    let columns = along.map_or_else(|| Ok(vec![String::new(); table.rows()]), text)?;
    let effects = text("effect")?;
    let [ttft, cost] = ["ttft_improvement_percent", "cost_improvement_percent"].map(number);
    let [queue, reading] = ["queue_s_mean_without", "read_s_mean"].map(number);
    let (ttft, cost, queue, reading) = (ttft?, cost?, queue?, reading?);
    let panel = |row: usize| {
        let named = others.iter().zip(&settings).map(|(name, values)| format!("{name} `{}`", values[row]));
        named.collect::<Vec<_>>().join(", ")
    };
    let mut all: Vec<Case> = (0..table.rows())
        .map(|row| Case {
            panel: panel(row),
            row: rows[row].clone(),
            column: columns[row].clone(),
            ttft_percent: ttft[row].unwrap_or(0.0),
            cost_percent: cost[row].unwrap_or(0.0),
            queue_s: queue[row].unwrap_or(0.0),
            read_s: reading[row].unwrap_or(0.0),
            faster: effects[row] == "faster",
        })
        .collect();
    let order = distinct(all.iter().map(|case| case.panel.clone()));
    all.sort_by_key(|case| order.iter().position(|panel| *panel == case.panel));
    Ok(all)
}

/// Queueing time against reading time, both on logarithmic axes, with the diagonal where they are equal.
fn waits(all: &[Case]) -> Result<Svg, Problem> {
    const LEAST_S: f64 = 1e-3;
    let mut chart = Scatter::new(
        "When disk pays",
        Axis::log("mean queueing time without disk [s]"),
        Axis::log("mean time to read a request's blocks [s]"),
    );
    chart.color = Some(Axis::linear("shorter mean TTFT [%]"));
    let read = all.iter().filter(|case| case.read_s > 0.0);
    chart.points = read
        .map(|case| Point {
            x: case.queue_s.max(LEAST_S),
            y: case.read_s.max(LEAST_S),
            color: Some(case.ttft_percent.max(0.0)),
        })
        .collect();
    // The diagonal joins two points of no colour.
    let range = |of: fn(&Point) -> f64| {
        let values = || chart.points.iter().map(of);
        (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max))
    };
    let (x, y) = (range(|point| point.x), range(|point| point.y));
    let ends = [x.0.max(y.0), x.1.min(y.1)];
    if ends[0] < ends[1] {
        let first = chart.points.len();
        chart.points.extend(ends.map(|end| Point { x: end, y: end, color: None }));
        let joined = vec![first, first + 1];
        let name = "as long as each other".to_owned();
        chart.front = Some(Front { name, ringed: Vec::new(), joined, join: Join::Straight });
    }
    chart.to_svg().map_err(Problem::machine)
}

/// How many cases are faster, by whether the queue is longer than the reading.
fn counts(all: &[Case]) -> Result<Table, Problem> {
    let columns = [
        ("queue without disk", Kind::Text),
        ("cases", Kind::I64),
        ("faster", Kind::I64),
        ("faster [%]", Kind::F64),
    ];
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    type Which = fn(&Case) -> bool;
    let groups: [(&str, Which); 3] = [
        ("longer than the reading", |it| it.read_s > 0.0 && it.queue_s > it.read_s),
        ("shorter than the reading", |it| it.queue_s <= it.read_s),
        ("nothing is read", |it| it.read_s == 0.0 && it.queue_s > 0.0),
    ];
    for (name, of) in groups {
        let cases: Vec<&Case> = all.iter().filter(|it| of(it)).collect();
        let faster = cases.iter().filter(|it| it.faster).count();
        let percent = (!cases.is_empty()).then(|| tenths(100.0 * faster as f64 / cases.len() as f64));
        let counts = [cases.len() as i64, faster as i64].map(Cell::from);
        let row = [Cell::from(name)].into_iter().chain(counts).chain([Cell::from(percent)]);
        table.push_row(row).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// What is lost beyond this would leave no colours for what is won \[%\].
const MOST_LOST_PERCENT: f64 = -100.0;

/// A row for each compared value, and a column for each value along the other axis.
fn map(all: &[&Case], name: &str, cases: &CasesEntry, of: fn(&Case) -> f64) -> Result<Svg, Problem> {
    /// The height of a row, and the height around all rows \[px\].
    const ROW_PX: u32 = 26;
    const AROUND_PX: u32 = 160;
    let along = cases.along.as_deref().unwrap_or_default();
    let mut rows = distinct(all.iter().map(|case| case.row.clone()));
    rows.reverse();
    let columns = distinct(all.iter().map(|case| case.column.clone()));
    let title = format!("{} by {} and {along}", capital(name), cases.compare);
    let color = Axis::linear(format!("less {name} [%]"));
    let mut heat = Heat::new(title, along, cases.compare.as_str(), color);
    let short = |value: f64| significant(value, 3).parse().unwrap_or(value);
    for (row, row_name) in rows.iter().enumerate() {
        for (column, column_name) in columns.iter().enumerate() {
            let found = all.iter().find(|case| case.row == *row_name && case.column == *column_name);
            heat.values.push(found.map(|case| short(tenths(of(case).max(MOST_LOST_PERCENT)))));
            if found.is_some_and(|case| of(case) >= NOTICED_PERCENT) {
                heat.marked.push((column, row));
            }
        }
    }
    heat.marked_name = "it pays".to_owned();
    let height = (AROUND_PX + ROW_PX * rows.len() as u32).clamp(Size::STANDARD.height / 2, 4000);
    (heat.rows, heat.columns) = (rows, columns);
    heat.size = Size { height, ..Size::STANDARD };
    heat.to_svg().map_err(Problem::machine)
}
