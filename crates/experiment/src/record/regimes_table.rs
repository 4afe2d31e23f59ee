//! `regimes.csv`: the best configuration of every regime in the figure of each claim, against the regime's baseline.

use deployment::Problem;
use kareto::{Archive, DesignSpace};
use report::{Cell, Kind, Table};

use super::tables::{at_scale, setting_cells, setting_columns};
use crate::plan::{Claim, Scale};

/// The file.
pub(crate) const REGIMES: &str = "regimes.csv";

/// A row for each claim and regime: the settings of the best point (those of storage are the choice, the others name the
/// regime), its improvement over the baseline, and what that alone would say of the claim.
pub(crate) fn regimes_table(
    space: &DesignSpace,
    claims: &[Claim],
    archive: &Archive,
    scale: Scale,
) -> Result<Table, Problem> {
    let mut columns: Vec<(&str, Kind)> = setting_columns(space).collect();
    columns.extend([("claim", Kind::Text), ("improvement_percent", Kind::F64), ("verdict", Kind::Text)]);
    let mut table = Table::new(&columns).map_err(Problem::machine)?;
    for (claim, gains) in claims.iter().filter_map(|claim| Some((claim, claim.gains(archive)?))) {
        for gain in gains {
            let verdict = at_scale(claim.judge(Some(gain.percent)), scale);
            let said = [Cell::from(claim.id.as_str()), Cell::from(gain.percent), Cell::from(verdict.name())];
            let settings = setting_cells(space, &gain.best);
            table.push_row(settings.into_iter().chain(said)).map_err(Problem::machine)?;
        }
    }
    Ok(table)
}
