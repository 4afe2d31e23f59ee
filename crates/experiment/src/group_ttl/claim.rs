//! Claims about group TTL: the gain over one TTL that the paper states, beside the measured gain.

use deployment::{Problem, Source, Table, choose};

use super::rules::{Part, Row, TunedOn};
use crate::file::GroupTtlClaim;
use crate::verdict::{ClaimRow, judge};

pub(crate) const PARTS: Table<Part> = &[("whole", Part::Whole), ("second-half", Part::SecondHalf)];
pub(crate) const TUNED: Table<TunedOn> =
    &[("in-sample", TunedOn::InSample), ("first-half", TunedOn::FirstHalf), ("online", TunedOn::Online)];

/// The gain that a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Figure {
    /// The gain in the simulator, at equal measured storage.
    Reuse,
    /// The gain by the model.
    Model,
}

const FIGURES: Table<Figure> = &[("reuse", Figure::Reuse), ("model", Figure::Model)];

/// A resolved claim. It is about a gain [%] at the storage share where the gain is largest.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) id: String,
    pub(crate) says: String,
    pub(crate) paper: Option<f64>,
    pub(crate) accept: [f64; 2],
    case: String,
    part: Part,
    tuned: TunedOn,
    method: String,
    figure: Figure,
}

impl Claim {
    /// Resolves a claim. `cases` has the names of all cases.
    pub(crate) fn new(source: &Source, wire: &GroupTtlClaim, cases: &[&str]) -> Result<Self, Problem> {
        let accept = *wire.accept.get_ref();
        if accept[0] > accept[1] || accept.iter().any(|bound| !bound.is_finite()) {
            let message = format!("accept is [{}, {}]; allowed: [least, most]", accept[0], accept[1]);
            return Err(source.error(wire.accept.span(), message, "here"));
        }
        if !cases.contains(&wire.case.get_ref().as_str()) {
            let message =
                format!("there is no case `{}`; allowed: {}", wire.case.get_ref(), cases.join(", "));
            return Err(source.error(wire.case.span(), message, "here"));
        }
        let wrong = |span, message| source.error(span, message, "here");
        Ok(Self {
            id: wire.id.clone(),
            says: wire.says.clone(),
            paper: wire.paper,
            accept,
            case: wire.case.get_ref().clone(),
            part: choose(PARTS, "part", wire.part.get_ref()).map_err(|m| wrong(wire.part.span(), m))?,
            tuned: choose(TUNED, "tuned", wire.tuned.get_ref()).map_err(|m| wrong(wire.tuned.span(), m))?,
            method: wire.method.clone(),
            figure: choose(FIGURES, "figure", wire.figure.get_ref())
                .map_err(|m| wrong(wire.figure.span(), m))?,
        })
    }

    /// The measured figure. `None` if there is no such row, or one TTL has no hit.
    pub(crate) fn measure(&self, rows: &[Row]) -> Option<f64> {
        let mine = rows.iter().filter(|row| {
            let method = row.method == self.method;
            method && row.case == self.case && row.part == self.part && row.tuned == self.tuned
        });
        let gains = mine.filter_map(|row| match self.figure {
            Figure::Reuse => row.reuse_gain_percent(),
            Figure::Model => row.model_gain_percent,
        });
        gains.max_by(f64::total_cmp)
    }

    /// The claim with its measured figure, judged as other claims are. Where the paper gives no figure, a measured
    /// figure outside the band contradicts the claim.
    pub(crate) fn row(&self, rows: &[Row]) -> ClaimRow<'_> {
        let ours = self.measure(rows);
        ClaimRow {
            id: &self.id,
            says: &self.says,
            unit: "%",
            paper: self.paper,
            accept: self.accept,
            ours,
            verdict: judge(self.paper.unwrap_or(0.0), self.accept, ours),
            in_regimes: None,
        }
    }
}

/// The name of a value in files and tables.
pub(crate) fn part_name(part: Part) -> &'static str {
    name(PARTS, part)
}

/// The name of a value in files and tables.
pub(crate) fn tuned_name(tuned: TunedOn) -> &'static str {
    name(TUNED, tuned)
}

fn name<T: Copy + PartialEq>(table: Table<T>, value: T) -> &'static str {
    table.iter().find(|(_, known)| *known == value).expect("every value has a name").0
}
