//! Claims as pages and README tell them.

use deployment::Problem;
use experiment::{Loaded, LoadedTimeline};
use report::Table;
use report::number::significant;

use super::parts::{numbers, texts};

/// A row of `claims.csv`.
pub(super) struct Claim {
    pub(super) id: String,
    pub(super) says: String,
    unit: String,
    paper: Option<f64>,
    ours: Option<f64>,
    pub(super) verdict: String,
    /// Where it is met, if it is about regimes.
    pub(super) regimes: Option<Regimes>,
}

/// Where a claim about regimes is met.
pub(super) struct Regimes {
    /// The key of the regime with the best figure.
    pub(super) best: String,
    pub(super) met: usize,
    pub(super) of: usize,
}

impl Claim {
    /// All rows of the table.
    pub(super) fn read(claims: &Table) -> Result<Vec<Self>, Problem> {
        let (text, number) = (|name: &str| texts(claims, name), |name: &str| numbers(claims, name));
        let (id, says, unit, verdict) = (text("id")?, text("says")?, text("unit")?, text("verdict")?);
        let (paper, ours) = (number("paper")?, number("ours")?);
        let with_regimes = claims.names().iter().any(|name| *name == "best_regime");
        let regimes = match with_regimes {
            true => Some((text("best_regime")?, number("regimes_met")?, number("regimes")?)),
            false => None,
        };
        let row = |row: usize| Self {
            id: id[row].clone(),
            says: says[row].clone(),
            unit: unit[row].clone(),
            paper: paper[row],
            ours: ours[row],
            verdict: verdict[row].clone(),
            regimes: regimes.as_ref().and_then(|(best, met, of)| {
                Some(Regimes { best: best[row].clone(), met: met[row]? as usize, of: of[row]? as usize })
            }),
        };
        Ok((0..claims.rows()).map(row).collect())
    }

    /// The paper's figure with its unit.
    pub(super) fn paper(&self) -> String {
        told(self.paper, &self.unit, 4)
    }

    /// Our figure with its unit.
    pub(super) fn ours(&self) -> String {
        told(self.ours, &self.unit, 3)
    }

    /// What is claimed, without how it is measured, which stands in brackets behind.
    pub(super) fn subject(&self) -> &str {
        self.says.split(" (").next().unwrap_or(&self.says)
    }

    /// Our figures for several claims of one unit, from the least to the largest.
    pub(super) fn range<'a>(claims: impl Iterator<Item = &'a Self> + Clone) -> String {
        let known = || claims.clone().filter_map(|claim| Some((claim.ours?, claim)));
        let by_value = |a: &(f64, &Self), b: &(f64, &Self)| a.0.total_cmp(&b.0);
        let of = claims.clone().count();
        match (known().min_by(by_value), known().max_by(by_value)) {
            (Some((_, least)), Some((_, largest))) => {
                format!("{} to {}, measured in {of} ways", least.ours(), largest.ours())
            }
            _ => "-".to_owned(),
        }
    }

    /// The best regime, and in how many the claim is met; empty where it is not about regimes.
    pub(super) fn regime(&self) -> String {
        self.regimes.as_ref().map_or_else(String::new, |it| {
            format!("{}; met in {} of {} regimes", it.best.replace(',', ", "), it.met, it.of)
        })
    }
}

/// A figure with its unit. The paper's has the digits that the paper gives, up to four.
fn told(value: Option<f64>, unit: &str, digits: usize) -> String {
    value.map_or("-".to_owned(), |value| format!("{} {unit}", significant(value, digits)))
}

/// The claims of all records with the folders of these. Those about regimes come first: they are the paper's headline.
pub(super) fn all_claims(records: &[(String, Loaded)]) -> Result<Vec<(&str, Claim)>, Problem> {
    let mut all = Vec::new();
    for (folder, loaded) in records {
        if let Some(claims) = loaded.claims().filter(|claims| claims.rows() > 0) {
            let mut read = Claim::read(claims)?;
            if let Loaded::Timeline(timeline) = loaded {
                qualify(&mut read, timeline)?;
            }
            all.extend(read.into_iter().map(|claim| (folder.as_str(), claim)));
        }
    }
    all.sort_by_key(|(_, claim)| claim.regimes.is_none());
    Ok(all)
}

/// Says of a claim about coming back whether its best case was overloaded all along: then no surge made it so.
pub(super) fn qualify(claims: &mut [Claim], loaded: &LoadedTimeline) -> Result<(), Problem> {
    let Some((rows, _)) = &loaded.recovery else { return Ok(()) };
    let names: Vec<&str> =
        rows.names().iter().map(String::as_str).take_while(|name| *name != "verdict").collect();
    let verdicts = texts(rows, "verdict")?;
    let keys = names.iter().map(|name| texts(rows, name)).collect::<Result<Vec<_>, _>>()?;
    let key = |row: usize| {
        let settings = names.iter().zip(&keys).map(|(name, values)| format!("{name}={}", values[row]));
        settings.collect::<Vec<_>>().join(",")
    };
    for regimes in claims.iter_mut().filter_map(|claim| claim.regimes.as_mut()) {
        let row = (0..rows.rows()).find(|&row| key(row) == regimes.best);
        if row.is_some_and(|row| verdicts[row].starts_with("overloaded")) {
            regimes.best += " (overloaded also without the surge)";
        }
    }
    Ok(())
}
