//! The page over several records.

use std::collections::BTreeSet;

use report::html::{Page, TableView};
use report::{Cell, Kind, Table};

use super::page::claims_shown;
use super::{Loaded, LoadedComparison};
use crate::error::CliError;

/// One section for each record, with a link to its page and its claims.
pub(crate) fn overview(
    records: &[(String, Loaded)],
    group_ttl: &[(String, crate::ttl::Loaded)],
    comparisons: &[(String, LoadedComparison)],
) -> Result<String, CliError> {
    let mut page = Page::new("Kareto: experiments");
    page.lead(format!(
        "{} experiments, each on a page of its own, rendered from its records alone.",
        records.len() + group_ttl.len() + comparisons.len()
    ));
    let mut table = Table::new(&[
        ("experiment", Kind::Text),
        ("scale", Kind::Text),
        ("trace", Kind::Text),
        ("search", Kind::Text),
        ("evaluations", Kind::I64),
        ("claims", Kind::I64),
        ("reproduced", Kind::I64),
    ])
    .map_err(CliError::machine)?;
    for (folder, loaded) in records {
        let manifest = &loaded.manifest;
        let reproduced = reproduced(&loaded.claims);
        let row = [
            Cell::from(folder.as_str()),
            Cell::from(manifest.scale.as_str()),
            Cell::from(manifest.trace.name.as_str()),
            Cell::from(manifest.search.name.as_str()),
            Cell::from(manifest.search.evaluations as i64),
            Cell::from(loaded.claims.rows() as i64),
            Cell::from(reproduced as i64),
        ];
        table.push_row(row).map_err(CliError::machine)?;
    }
    for (folder, loaded) in group_ttl {
        let row = [
            Cell::from(folder.as_str()),
            Cell::from(loaded.manifest.scale.as_str()),
            Cell::from(
                loaded.manifest.case.iter().map(|case| case.name.as_str()).collect::<Vec<_>>().join(", "),
            ),
            Cell::from("group TTL"),
            Cell::from(loaded.rows.rows() as i64),
            Cell::from(loaded.claims.rows() as i64),
            Cell::from(reproduced(&loaded.claims) as i64),
        ];
        table.push_row(row).map_err(CliError::machine)?;
    }
    for (folder, loaded) in comparisons {
        let manifest = &loaded.manifest;
        let traces: BTreeSet<&str> = manifest.case.iter().map(|case| case.trace_name.as_str()).collect();
        let row = [
            Cell::from(folder.as_str()),
            Cell::from(manifest.scale.as_str()),
            Cell::from(traces.into_iter().collect::<Vec<_>>().join(", ")),
            Cell::from("comparison"),
            Cell::from(manifest.case.iter().map(|case| case.points as i64).sum::<i64>()),
            Cell::Missing,
            Cell::Missing,
        ];
        table.push_row(row).map_err(CliError::machine)?;
    }
    page.section("All experiments").table(TableView::new(table));
    let claiming = records.iter().map(|(folder, it)| (folder, &it.manifest.question, &it.claims));
    let of_ttl = group_ttl.iter().map(|(folder, it)| (folder, &it.manifest.question, &it.claims));
    for (folder, question, claims) in claiming.chain(of_ttl) {
        let section = page.section(format!("[{folder}]({folder}/index.html)"));
        section.prose(question);
        if claims.rows() > 0 {
            section.table(TableView::new(claims_shown(claims)?).data(format!("{folder}/claims.csv")));
        }
    }
    for (folder, loaded) in comparisons {
        let section = page.section(format!("[{folder}]({folder}/index.html)"));
        section.prose(&loaded.manifest.question);
        section.table(TableView::new(loaded.overview()?).data(format!("{folder}/searches.csv")));
    }
    page.footer("Rendered by `kareto report`.");
    Ok(page.to_html())
}

fn reproduced(claims: &Table) -> usize {
    let Ok(report::Column::Text(verdicts)) = claims.column("verdict") else { return 0 };
    verdicts.iter().filter(|verdict| verdict.as_deref() == Some("reproduced")).count()
}
