//! Claims about group TTL: what the paper says it gains over one TTL, beside what was measured.

use serde::Deserialize;
use toml::Spanned;

use super::contest::{Part, Row, TunedOn};
use crate::error::{CliError, Source};
use crate::experiment::choices::{Table, choose};
use crate::experiment::claim::{ClaimRow, judge};

pub(super) const PARTS: Table<Part> = &[("whole", Part::Whole), ("second-half", Part::SecondHalf)];
pub(super) const TUNED: Table<TunedOn> =
    &[("in-sample", TunedOn::InSample), ("first-half", TunedOn::FirstHalf), ("online", TunedOn::Online)];

/// A claim as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wire {
    id: String,
    says: String,
    /// The figure claimed [%]; none where the paper gives none.
    paper: Option<f64>,
    accept: Spanned<[f64; 2]>,
    case: Spanned<String>,
    part: Spanned<String>,
    tuned: Spanned<String>,
    method: String,
    figure: Spanned<String>,
}

/// Which gain in reuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Figure {
    /// In the simulator, at equal measured storage.
    Reuse,
    /// By the model.
    Model,
}

const FIGURES: Table<Figure> = &[("reuse", Figure::Reuse), ("model", Figure::Model)];

/// A claim, resolved. It is about a gain [%] at the storage share where that is largest.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) id: String,
    pub(super) says: String,
    pub(super) paper: Option<f64>,
    pub(super) accept: [f64; 2],
    case: String,
    part: Part,
    tuned: TunedOn,
    method: String,
    figure: Figure,
}

impl Claim {
    /// Resolves a claim; `cases` are the names there are.
    pub(super) fn new(source: &Source, wire: &Wire, cases: &[&str]) -> Result<Self, CliError> {
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

    /// The figure as measured; none if there is no such row, or one TTL has no hit.
    pub(super) fn measure(&self, rows: &[Row]) -> Option<f64> {
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

    /// The claim beside what was measured, judged as other claims are; where the paper gives no figure, what is outside
    /// the band contradicts.
    pub(super) fn row(&self, rows: &[Row]) -> ClaimRow<'_> {
        let ours = self.measure(rows);
        ClaimRow {
            id: &self.id,
            says: &self.says,
            unit: "%",
            paper: self.paper,
            accept: self.accept,
            ours,
            verdict: judge(self.paper.unwrap_or(0.0), self.accept, ours),
        }
    }
}

/// The name of a value in files and tables.
pub(super) fn part_name(part: Part) -> &'static str {
    name(PARTS, part)
}

/// The name of a value in files and tables.
pub(super) fn tuned_name(tuned: TunedOn) -> &'static str {
    name(TUNED, tuned)
}

fn name<T: Copy + PartialEq>(table: Table<T>, value: T) -> &'static str {
    table.iter().find(|(_, known)| *known == value).expect("every value has a name").0
}
