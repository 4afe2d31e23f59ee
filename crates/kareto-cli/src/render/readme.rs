//! The claims of all records as a table of Markdown, spliced into a text.

use std::path::Path;

use experiment::Loaded;
use report::number::significant;
use report::{Column, Table};

use crate::error::CliError;

/// How the line begins after which the table stands.
const BEGIN: &str = "<!-- claims";
/// The line before which it ends.
const END: &str = "<!-- /claims -->";

/// The text of a file with the table of claims in its place.
pub(crate) fn spliced(path: &Path, text: &str, records: &[(String, Loaded)]) -> Result<String, CliError> {
    let wrong = || {
        CliError::user(format!(
            "{}: there is no place for the claims; allowed: a line that begins with `{BEGIN}`, and a line `{END}` after it",
            path.display()
        ))
    };
    let begin = text.find(BEGIN).ok_or_else(wrong)?;
    let begin = begin + text[begin..].find('\n').ok_or_else(wrong)? + 1;
    let end = begin + text[begin..].find(END).ok_or_else(wrong)?;
    Ok(format!("{}{}{}", &text[..begin], table(records)?, &text[end..]))
}

/// A row for each claim, by experiment.
fn table(records: &[(String, Loaded)]) -> Result<String, CliError> {
    let mut table =
        "| experiment | the paper says | paper | ours | verdict |\n|---|---|---|---|---|\n".to_owned();
    for (folder, loaded) in records {
        let Some(claims) = loaded.claims() else { continue };
        let text = |name: &str| match claims.column(name).map_err(CliError::user)? {
            Column::Text(values) => Ok(values.iter().map(|it| it.clone().unwrap_or_default()).collect()),
            _ => Err(CliError::user(format!("{folder}/claims.csv: column `{name}` is not text"))),
        };
        let number = |name: &str| -> Result<Vec<Option<f64>>, CliError> {
            match claims.column(name).map_err(CliError::user)? {
                // A column without any value does not tell that it is one of numbers.
                Column::Text(values) if values.iter().all(Option::is_none) => Ok(vec![None; values.len()]),
                _ => claims.numbers(name).map_err(CliError::user),
            }
        };
        let (says, unit, verdict): (Vec<String>, Vec<String>, Vec<String>) =
            (text("says")?, text("unit")?, text("verdict")?);
        let (paper, ours) = (number("paper")?, number("ours")?);
        let regimes = Regimes::of(claims)?;
        for row in 0..claims.rows() {
            let told = |value: Option<f64>| {
                value.map_or("-".to_owned(), |value| format!("{} {}", significant(value, 3), unit[row]))
            };
            let (paper, ours) = (told(paper[row]), told(ours[row]) + &regimes.words(row));
            table += &format!(
                "| [{folder}](reports/{folder}/) | {} | {paper} | {ours} | {} |\n",
                says[row], verdict[row]
            );
        }
    }
    Ok(table)
}

/// Where claims about regimes are met.
struct Regimes {
    best: Vec<Option<String>>,
    met: Vec<Option<f64>>,
    of: Vec<Option<f64>>,
}

impl Regimes {
    fn of(claims: &Table) -> Result<Self, CliError> {
        let Ok(Column::Text(best)) = claims.column("best_regime") else {
            return Ok(Self { best: Vec::new(), met: Vec::new(), of: Vec::new() });
        };
        let number = |name: &str| claims.numbers(name).map_err(CliError::user);
        Ok(Self { best: best.clone(), met: number("regimes_met")?, of: number("regimes")? })
    }

    /// The best regime of a claim, and in how many the claim is met; nothing for another claim.
    fn words(&self, row: usize) -> String {
        let Some(best) = self.best.get(row).and_then(Option::as_ref) else { return String::new() };
        let count = |counts: &[Option<f64>]| counts[row].unwrap_or(0.0);
        format!(
            " with {}; met in {} of {} regimes",
            best.replace(',', ", "),
            count(&self.met),
            count(&self.of)
        )
    }
}
