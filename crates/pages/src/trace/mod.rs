//! The page of a described trace: figures, tables and the plots of [`plots`].

mod plots;

use deployment::Problem;
use kv_core::Trace;
use report::html::{Figure, Page, TableView};
use report::number::{grouped, significant};
use report::{Cell, Error, Kind, Table};
use trace_synth::{Description, IntervalFits, Quantiles, Reuse, Subtree};

/// Draws the page of a described trace as HTML. `name` is the name of its file.
///
/// # Errors
/// If a chart cannot be drawn, which is a failure of the machine.
pub fn trace_page(name: &str, trace: &Trace, description: &Description) -> Result<String, Problem> {
    render(name, trace, description).map_err(Problem::machine)
}

fn render(name: &str, trace: &Trace, d: &Description) -> Result<String, Error> {
    let cdfs = trace_synth::cdfs(trace);
    let mut page = Page::new(format!("The trace {name}"));
    let hits = d.ideal_hit_ratio.map_or_else(
        || "The trace has lengths only: what prompts share is unknown.".to_owned(),
        |ratio| format!("An unlimited cache hits **{} %** of block references.", percent(ratio)),
    );
    page.lead(format!(
        "{} requests in {} s, {} prompt tokens in blocks of {}. {hits}",
        count(d.requests),
        grouped(&significant(d.duration_s, 5)),
        grouped(&d.prompt_tokens.to_string()),
        d.block_tokens,
    ));
    page.section("Arrivals").facts(arrivals(d)).figure(Figure::new(
        plots::arrival_rate(trace, d)?,
        "Requests per second, by window. A last window that is cut short is left out.",
    ));
    page.section("Lengths").table(TableView::new(lengths(d)?).caption("Tokens of a request.")).figure(
        Figure::new(
            plots::lengths(&cdfs)?,
            "Share of requests whose prompt, or output, has at most so many tokens.",
        ),
    );
    let sessions = page.section("Sessions");
    match &d.sessions {
        Some(found) if found.named => sessions.prose("As the trace names them."),
        None => sessions.prose("The trace names none, and nothing tells them."),
        _ => sessions.prose(
            "The trace names none. Requests are chained by their prompts: one goes on where an earlier one ended if it \
             begins with all of its full blocks.",
        ),
    };
    sessions.facts(session_facts(d));
    if let (Some(found), Some(prefixes)) = (&d.reuse, &d.top_subtrees) {
        sharing(&mut page, (trace, d), found, prefixes)?;
    }
    page.footer("Made by `kareto trace describe --html`.");
    Ok(page.to_html())
}

/// The sections on what prompts share.
fn sharing(
    page: &mut Page,
    (trace, d): (&Trace, &Description),
    found: &Reuse,
    prefixes: &[Subtree],
) -> Result<(), Error> {
    page.section("Reuse").facts(reuse(d, found)).figure(Figure::new(
        plots::reuse(found, &trace_synth::cdfs(trace))?,
        "Share of reuses that come within so many seconds of the use before, and the distributions fitted to them. \
         Intervals of 0 s are counted and not fitted.",
    ));
    if let Some(fits) = &found.interval_fits {
        let caption = "KS is the Kolmogorov-Smirnov distance: the largest gap between the two curves.";
        page.section("Fits").table(TableView::new(fitted(fits)?).caption(caption));
    }
    page.section("Hits").figure(Figure::new(
        plots::hit_curve(trace, d)?,
        "Block references that a cache of so many blocks hits, from an empty start; only blocks without resident \
         children leave. OPT is the best such choice with the whole trace known, exactly.",
    ));
    page.section("Working set").figure(Figure::new(
        plots::working_set(d)?,
        "Per window: distinct blocks named in it, those never named before, and, at its end, blocks that will be named \
         again: the room that all hits take.",
    ));
    page.section("Shared prefixes").table(
        TableView::new(subtrees(prefixes)?)
            .caption("Subtrees of the prefix tree by the requests that pass through their first block."),
    );
    Ok(())
}

fn count(number: usize) -> String {
    grouped(&number.to_string())
}

fn percent(share: f64) -> String {
    significant(share * 100.0, 4)
}

fn seconds(value: f64) -> String {
    format!("{} s", grouped(&significant(value, 4)))
}

fn arrivals(d: &Description) -> Vec<(&'static str, String)> {
    let mean = d.arrivals.mean_per_s.map_or("-".to_owned(), |rate| format!("{} /s", significant(rate, 4)));
    vec![
        ("mean rate", mean),
        ("fullest minute", format!("{} requests", count(d.arrivals.peak_per_minute))),
        ("distinct arrival times", count(d.arrivals.distinct_timestamps)),
    ]
}

fn session_facts(d: &Description) -> Vec<(&'static str, String)> {
    let Some(s) = &d.sessions else { return Vec::new() };
    let spread = |q: &Quantiles, unit: &str| {
        let value = |v: f64| grouped(&significant(v, 4));
        format!("{}{unit}, p90 {}{unit}, p99 {}{unit}", value(q.p50), value(q.p90), value(q.p99))
    };
    vec![
        ("sessions", count(s.count)),
        ("of one request", format!("{} %", percent(s.single_request_share))),
        ("requests that follow up", format!("{} %", percent(s.followup_request_share))),
        ("turns, median", spread(&s.turns, "")),
        ("gap between turns, median", s.gap_s.as_ref().map_or("-".to_owned(), |gap| spread(gap, " s"))),
    ]
}

fn reuse(d: &Description, found: &Reuse) -> Vec<(&'static str, String)> {
    let share = |share: f64| format!("{} %", percent(share));
    let mut facts = vec![
        ("distinct blocks", d.unique_blocks.map_or("-".to_owned(), count)),
        ("named once", share(found.single_use_block_share)),
        ("blocks that give 90 % of hits", share(found.block_share_for_90pct_hits)),
        ("reuse interval, median", found.interval_s.map_or("-".to_owned(), |q| seconds(q.p50))),
        ("first reuse, median", found.first_interval_s.map_or("-".to_owned(), |q| seconds(q.p50))),
    ];
    if let Some(split) = &found.by_session {
        facts.push(("hits on blocks of the same session", share(split.same_session_hit_share)));
        facts.push(("hits on blocks of another session", share(split.cross_session_hit_share)));
    }
    facts
}

fn lengths(d: &Description) -> Result<Table, Error> {
    let kinds = ["mean", "p50", "p90", "p99", "max"].map(|name| (name, Kind::F64));
    let mut table = Table::new(&[&[("", Kind::Text)][..], &kinds].concat())?;
    for (name, q) in [("prompt", d.input_length_tokens), ("output", d.output_length_tokens)] {
        let figures = [q.mean, q.p50, q.p90, q.p99, q.max].map(|value| Cell::from(value.round()));
        table.push_row([Cell::from(name)].into_iter().chain(figures))?;
    }
    Ok(table)
}

fn fitted(fits: &IntervalFits) -> Result<Table, Error> {
    let mut table =
        Table::new(&[("distribution", Kind::Text), ("parameters", Kind::Text), ("KS", Kind::F64)])?;
    let (e, l, w) = (&fits.exponential, &fits.lognormal, &fits.weibull);
    for (name, parameters, ks) in [
        ("exponential", format!("mean {}", seconds(e.mean_s)), e.ks),
        ("lognormal", format!("median {}, sigma {}", seconds(l.p50_s), significant(l.sigma, 4)), l.ks),
        ("Weibull", format!("shape {}, scale {}", significant(w.shape, 4), seconds(w.scale_s)), w.ks),
    ] {
        table.push_row([name.into(), parameters.into(), rounded(ks, 1e4).into()])?;
    }
    Ok(table)
}

fn subtrees(subtrees: &[Subtree]) -> Result<Table, Error> {
    let columns = ["first block at", "requests", "requests [%]", "blocks", "references [%]", "hits [%]"];
    let kinds = [Kind::I64, Kind::I64, Kind::F64, Kind::I64, Kind::F64, Kind::F64];
    let mut table = Table::new(&columns.into_iter().zip(kinds).collect::<Vec<_>>())?;
    for subtree in subtrees {
        let percent = |share: f64| Cell::from(rounded(share * 100.0, 1e2));
        table.push_row([
            i64::from(subtree.depth_blocks).into(),
            i64::from(subtree.requests).into(),
            percent(subtree.request_share),
            Cell::from(i64::try_from(subtree.blocks).unwrap_or(i64::MAX)),
            percent(subtree.reference_share),
            percent(subtree.hit_share),
        ])?;
    }
    Ok(table)
}

fn rounded(value: f64, per_unit: f64) -> f64 {
    (value * per_unit).round() / per_unit
}
