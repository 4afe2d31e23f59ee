//! The page of recorded runs: measured against simulated, from the record alone.

use deployment::Problem;
use experiment::LoadedEngineRuns;
use kv_core::stats::nearest_rank;
use report::chart::{Agreement, Axis, Compared, Lines, Markers, Series, Svg};
use report::html::{Figure, Number, Page, TableView};
use report::number::significant;
use report::{Cell, Kind, Table};

use super::Rendered;
use super::parts::{begun, ended, made_by, numbers, rounded, tenths, texts};

/// The figures of the table of all runs, and their titles.
const SHOWN: [(&str, &str); 6] = [
    ("ttft_s_mean", "TTFT [%]"),
    ("tpot_s_mean", "TPOT [%]"),
    ("e2e_s_mean", "E2E [%]"),
    ("makespan_s", "makespan [%]"),
    ("hit_tokens_hbm", "HBM hits [%]"),
    ("hit_tokens_lower", "lower hits [%]"),
];

/// What is compared of each request, and the begin of its columns.
const OF_REQUESTS: [(&str, &str); 2] = [("TTFT", "ttft_s"), ("E2E", "e2e_s")];

/// Errors below this share one place at the left end of the axis \[%\].
const LEAST_PERCENT: f64 = 0.1;

/// A replayed run, as the page shows it.
struct Shown {
    name: String,
    /// The engine's name; runs of one engine share a picture.
    engine: String,
    /// (measured, simulated) \[s\] of every request, in the order of [`OF_REQUESTS`].
    pairs: [Vec<(f64, f64)>; 2],
}

/// Renders the page.
pub(super) fn engine_runs_page(loaded: &LoadedEngineRuns, analysis: &str) -> Result<Rendered, Problem> {
    let manifest = &loaded.manifest;
    let mut page = begun(&manifest.experiment, &manifest.question, &manifest.scale);
    let runs = shown(loaded)?;
    answer(&mut page, loaded)?;
    let mut pictures = Vec::new();
    if !runs.is_empty() {
        errors_shown(&mut page, &runs, &mut pictures)?;
        let section = page.section("Every run");
        section.table(TableView::new(errors_table(loaded)?).caption(ERRORS_ARE).data("figures.csv"));
    }
    not_replayed(&mut page, loaded)?;
    if !runs.is_empty() {
        requests_shown(&mut page, loaded, &runs, &mut pictures)?;
    }
    Ok(Rendered { html: ended(page, analysis, facts(loaded)), pictures })
}

/// What the numbers of the table are.
const ERRORS_ARE: &str = "Simulated against measured in percent: positive is more. TTFT, TPOT and E2E are means, hits are tokens. The last column has settings of the \
                          recorded engine that the replay does not follow.";

/// The answer: the largest errors, and where they are.
fn answer(page: &mut Page, loaded: &LoadedEngineRuns) -> Result<(), Problem> {
    let counts = &loaded.entry;
    let mut numbers = Vec::new();
    for (figure, of) in
        [("ttft_s_mean", "mean TTFT"), ("e2e_s_mean", "mean E2E latency"), ("makespan_s", "makespan")]
    {
        let mut errors = errors_of(loaded, figure)?;
        errors.sort_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let sizes: Vec<f64> = errors.iter().map(|(_, error)| error.abs()).collect();
        if let (Some(middle), Some((run, worst))) = (nearest_rank(&sizes, 0.5), errors.last()) {
            numbers.push(Number {
                of: format!("{of}, off by"),
                value: format!("{} %", tenths(middle)),
                beside: format!("in the middle run; {:+.1} % in the worst, {run}", tenths(*worst)),
            });
        }
    }
    let sentence = match counts.replayed.len() {
        0 => "No recorded run was at hand.".to_owned(),
        replayed => format!(
            "{replayed} recorded runs were replayed from their headers alone; {} are refused, for the replay does not know \
             their engine, and {} were not at hand.",
            counts.refused.len(),
            counts.absent.len()
        ),
    };
    page.answer(sentence, numbers);
    Ok(())
}

/// The errors of one figure \[%\], by run.
fn errors_of(loaded: &LoadedEngineRuns, figure: &str) -> Result<Vec<(String, f64)>, Problem> {
    let (names, figures) = (texts(&loaded.figures, "run")?, texts(&loaded.figures, "figure")?);
    let errors = numbers(&loaded.figures, "error_percent")?;
    let rows = names.into_iter().zip(figures).zip(errors).filter(|((_, known), _)| known == figure);
    Ok(rows.filter_map(|((name, _), error)| Some((name, error?))).collect())
}

/// For each engine a picture of TTFT and one of E2E: the share of requests within each error.
fn errors_shown(
    page: &mut Page,
    runs: &[Shown],
    pictures: &mut Vec<(String, String)>,
) -> Result<(), Problem> {
    let section = page.section("How far single requests are off");
    let mut engines: Vec<&str> = runs.iter().map(|run| run.engine.as_str()).collect();
    engines.sort_unstable();
    engines.dedup();
    for engine in engines {
        let of_engine: Vec<&Shown> = runs.iter().filter(|run| run.engine == engine).collect();
        for (place, (of, _)) in OF_REQUESTS.iter().enumerate() {
            let chart = share_within(&format!("{of} of single requests, {engine}"), of, place, &of_engine)?;
            let caption = format!(
                "The share of requests whose simulated {of} is within an error of the measured one: the further left and up, \
                 the better. Recorded engine: `{engine}`. Errors below {LEAST_PERCENT} % are drawn as {LEAST_PERCENT} %."
            );
            pictures.push((format!("within-{}-{engine}.svg", of.to_lowercase()), chart.as_str().to_owned()));
            section.figure(Figure::new(chart, caption).data("requests.csv"));
        }
    }
    Ok(())
}

/// The share of requests by the size of their error, a line for each run.
fn share_within(title: &str, of: &str, place: usize, runs: &[&Shown]) -> Result<Svg, Problem> {
    let x = Axis::log(format!("error of {of} [%]"));
    let mut chart = Lines::new(title, x, Axis::linear("share of requests").including(0.0).including(1.0));
    for run in runs {
        let errors = run.pairs[place].iter().filter(|(measured, _)| *measured > 0.0);
        let mut errors: Vec<f64> = errors
            .map(|(measured, simulated)| (100.0 * (simulated - measured).abs() / measured).max(LEAST_PERCENT))
            .collect();
        errors.sort_by(f64::total_cmp);
        let count = errors.len() as f64;
        let at = |(rank, error): (usize, &f64)| (*error, (rank + 1) as f64 / count);
        let points = errors.iter().enumerate().map(at).collect();
        chart.series.push(Series { markers: Markers::Hidden, ..Series::new(&run.name, points) });
    }
    chart.to_svg().map_err(Problem::machine)
}

/// A row for each run: the errors of its figures, and what the replay does not follow.
fn errors_table(loaded: &LoadedEngineRuns) -> Result<Table, Problem> {
    let texts_of = ["run", "step times", "tiers"].map(|name| (name, Kind::Text));
    let columns = texts_of.into_iter().chain(SHOWN.map(|(_, title)| (title, Kind::F64)));
    let columns: Vec<_> = columns.chain([("not followed", Kind::Text)]).collect();
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    let errors = SHOWN.iter().map(|(figure, _)| errors_of(loaded, figure)).collect::<Result<Vec<_>, _>>()?;
    let cells_of = |column: &str| texts(&loaded.runs, column);
    let (names, statuses) = (cells_of("run")?, cells_of("status")?);
    let (laws, tiers, ignored) = (cells_of("step_law")?, cells_of("lower_tiers")?, cells_of("not_followed")?);
    for row in (0..names.len()).filter(|&row| statuses[row] == "replayed") {
        let tiers = if tiers[row].is_empty() { "HBM".to_owned() } else { format!("HBM, {}", tiers[row]) };
        let law = if laws[row] == "additive" { "law" } else { "operators" };
        let mut cells = vec![Cell::from(names[row].as_str()), Cell::from(law), Cell::from(tiers)];
        for errors in &errors {
            let error = errors.iter().find(|(name, _)| *name == names[row]).map(|(_, error)| *error);
            cells.push(Cell::from(error.map(tenths)));
        }
        cells.push(Cell::from(ignored[row].as_str()));
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// The runs that were refused or absent, with the reason.
fn not_replayed(page: &mut Page, loaded: &LoadedEngineRuns) -> Result<(), Problem> {
    let cells_of = |column: &str| texts(&loaded.runs, column);
    let (names, statuses, reasons) = (cells_of("run")?, cells_of("status")?, cells_of("why")?);
    let mut table =
        Table::new(&["run", "status", "why"].map(|name| (name, Kind::Text))).map_err(Problem::machine)?;
    for row in (0..names.len()).filter(|&row| statuses[row] != "replayed") {
        let why = if statuses[row] == "absent" { "its file was not at hand" } else { reasons[row].as_str() };
        let cells = [names[row].as_str(), statuses[row].as_str(), why];
        table.push_row(cells.map(Cell::from)).map_err(Problem::machine)?;
    }
    if table.rows() > 0 {
        page.section("Not replayed").table(TableView::new(table).data("runs.csv"));
    }
    Ok(())
}

/// For each run a picture of its requests and a table of its figures.
fn requests_shown(
    page: &mut Page,
    loaded: &LoadedEngineRuns,
    runs: &[Shown],
    pictures: &mut Vec<(String, String)>,
) -> Result<(), Problem> {
    let section = page.section("Request by request");
    section.prose(
        "Each point is a request. On the line the simulator is exact; above it the simulated time is too long. Both axes are \
         logarithmic.",
    );
    for run in runs {
        let axis = Axis::log("simulated [s]");
        let mut chart = Agreement::new(run.name.clone(), "measured [s]", axis);
        chart.compared = OF_REQUESTS
            .iter()
            .zip(&run.pairs)
            .map(|((of, _), pairs)| Compared { name: (*of).to_owned(), pairs: pairs.clone() })
            .collect();
        let chart = chart.to_svg().map_err(Problem::machine)?;
        pictures.push((format!("requests-{}.svg", run.name), chart.as_str().to_owned()));
        let caption = format!("`{}`: {} requests.", run.name, run.pairs[0].len());
        section.figure(Figure::new(chart, caption).data("requests.csv"));
        let table = TableView::new(figures_table(loaded, &run.name)?).data("figures.csv");
        section.table(table.folded(format!("The figures of {}", run.name)));
    }
    Ok(())
}

/// The figures of one run: measured, simulated, error.
fn figures_table(loaded: &LoadedEngineRuns, run: &str) -> Result<Table, Problem> {
    let columns =
        [("figure", Kind::Text), ("measured", Kind::F64), ("simulated", Kind::F64), ("error [%]", Kind::F64)];
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    let (names, figures) = (texts(&loaded.figures, "run")?, texts(&loaded.figures, "figure")?);
    let of = |column: &str| numbers(&loaded.figures, column);
    let (measured, simulated, errors) = (of("measured")?, of("simulated")?, of("error_percent")?);
    for row in (0..names.len()).filter(|&row| names[row] == run) {
        let cells = [
            Cell::from(figures[row].as_str()),
            Cell::from(measured[row].map(rounded)),
            Cell::from(simulated[row].map(rounded)),
            Cell::from(errors[row].map(tenths)),
        ];
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// The replayed runs with their requests.
fn shown(loaded: &LoadedEngineRuns) -> Result<Vec<Shown>, Problem> {
    let (names, engines) = (texts(&loaded.runs, "run")?, texts(&loaded.runs, "engine")?);
    let of_requests = texts(&loaded.requests, "run")?;
    let mut columns = Vec::new();
    for (_, start) in OF_REQUESTS {
        let of = |end: &str| numbers(&loaded.requests, &format!("{start}_{end}"));
        columns.push(of("measured")?.into_iter().zip(of("simulated")?).collect::<Vec<_>>());
    }
    let shown = |name: &String| {
        let rows = || of_requests.iter().enumerate().filter(|(_, run)| *run == name).map(|(row, _)| row);
        let pair = |place: usize, row: usize| Some((columns[place][row].0?, columns[place][row].1?));
        let pairs = |place: usize| rows().filter_map(|row| pair(place, row)).collect();
        let engine = names.iter().position(|known| known == name).map(|row| engines[row].clone());
        Shown { name: name.clone(), engine: engine.unwrap_or_default(), pairs: [pairs(0), pairs(1)] }
    };
    Ok(loaded.entry.replayed.iter().map(shown).collect())
}

fn facts(loaded: &LoadedEngineRuns) -> Vec<(String, String)> {
    let entry = &loaded.entry;
    let listed = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let mut facts = vec![
        ("replayed".to_owned(), listed(&entry.replayed)),
        ("refused".to_owned(), listed(&entry.refused)),
        ("not there".to_owned(), listed(&entry.absent)),
    ];
    let scales = numbers(&loaded.runs, "centring_scale").unwrap_or_default();
    let names = texts(&loaded.runs, "run").unwrap_or_default();
    facts.extend(names.into_iter().zip(scales).filter_map(|(name, scale)| {
        let text = format!(
            "{}; not used. At this factor on all operator times the mean E2E latency would be exact",
            significant(scale?, 4)
        );
        Some((format!("centring scale, {name}"), text))
    }));
    facts.push(("scale".to_owned(), loaded.manifest.scale.clone()));
    facts.push(made_by());
    facts
}
