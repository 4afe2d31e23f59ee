//! The claims of all records as rows of texts, for the overview and for README.

use experiment::Loaded;
use report::Table;
use report::number::significant;

use crate::error::CliError;

/// A claim in words.
pub(super) struct ClaimRow<'a> {
    /// The folder of its record.
    pub(super) folder: &'a str,
    pub(super) says: String,
    pub(super) paper: String,
    pub(super) ours: String,
    /// The best regime, and in how many the claim is met; empty where it is not about regimes.
    pub(super) regime: String,
    pub(super) verdict: String,
}

/// The claims in the order of the records; those about regimes first, since they are the paper's headline.
pub(super) fn claim_rows(records: &[(String, Loaded)]) -> Result<Vec<ClaimRow<'_>>, CliError> {
    let mut rows = Vec::new();
    for (folder, loaded) in records {
        if let Some(claims) = loaded.claims().filter(|claims| claims.rows() > 0) {
            rows.extend(of(folder, claims).map_err(CliError::user)?);
        }
    }
    rows.sort_by_key(|row| row.regime.is_empty());
    Ok(rows)
}

fn of<'a>(folder: &'a str, claims: &Table) -> Result<Vec<ClaimRow<'a>>, report::Error> {
    let (says, unit, verdict) = (claims.texts("says")?, claims.texts("unit")?, claims.texts("verdict")?);
    let (paper, ours) = (claims.numbers("paper")?, claims.numbers("ours")?);
    let regimes = match claims.texts("best_regime") {
        Ok(best) => Some((best, claims.texts("regimes_met")?, claims.texts("regimes")?)),
        Err(_) => None,
    };
    let regime = |row: usize| match &regimes {
        Some((best, met, of)) if !best[row].is_empty() => {
            format!("{}; met in {} of {} regimes", best[row].replace(',', ", "), met[row], of[row])
        }
        _ => String::new(),
    };
    let row = |row: usize| {
        let told = |value: Option<f64>| {
            value.map_or("-".to_owned(), |value| format!("{} {}", significant(value, 3), unit[row]))
        };
        ClaimRow {
            folder,
            says: says[row].clone(),
            paper: told(paper[row]),
            ours: told(ours[row]),
            regime: regime(row),
            verdict: verdict[row].clone(),
        }
    };
    Ok((0..claims.rows()).map(row).collect())
}
