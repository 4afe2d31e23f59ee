//! A tuner's answer as text and as CSV.

use kareto::ttl::{Answer, GroupRow, Question, Total};
use report::{Kind, Table};

use crate::error::CliError;
use crate::output::aligned;

/// How many groups the text lists.
const LISTED: usize = 20;

/// Tables for people: totals, and then the groups with the most hits.
pub(super) fn as_text(answer: &Answer, trace: &str, question: &Question) -> String {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let percent = |share: f64| format!("{:.3}", 100.0 * share);
    let mut rows = vec![
        row("trace", trace.to_owned()),
        row("requests", answer.requests.to_string()),
        row("block uses", answer.block_uses.to_string()),
        row("block [KiB]", format!("{}", answer.block_bytes / 1024)),
        row("budget [GiB-hours]", format!("{}", question.budget_gib_hours)),
        row("groups and the rest", answer.rows.len().to_string()),
    ];
    for (groups, hits) in &answer.tried {
        rows.push(row(&format!("  tried K = {groups}: hits"), hits.to_string()));
    }
    rows.push(row("upper bound [hits]", answer.upper_bound.map_or("-".to_owned(), |it| it.to_string())));
    rows.push(row("gap [%]", answer.gap.map_or("-".to_owned(), percent)));
    let price = answer.shadow_price(question.budget_gib_hours);
    rows.push(row("one more GiB-hour [hits]", format!("{price:.1}")));
    rows.push(row(
        "gain over one TTL [%]",
        answer.gain_percent().map_or("-".to_owned(), |it| format!("{it:.2}")),
    ));
    let titles = ["", "hits", "reuse [%]", "storage [GiB-hours]", "TTL [s]"];
    let mut totals = vec![titles.map(str::to_owned).to_vec()];
    totals.push(total_row(question.way.name(), &answer.total, None));
    totals.push(total_row("one TTL", &answer.uniform, Some(answer.uniform_ttl_s)));
    [aligned(&rows), aligned(&totals), groups_text(answer)].join("\n")
}

fn total_row(name: &str, total: &Total, ttl_s: Option<f64>) -> Vec<String> {
    vec![
        name.to_owned(),
        total.hits.to_string(),
        format!("{:.2}", 100.0 * total.reuse_ratio),
        format!("{:.3}", total.storage_gib_hours),
        seconds(ttl_s),
    ]
}

fn groups_text(answer: &Answer) -> String {
    let mut by_hits: Vec<&GroupRow> = answer.rows.iter().collect();
    by_hits.sort_by_key(|row| (std::cmp::Reverse(row.hits), row.id));
    let titles = ["group", "prefix", "requests", "share [%]", "TTL [s]", "hits", "storage [GiB-hours]"];
    let mut rows = vec![titles.map(str::to_owned).to_vec()];
    for row in by_hits.iter().take(LISTED) {
        let prefix = row.prefix.map_or("the rest".to_owned(), |it| {
            format!("first {} tokens of request {}", it.tokens, it.request)
        });
        rows.push(vec![
            row.id.to_string(),
            prefix,
            row.prefix.map_or("-".to_owned(), |it| it.requests.to_string()),
            format!("{:.2}", 100.0 * row.share),
            seconds(row.ttl_s),
            row.hits.to_string(),
            format!("{:.3}", row.storage_gib_hours),
        ]);
    }
    let mut text = aligned(&rows);
    if let Some(more) = by_hits.len().checked_sub(LISTED).filter(|&more| more > 0) {
        text += &format!("and {more} groups with fewer hits; --json lists all\n");
    }
    text
}

fn seconds(ttl_s: Option<f64>) -> String {
    ttl_s.map_or("-".to_owned(), |it| format!("{it:.3}"))
}

/// Hits against storage for all budgets: the promise of the hulls where a budget ends at one of their points.
pub(super) fn curve_csv(answer: &Answer) -> Result<String, CliError> {
    let columns = [("storage_gib_hours", Kind::F64), ("hits", Kind::I64), ("hits_per_gib_hour", Kind::F64)];
    let mut table = Table::new(&columns).map_err(CliError::machine)?;
    for &(storage, hits, price) in &answer.curve {
        table.push_row([storage.into(), (hits as i64).into(), price.into()]).map_err(CliError::machine)?;
    }
    Ok(table.to_csv())
}
