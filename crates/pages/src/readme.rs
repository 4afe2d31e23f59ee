//! The claims of all records as a table of Markdown, spliced into a text.

use std::path::Path;

use deployment::Problem;
use experiment::Loaded;

use super::claims::all_claims;

/// How the line begins after which the table stands.
const BEGIN: &str = "<!-- claims";
/// The line before which it ends.
const END: &str = "<!-- /claims -->";

/// The text of a file with the table of claims in its place.
pub fn spliced(path: &Path, text: &str, records: &[(String, Loaded)]) -> Result<String, Problem> {
    let wrong = || {
        Problem::user(format!(
            "{}: there is no place for the claims; allowed: a line that begins with `{BEGIN}`, and a line `{END}` after it",
            path.display()
        ))
    };
    let begin = text.find(BEGIN).ok_or_else(wrong)?;
    let begin = begin + text[begin..].find('\n').ok_or_else(wrong)? + 1;
    let end = begin + text[begin..].find(END).ok_or_else(wrong)?;
    Ok(format!("{}{}{}", &text[..begin], table(records)?, &text[end..]))
}

/// A row for each claim.
fn table(records: &[(String, Loaded)]) -> Result<String, Problem> {
    let mut table =
        "| experiment | the paper says | paper | ours | verdict |\n|---|---|---|---|---|\n".to_owned();
    for (folder, claim) in all_claims(records)? {
        let with = if claim.regimes.is_some() { ", with " } else { "" };
        table += &format!(
            "| [{folder}](reports/{folder}/) | {} | {} | {}{with}{} | {} |\n",
            claim.says,
            claim.paper(),
            claim.ours(),
            claim.regime(),
            claim.verdict
        );
    }
    Ok(table)
}
