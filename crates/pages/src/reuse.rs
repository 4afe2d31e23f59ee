//! The page of an experiment of reuse, from its record alone: how few blocks give the hits, and when they come.

use deployment::Problem;
use experiment::LoadedReuse;
use report::chart::{Axis, Join, Lines, Markers, Series, Svg};
use report::html::{Figure, Number, Page, TableView};
use report::number::significant;
use report::{Cell, Kind, Table};

use super::Rendered;
use super::claims::Claim;
use super::parts::{begun, claims_shown, ended, made_by, numbers, texts, traced};

/// Renders the page.
pub(super) fn reuse_page(loaded: &LoadedReuse, analysis: &str) -> Result<Rendered, Problem> {
    let manifest = &loaded.manifest;
    let mut pictures = Vec::new();
    let mut page = begun(&manifest.experiment, &manifest.question, &manifest.scale);
    let claims = Claim::read(&loaded.claims)?;
    page.answer(answer(&claims), claims.iter().map(number).collect());
    let own = own_sizes(loaded);
    let section = page.section("How few blocks give the hits");
    for (part, own) in parts(&own) {
        let svg =
            concentration(curve(&loaded.concentration, ["blocks_percent", "hits_percent"], own)?, part)?;
        pictures.push((format!("concentration-{part}.svg"), svg.as_str().to_owned()));
        let caption = "Hits of an unlimited cache that the most used blocks give. Each trace is in its own blocks, whose size \
                       stands beside its name. A curve far to the left says that few blocks give nearly all hits.";
        section.figure(Figure::new(svg, caption).data("concentration.csv"));
    }
    let section = page.section("How long a block waits for its next use");
    for (part, own) in parts(&own) {
        let svg = intervals(curve(&loaded.intervals, ["within_s", "reuses_percent"], own)?, part)?;
        pictures.push((format!("intervals-{part}.svg"), svg.as_str().to_owned()));
        let caption = "Uses of a block that come within so many seconds of the use before. A lease of that length has this \
                       share of the hits that an unlimited cache has.";
        section.figure(Figure::new(svg, caption).data("intervals.csv"));
    }
    let svg = by_size(
        loaded,
        "blocks_for_90_hits_percent",
        "Blocks that give 90 % of hits",
        Axis::log("share of the blocks [%]"),
    )?;
    let caption = "The same trace in larger blocks, grouped along its prefixes. The table has the traces that can be told at \
                   one size alone.";
    pictures.push(("blocks-by-size.svg".to_owned(), svg.as_str().to_owned()));
    page.section("By block size").figure(Figure::new(svg, caption).data("reuse.csv"));
    let y = Axis::linear("prompt tokens [%]").including(0.0);
    let svg = by_size(loaded, "hit_token_percent", "Prompt tokens that an unlimited cache has", y)?;
    pictures.push(("hits-by-size.svg".to_owned(), svg.as_str().to_owned()));
    let caption = "Prompt tokens in full blocks that an earlier request had. Larger blocks lose the end of what prompts share.";
    page.section("What larger blocks lose").figure(Figure::new(svg, caption).data("reuse.csv"));
    page.section("All figures").table(TableView::new(shown(loaded)?).data("reuse.csv").caption(
        "The share of blocks that gives 90 % of hits, of three readings of \"blocks\": all that prompts name, with a \
         partial last one; full ones alone; those that are hit at least once.",
    ));
    not_told(&mut page, loaded);
    if loaded.claims.rows() > 0 {
        page.section("Claims").table(TableView::new(claims_shown(&loaded.claims)?).data("claims.csv"));
    }
    Ok(Rendered { html: ended(page, analysis, facts(loaded)), pictures })
}

fn answer(claims: &[Claim]) -> String {
    let met = claims.iter().filter(|claim| experiment::is_met(&claim.verdict)).count();
    format!("{met} of {} claims are met by the traces at hand.", claims.len())
}

fn number(claim: &Claim) -> Number {
    Number {
        of: format!("{}: {}", claim.id, claim.verdict),
        value: claim.ours(),
        beside: format!("the paper: {}", claim.paper()),
    }
}

/// The least measured block size of each trace \[tokens\], in the order of the record.
fn own_sizes(loaded: &LoadedReuse) -> Vec<(String, u32)> {
    let measured = |own: u32| loaded.entry.block_tokens.iter().copied().find(|size| size.is_multiple_of(own));
    let traces = loaded.entry.trace.iter();
    traces.filter_map(|it| Some((it.name.clone(), measured(it.block_tokens)?))).collect()
}

/// A curve of each trace at its own block size.
fn curve(table: &Table, [x, y]: [&str; 2], own: &[(String, u32)]) -> Result<Vec<Series>, Problem> {
    let (traces, sizes) = (texts(table, "trace")?, numbers(table, "block_tokens")?);
    let (x, y) = (numbers(table, x)?, numbers(table, y)?);
    let of = |(name, size): &(String, u32)| {
        let rows =
            (0..traces.len()).filter(|&row| traces[row] == *name && sizes[row] == Some(f64::from(*size)));
        let points = rows.filter_map(|row| Some((x[row]?, y[row]?))).collect();
        let name = format!("{name} ({size})");
        Series { join: Join::Straight, markers: Markers::Hidden, ..Series::new(name, points) }
    };
    Ok(own.iter().map(of).collect())
}

/// Traces in the order of the record, as many as a chart can show, with the number of the chart.
fn parts(own: &[(String, u32)]) -> impl Iterator<Item = (usize, &[(String, u32)])> {
    const MOST: usize = 5;
    own.chunks(MOST).enumerate().map(|(place, part)| (place + 1, part))
}

fn concentration(curves: Vec<Series>, part: usize) -> Result<Svg, Problem> {
    let y = Axis::linear("share of the hits [%]").including(0.0).including(100.0);
    let x = Axis::log("share of the blocks, the most used ones [%]");
    let mut chart = Lines::new(format!("Hits by share of the blocks, {part}"), x, y);
    chart.series = curves;
    chart.to_svg().map_err(Problem::machine)
}

fn intervals(mut curves: Vec<Series>, part: usize) -> Result<Svg, Problem> {
    let y = Axis::linear("share of the reuses [%]").including(0.0).including(100.0);
    let mut chart = Lines::new(format!("Reuse intervals, {part}"), Axis::log("since the use before [s]"), y);
    // A logarithmic axis has no 0, and a day is longer than the traces.
    for series in &mut curves {
        series.points.retain(|point| point.0 > 0.0);
        let all = series.points.iter().position(|point| point.1 >= 100.0);
        series.points.truncate(all.map_or(usize::MAX, |place| place + 1));
    }
    chart.series = curves;
    chart.to_svg().map_err(Problem::machine)
}

/// A figure by block size: a line for each trace.
fn by_size(loaded: &LoadedReuse, figure: &str, title: &str, y: Axis) -> Result<Svg, Problem> {
    let table = &loaded.rows;
    let (traces, sizes) = (texts(table, "trace")?, numbers(table, "block_tokens")?);
    let values = numbers(table, figure)?;
    let ticks: Vec<f64> = loaded.entry.block_tokens.iter().map(|&size| f64::from(size)).collect();
    let mut chart = Lines::new(title, Axis::log("tokens in a block").ticks_at(ticks), y);
    for entry in &loaded.entry.trace {
        let rows = (0..traces.len()).filter(|&row| traces[row] == entry.name);
        // A trace without reuse has 0, which a logarithmic axis cannot show.
        let points: Vec<(f64, f64)> =
            rows.filter_map(|row| Some((sizes[row]?, values[row]?))).filter(|point| point.1 > 0.0).collect();
        if points.len() > 1 {
            chart.series.push(Series::new(entry.name.as_str(), points));
        }
    }
    chart.to_svg().map_err(Problem::machine)
}

/// Which sizes are not told of which trace, and which traces are absent.
fn not_told(page: &mut Page, loaded: &LoadedReuse) {
    let mut said = Vec::new();
    for entry in &loaded.entry.trace {
        let not: Vec<String> = loaded
            .entry
            .block_tokens
            .iter()
            .filter(|size| !size.is_multiple_of(entry.block_tokens))
            .map(u32::to_string)
            .collect();
        if !not.is_empty() {
            said.push(format!(
                "`{}` has an id for each {} tokens. It is not measured in blocks of {} tokens: ids do not tell what smaller \
                 blocks share.",
                entry.name,
                entry.block_tokens,
                not.join(", ")
            ));
        }
    }
    if !loaded.entry.absent.is_empty() {
        said.push(format!("The files of these traces were absent: {}.", loaded.entry.absent.join(", ")));
    }
    if !said.is_empty() {
        page.section("What is not measured").list(said);
    }
}

/// The columns that a page shows, rounded.
fn shown(loaded: &LoadedReuse) -> Result<Table, Problem> {
    let figures = [
        ("hit_token_percent", "tokens hit [%]"),
        ("blocks_for_90_hits_percent", "all blocks [%]"),
        ("full_blocks_for_90_hits_percent", "full blocks [%]"),
        ("reused_blocks_for_90_hits_percent", "reused blocks [%]"),
        ("interval_s_p50", "interval, median [s]"),
        ("interval_s_p90", "interval, p90 [s]"),
    ];
    let keys = [("trace", Kind::Text), ("tokens in a block", Kind::I64), ("blocks", Kind::I64)];
    let columns: Vec<_> = keys.into_iter().chain(figures.map(|(_, title)| (title, Kind::F64))).collect();
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    let rows = &loaded.rows;
    let (traces, sizes, blocks) =
        (texts(rows, "trace")?, numbers(rows, "block_tokens")?, numbers(rows, "blocks")?);
    let values = figures.iter().map(|(name, _)| numbers(rows, name)).collect::<Result<Vec<_>, _>>()?;
    for row in 0..rows.rows() {
        let whole = |value: Option<f64>| Cell::from(value.map(|value| value as i64));
        let rounded = |value: Option<f64>| {
            Cell::from(value.map(|value| significant(value, 4).parse().unwrap_or(value)))
        };
        let keys = [Cell::from(traces[row].as_str()), whole(sizes[row]), whole(blocks[row])];
        let cells = keys.into_iter().chain(values.iter().map(|column| rounded(column[row])));
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

fn facts(loaded: &LoadedReuse) -> Vec<(String, String)> {
    let traces = loaded.entry.trace.iter();
    let mut facts: Vec<(String, String)> = traces
        .map(|it| {
            (it.name.clone(), format!("{}; an id for each {} tokens", traced(&it.trace), it.block_tokens))
        })
        .collect();
    facts.push(("scale".to_owned(), loaded.manifest.scale.clone()));
    facts.push(made_by());
    facts
}
