//! The parts that pages share: their begin and end, and the words for figures and configurations.

use deployment::Problem;
pub(super) use experiment::words;
use experiment::{RefusedEntry, TraceEntry};
use kareto::Evaluation;
use report::Table;
use report::html::Page;
use report::number::{grouped, significant};

/// Begins the page of a record: the question, and a warning if the figures do not answer it.
pub(super) fn begun(experiment: &str, question: &str, scale: &str) -> Page {
    let mut page = Page::new(experiment);
    page.lead(question);
    if scale != "full" {
        page.lead(format!(
            "Run at **{scale}** scale: the figures show that everything works. They answer nothing."
        ));
    }
    page
}

/// Ends the page of a record: the analysis, if there is one, and how the record was made.
pub(super) fn ended<K: Into<String>>(
    mut page: Page,
    analysis: &str,
    facts: impl IntoIterator<Item = (K, String)>,
) -> String {
    if !analysis.trim().is_empty() {
        let section = page.section("Analysis");
        for paragraph in analysis.trim().split("\n\n") {
            section.prose(paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    page.section("How it was made").facts(facts);
    page.footer("Rendered by `kareto report` from the records beside this page.");
    page.to_html()
}

/// The fact of a page that says where the command and the revision of its record stand.
pub(super) fn made_by() -> (String, String) {
    ("command, revision, toolchain, time".to_owned(), "see [manifest.toml](manifest.toml)".to_owned())
}

/// Distinct values in the order in which they come first.
pub(super) fn distinct<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut known: Vec<T> = Vec::new();
    for value in values {
        if !known.contains(&value) {
            known.push(value);
        }
    }
    known
}

/// The texts of a column of a record.
pub(super) fn texts(table: &Table, column: &str) -> Result<Vec<String>, Problem> {
    table.texts(column).map_err(Problem::user)
}

/// The numbers of a column of a record.
pub(super) fn numbers(table: &Table, column: &str) -> Result<Vec<Option<f64>>, Problem> {
    table.numbers(column).map_err(Problem::user)
}

/// The claims as a page shows them. The band is in the file.
pub(super) fn claims_shown(claims: &Table) -> Result<Table, Problem> {
    let columns = ["says", "unit", "paper", "ours", "verdict"].map(|name| (name, name));
    claims.select(&columns).map_err(Problem::user)
}

/// Which requests an engine refuses, in a sentence.
pub fn refused(requests: f64, longest_tokens: f64) -> String {
    format!(
        "The engine refuses {requests:.0} of the requests: the longest that it takes has {longest_tokens:.0} tokens, prompt \
         and output together. No mean, hit ratio or throughput counts what is refused."
    )
}

/// What an engine refuses of a case, in a sentence.
pub(super) fn refused_entry(entry: &RefusedEntry) -> String {
    refused(entry.requests as f64, f64::from(entry.longest_tokens))
}

/// A replayed trace in words.
pub(super) fn traced(trace: &TraceEntry) -> String {
    format!(
        "{}: {} requests in {} s, {} prompt tokens, fingerprint `{}`{}",
        trace.name,
        grouped(&trace.requests.to_string()),
        grouped(&significant(trace.duration_s, 5)),
        grouped(&trace.prompt_tokens.to_string()),
        trace.fingerprint,
        if trace.lengths_only { "; lengths only: what its prompts share is unknown" } else { "" }
    )
}

/// What the engine refuses of the trace under an evaluated configuration, and which tiers were written and never read.
pub(crate) fn remarks(evaluation: &Evaluation) -> Vec<String> {
    let figure = |name: &str| evaluation.figure(name).unwrap_or(0.0);
    let mut said = Vec::new();
    if figure("rejected_requests") > 0.0 {
        said.push(refused(figure("rejected_requests"), figure("longest_request_tokens")));
    }
    let written = evaluation.metrics.keys().filter_map(|name| name.strip_prefix("read_blocks_"));
    for tier in written.filter(|tier| figure(&format!("peak_gib_{tier}")) > 0.0) {
        if figure(&format!("read_blocks_{tier}")) == 0.0 {
            said.push(format!("It writes {tier} and never reads it; `kareto simulate` says why."));
        }
    }
    said
}

/// Five significant digits: enough to compare configurations by eye.
pub(super) fn rounded(value: f64) -> f64 {
    significant(value, 5).parse().unwrap_or(value)
}

/// One decimal, for percentages. It is never -0.
pub(super) fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0 + 0.0
}

/// Seconds, or milliseconds where there is less than one.
pub(super) fn time(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.3} ms", 1e3 * seconds) } else { format!("{seconds:.3} s") }
}
