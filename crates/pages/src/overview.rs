//! The page over several records.

use std::collections::BTreeSet;

use deployment::Problem;
use experiment::Loaded;
use report::html::{Page, TableView};
use report::{Cell, Kind, Table};

use super::claims::all_claims;
use super::comparison::summary;

/// One section for each record, with a link to its page and its claims.
pub fn overview(records: &[(String, Loaded)]) -> Result<String, Problem> {
    let mut page = Page::new("Kareto: experiments");
    page.lead(format!("{} experiments. Each has its own page, drawn from its records alone.", records.len()));
    let mut table = Table::new(&[
        ("experiment", Kind::Text),
        ("scale", Kind::Text),
        ("trace", Kind::Text),
        ("search", Kind::Text),
        ("evaluations", Kind::I64),
        ("claims", Kind::I64),
        ("reproduced", Kind::I64),
    ])
    .map_err(Problem::machine)?;
    for (folder, loaded) in records {
        let (trace, search, evaluations) = about(loaded);
        let claims = loaded.claims();
        table
            .push_row([
                Cell::from(folder.as_str()),
                Cell::from(loaded.manifest().scale.as_str()),
                Cell::from(trace),
                Cell::from(search),
                Cell::from(evaluations),
                Cell::from(claims.map(|claims| claims.rows() as i64)),
                Cell::from(claims.map(|claims| reproduced(claims) as i64)),
            ])
            .map_err(Problem::machine)?;
    }
    let claims = claims_table(records)?;
    if claims.rows() > 0 {
        let section = page.section("The paper's claims");
        section.table(TableView::new(claims).caption(
            "Each claim of the paper beside our figure. The band that we accept was fixed before the run; it is in the file of \
             the experiment.",
        ));
    }
    page.section("All experiments").table(TableView::new(table));
    for (folder, loaded) in records {
        let section = page.section(format!("[{folder}]({folder}/index.html)"));
        section.prose(&loaded.manifest().question);
        if let Loaded::Comparison(loaded) = loaded {
            section.table(TableView::new(summary(loaded)?).data(format!("{folder}/searches.csv")));
        }
    }
    page.footer("Rendered by `kareto report`.");
    Ok(page.to_html())
}

/// The traces, the search or the kind of experiment, and the number of evaluations or comparisons.
fn about(loaded: &Loaded) -> (String, &str, i64) {
    match loaded {
        Loaded::Search(loaded) | Loaded::Cases(loaded, _) => {
            let entry = &loaded.entry;
            (entry.trace.name.clone(), entry.name.as_str(), entry.evaluations as i64)
        }
        Loaded::GroupTtl(loaded) => {
            let names: Vec<&str> = loaded.entry.case.iter().map(|case| case.name.as_str()).collect();
            (names.join(", "), "group TTL", loaded.rows.rows() as i64)
        }
        Loaded::Reuse(loaded) => {
            let names: Vec<&str> = loaded.entry.trace.iter().map(|trace| trace.name.as_str()).collect();
            (names.join(", "), "reuse", loaded.rows.rows() as i64)
        }
        Loaded::Timeline(loaded) => {
            let names: Vec<&str> = loaded.entry.load.iter().map(|load| load.name.as_str()).collect();
            (names.join(", "), "timeline", loaded.windows.rows() as i64)
        }
        Loaded::EngineRuns(loaded) => {
            let replayed = &loaded.entry.replayed;
            (replayed.join(", "), "recorded runs", replayed.len() as i64)
        }
        Loaded::Comparison(loaded) => {
            let cases = &loaded.entry.case;
            let names: BTreeSet<&str> = cases.iter().map(|case| case.trace_name.as_str()).collect();
            let points = cases.iter().map(|case| case.points as i64).sum();
            (names.into_iter().collect::<Vec<_>>().join(", "), "comparison", points)
        }
    }
}

fn reproduced(claims: &Table) -> usize {
    claims.texts("verdict").map_or(0, |verdicts| verdicts.iter().filter(|it| *it == "reproduced").count())
}

/// The claims of all records: paper, ours, regime, verdict.
fn claims_table(records: &[(String, Loaded)]) -> Result<Table, Problem> {
    let names = ["the paper says", "paper", "ours", "best regime", "verdict", "experiment"];
    let mut table = Table::new(&names.map(|name| (name, Kind::Text))).map_err(Problem::machine)?;
    for (folder, claim) in all_claims(records)? {
        // A number and its unit stay on one line.
        let [paper, ours] = [claim.paper(), claim.ours()].map(|it| Some(it.replace(' ', "\u{a0}")));
        let regime = claim.regimes.is_some().then(|| claim.regime());
        let link = format!("[{folder}]({folder}/index.html)");
        let cells = [Some(claim.says), paper, ours, regime, Some(claim.verdict), Some(link)];
        table.push_row(cells.map(Cell::from)).map_err(Problem::machine)?;
    }
    Ok(table)
}
