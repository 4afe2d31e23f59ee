//! The page of a comparison of searches, from its record alone.

mod regret;

use std::collections::BTreeMap;

use deployment::Problem;
use experiment::{ComparedEntry, LoadedComparison, median};
use report::chart::{Axis, Band, Join, Lines, Markers, Series, Svg};
use report::html::{Figure, TableView};
use report::{Cell, Kind, Table};

use self::regret::regrets;
use super::Rendered;
use super::answers::{Lost, of_comparison};
use super::parts::{begun, distinct, ended, made_by, refused_entry, tenths, traced};

/// Renders the page.
pub(super) fn comparison_page(loaded: &LoadedComparison, analysis: &str) -> Result<Rendered, Problem> {
    let (manifest, entry) = (&loaded.manifest, &loaded.entry);
    let rows = Rows::of(&loaded.searches)?;
    let mut page = begun(&manifest.experiment, &manifest.question, &manifest.scale);
    of_comparison(&mut page, rows.lost(), entry.budget_share);
    let percent = 100.0 * entry.reach;
    page.section("Over all cases").table(
        TableView::new(summary(loaded)?)
            .caption(format!(
                "Evaluations needed to reach {percent} % of the full grid's hypervolume, in percent of the grid. For a search \
                 that draws, the median over {} seeds is taken first. The columns have the median and the worst over the \
                 cases. A search that ends earlier has not reached that share.",
                entry.seeds
            ))
            .data("searches.csv"),
    );
    regrets(&mut page, entry.budget_share, &rows)?;
    page.section("By case").table(
        TableView::new(by_case(&rows)?)
            .caption(format!(
                "Median evaluations to {percent} %. A dash means that the search ended earlier."
            ))
            .data("searches.csv"),
    );
    let certified = certificates(&rows)?;
    if certified.rows() > 0 {
        page.section("Certificates").table(TableView::new(certified).caption(
            "When `kareto-plus` ends, it states how much the points that it did not ask for could still add at most. The \
             table shows this beside what these points really add, and how often a value lay outside its bounds.",
        ));
    }
    let mut pictures = Vec::new();
    let section = page.section("Hypervolume against evaluations");
    for case in &entry.case {
        let svg = curves(loaded, &rows, case)?;
        let file = format!("curves-{}-{}.svg", case.trace_name, case.system_name);
        pictures.push((file, svg.as_str().to_owned()));
        let caption = format!(
            "{}, {}: {} of {} points are on the front. Median over the seeds, with quartiles.",
            case.trace_name, case.system_name, case.front_points, case.points
        );
        section.figure(Figure::new(svg, caption).data("curves.csv").data(case.archive.as_str()));
    }
    let mut facts = vec![("scale".to_owned(), manifest.scale.clone())];
    facts.push(("seeds".to_owned(), format!("{} from {}", entry.seeds, manifest.seed)));
    facts.extend(entry.case.iter().map(|case| {
        (
            format!("{}, {}", case.trace_name, case.system_name),
            format!("{}; evaluations of `{}`", traced(&case.trace), case.fingerprint),
        )
    }));
    facts.extend(entry.case.iter().filter_map(|case| {
        let refused = case.refused.as_ref()?;
        Some((format!("refused, {}, {}", case.trace_name, case.system_name), refused_entry(refused)))
    }));
    if !entry.absent.is_empty() {
        facts.push(("absent traces".to_owned(), entry.absent.join(", ")));
    }
    facts.push(made_by());
    Ok(Rendered { html: ended(page, analysis, facts), pictures })
}

/// A row of `searches.csv`.
struct Row {
    trace: String,
    system: String,
    search: String,
    points: f64,
    evaluations: Option<f64>,
    ended: f64,
    share: f64,
    judged: f64,
    own_range_share: f64,
    /// Worst regret of cost at a TTFT limit, and of TTFT at a budget.
    regret: [f64; 2],
    could_add_share: Option<f64>,
    tested: Option<f64>,
    violations: Option<f64>,
    largest_violation: Option<f64>,
}

impl Row {
    /// Median evaluations in percent of the grid.
    fn percent(&self) -> Option<f64> {
        self.evaluations.map(|count| 100.0 * count / self.points)
    }
}

struct Rows(Vec<Row>);

impl Rows {
    fn of(table: &Table) -> Result<Self, Problem> {
        let [trace, system, search] =
            ["trace", "system", "search"].map(|name| table.texts(name).map_err(Problem::user));
        let (trace, system, search) = (trace?, system?, search?);
        let number = |name: &str| table.numbers(name).map_err(Problem::user);
        let (points, evaluations, ended) =
            (number("points")?, number("evaluations_p50")?, number("ended_p50")?);
        let (share, could_add) = (number("share_p50")?, number("could_add_share")?);
        let (tested, violations) = (number("tested")?, number("violations")?);
        let largest = number("largest_violation")?;
        let (judged, own_range) = (number("judged_p50")?, number("own_range_share_p50")?);
        let regret = [number("regret_cost_worst_p50")?, number("regret_ttft_worst_p50")?];
        let row = |i: usize| Row {
            trace: trace[i].clone(),
            system: system[i].clone(),
            search: search[i].clone(),
            points: points[i].unwrap_or(f64::NAN),
            evaluations: evaluations[i],
            ended: ended[i].unwrap_or(f64::NAN),
            share: share[i].unwrap_or(f64::NAN),
            judged: judged[i].unwrap_or(f64::NAN),
            own_range_share: own_range[i].unwrap_or(f64::NAN),
            regret: [0, 1].map(|of| regret[of][i].unwrap_or(f64::NAN)),
            could_add_share: could_add[i],
            tested: tested[i],
            violations: violations[i],
            largest_violation: largest[i],
        };
        Ok(Self((0..table.rows()).map(row).collect()))
    }

    /// The searches, in the order of the table.
    fn searches(&self) -> Vec<String> {
        distinct(self.0.iter().map(|row| row.search.clone()))
    }

    /// What a buyer loses with each search.
    fn lost(&self) -> Vec<Lost> {
        let of_search = |search: String| {
            let rows = self.0.iter().filter(|row| row.search == search);
            let most = |row: &Row| 100.0 * row.regret[0].max(row.regret[1]);
            let most: Vec<f64> = rows.map(most).collect();
            Lost {
                search,
                little: most.iter().filter(|it| **it < 2.0).count(),
                of: most.len(),
                most_percent: most.into_iter().fold(0.0, f64::max),
            }
        };
        self.searches().into_iter().map(of_search).collect()
    }

    /// The rows of each case, in the order of the table.
    fn cases(&self) -> Vec<Vec<&Row>> {
        let mut cases: Vec<Vec<&Row>> = Vec::new();
        for row in &self.0 {
            match cases.iter_mut().find(|case| case[0].trace == row.trace && case[0].system == row.system) {
                Some(case) => case.push(row),
                None => cases.push(vec![row]),
            }
        }
        cases
    }
}

/// A row for each case, a column for each search.
fn by_case(rows: &Rows) -> Result<Table, Problem> {
    let searches = rows.searches();
    let mut columns = vec![("trace", Kind::Text), ("system", Kind::Text), ("points", Kind::I64)];
    columns.extend(searches.iter().map(|name| (name.as_str(), Kind::I64)));
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for case in rows.cases() {
        let count = |name: &String| {
            let row = case.iter().find(|row| row.search == *name);
            row.and_then(|row| row.evaluations).map_or(Cell::Missing, |count| Cell::from(count as i64))
        };
        let first = case[0];
        let mut cells = vec![
            Cell::from(first.trace.as_str()),
            Cell::from(first.system.as_str()),
            Cell::from(first.points as i64),
        ];
        cells.extend(searches.iter().map(count));
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

fn certificates(rows: &Rows) -> Result<Table, Problem> {
    let mut table = Table::new(&[
        ("trace", Kind::Text),
        ("system", Kind::Text),
        ("evaluations", Kind::I64),
        ("could add at most [%]", Kind::F64),
        ("really adds [%]", Kind::F64),
        ("values tested", Kind::I64),
        ("outside", Kind::I64),
        ("farthest [% of range]", Kind::F64),
    ])
    .map_err(Problem::machine)?;
    for row in &rows.0 {
        let Some(bound) = row.could_add_share else { continue };
        let whole = |value: Option<f64>| value.map_or(Cell::Missing, |value| Cell::from(value as i64));
        table
            .push_row([
                Cell::from(row.trace.as_str()),
                Cell::from(row.system.as_str()),
                Cell::from(row.ended as i64),
                Cell::from(hundredths(100.0 * bound)),
                Cell::from(hundredths(100.0 * (1.0 / row.share - 1.0))),
                whole(row.tested),
                whole(row.violations),
                row.largest_violation.map_or(Cell::Missing, |it| Cell::from(hundredths(100.0 * it))),
            ])
            .map_err(Problem::machine)?;
    }
    Ok(table)
}

/// Hypervolume against evaluations of one case.
fn curves(loaded: &LoadedComparison, rows: &Rows, case: &ComparedEntry) -> Result<Svg, Problem> {
    /// Below this share the curves only show how the first points were drawn.
    const LEAST_PERCENT: f64 = 90.0;
    let table = &loaded.curves;
    let text = |name: &str| table.texts(name).map_err(Problem::user);
    let (trace, system, search) = (text("trace")?, text("system")?, text("search")?);
    let number = |name: &str| table.numbers(name).map_err(Problem::user);
    let (evaluations, low) = (number("evaluations")?, number("share_p25")?);
    let (middle, high) = (number("share_p50")?, number("share_p75")?);
    let mut lines: BTreeMap<String, Series> = BTreeMap::new();
    for i in (0..table.rows()).filter(|&i| trace[i] == case.trace_name && system[i] == case.system_name) {
        let (Some(count), Some(share)) = (evaluations[i], middle[i]) else { continue };
        if 100.0 * share < LEAST_PERCENT {
            continue;
        }
        let series = lines.entry(search[i].clone()).or_insert_with(|| Series {
            name: search[i].clone(),
            points: Vec::new(),
            join: Join::Step,
            markers: Markers::Hidden,
            band: Some(Band { ends: Vec::new() }),
        });
        let percent = |value: Option<f64>| (100.0 * value.unwrap_or(share)).max(LEAST_PERCENT);
        series.points.push((count, 100.0 * share));
        series.band.as_mut().expect("made above").ends.push((percent(low[i]), percent(high[i])));
    }
    let title = format!("Hypervolume by evaluations: {}, {}", case.trace_name, case.system_name);
    let x = Axis::log("evaluations");
    let y = Axis::linear("% of the full grid's hypervolume").including(100.0 * loaded.entry.reach);
    let mut chart = Lines::new(title, x, y);
    chart.series = rows.searches().iter().filter_map(|name| lines.remove(name)).collect();
    chart.to_svg().map_err(Problem::machine)
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0 + 0.0
}

/// One row for each search: its median evaluations over the cases, in percent of the grid.
pub(super) fn summary(loaded: &LoadedComparison) -> Result<Table, Problem> {
    let rows = Rows::of(&loaded.searches)?;
    let mut table = Table::new(&[
        ("search", Kind::Text),
        ("cases reached", Kind::Text),
        ("median [%]", Kind::F64),
        ("worst [%]", Kind::F64),
        ("where it ends by itself [%]", Kind::F64),
        ("share there, worst [%]", Kind::F64),
    ])
    .map_err(Problem::machine)?;
    for search in rows.searches() {
        let of_search: Vec<&Row> = rows.0.iter().filter(|row| row.search == search).collect();
        // A case that the search does not reach counts as more than any case that it reaches.
        let mut needed: Vec<f64> =
            of_search.iter().map(|row| row.percent().unwrap_or(f64::INFINITY)).collect();
        needed.sort_by(f64::total_cmp);
        let reached = needed.iter().filter(|percent| percent.is_finite()).count();
        let finite = |value: f64| if value.is_finite() { Cell::from(tenths(value)) } else { Cell::Missing };
        let ended = median(of_search.iter().map(|row| row.ended / row.points * 100.0).collect());
        let share = of_search.iter().map(|row| row.share).fold(f64::INFINITY, f64::min);
        table
            .push_row([
                Cell::from(search.as_str()),
                Cell::from(format!("{reached} of {}", needed.len())),
                finite(median(needed.clone())),
                finite(needed.last().copied().unwrap_or(f64::INFINITY)),
                Cell::from(tenths(ended)),
                Cell::from((share * 1e4).round() / 100.0),
            ])
            .map_err(Problem::machine)?;
    }
    Ok(table)
}
