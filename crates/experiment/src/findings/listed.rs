//! The configurations that are listed for people: the baseline and the picks, each against the baseline.

use deployment::Problem;
use kareto::front::Front;
use kareto::picks::{Change, Constraint, Pick, PickKind, pick, picks};
use kareto::{Archive, Evaluation, Point};

use super::Found;

/// A configuration with its role.
pub struct Listed {
    /// `baseline`, or the name of the pick.
    pub title: &'static str,
    /// The configuration.
    pub point: Point,
    /// Its evaluation.
    pub evaluation: Evaluation,
    /// The change against the baseline, where there is one.
    pub change: Option<Change>,
}

/// The baseline, then the picks among what the search asked for.
pub(crate) fn listed(found: &Found) -> Result<Vec<Listed>, Problem> {
    let base = found.baseline();
    let change = |evaluation: &Evaluation| {
        base.map(|(_, base)| Change::between(&base.objectives, &evaluation.objectives))
    };
    let row = |title, point: &Point, evaluation: &Evaluation| Listed {
        title,
        point: point.clone(),
        change: change(evaluation),
        evaluation: evaluation.clone(),
    };
    let mut rows: Vec<Listed> =
        base.iter().map(|(point, evaluation)| row("baseline", point, evaluation)).collect();
    let picks = picks(&found.searched, &found.constraints).map_err(Problem::user)?;
    rows.extend(picks.iter().map(|pick| row(title(pick.kind), &pick.point, &pick.evaluation)));
    Ok(rows)
}

/// The configuration to buy, of those that keep the constraints. With constraints it is the cheapest that keeps them;
/// without, it is the best compromise. `None` where no configuration keeps them.
pub(crate) fn recommended(kept: &Archive, constraints: &[Constraint]) -> Option<Pick> {
    let kind = if constraints.is_empty() { PickKind::Knee } else { PickKind::Cheapest };
    pick(&Front::of(kept), kind)
}

/// The name of a pick for people.
fn title(kind: PickKind) -> &'static str {
    match kind {
        PickKind::Cheapest => "cheapest",
        PickKind::Fastest => "fastest",
        PickKind::HighestThroughput => "highest throughput",
        PickKind::Knee => "knee",
    }
}
