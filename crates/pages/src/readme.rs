//! The claims of all records as a table of Markdown, spliced into a text.

use std::path::Path;

use deployment::Problem;
use experiment::Loaded;

use super::claims::{Claim, all_claims};
use super::parts::distinct;

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

/// A row for each claim. Claims of one experiment that differ only in what stands in brackets, which is how they are measured,
/// share a row: the pages of the experiment have each.
fn table(records: &[(String, Loaded)]) -> Result<String, Problem> {
    let mut table =
        "| experiment | the paper says | paper | ours | verdict |\n|---|---|---|---|---|\n".to_owned();
    let all = all_claims(records)?;
    for alike in all.chunk_by(|a, b| a.0 == b.0 && a.1.subject() == b.1.subject()) {
        let (folder, first) = &alike[0];
        let (says, ours) = match alike {
            [(_, alone)] => {
                let with = if alone.regimes.is_some() { ", with " } else { "" };
                (alone.says.as_str(), format!("{}{with}{}", alone.ours(), alone.regime()))
            }
            _ => (first.subject(), Claim::range(alike.iter().map(|(_, claim)| claim))),
        };
        let verdicts = distinct(alike.iter().map(|(_, claim)| claim.verdict.as_str()));
        table += &format!(
            "| [{folder}](reports/{folder}/) | {says} | {} | {ours} | {} |\n",
            first.paper(),
            verdicts.join(", ")
        );
    }
    Ok(table)
}
