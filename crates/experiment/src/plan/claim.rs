//! Claims: what the paper says, what we measured, and a band that was accepted beforehand.
//!
//! A claim never changes a run. At smoke scale it is computed, so that the code is tested, and its verdict is "not
//! measured": a short window proves nothing.

use deployment::{FIGURES, Problem, Settings, Source};
use kareto::{Archive, Axis, DesignSpace, Evaluation, Point, Sense};

use crate::file;
use crate::verdict::{ClaimRow, Verdict, judge};

/// A resolved claim.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) id: String,
    pub(crate) says: String,
    pub(crate) paper: f64,
    pub(crate) unit: String,
    pub(crate) accept: [f64; 2],
    metric: Metric,
}

#[derive(Debug, Clone)]
enum Metric {
    BestImprovement { figure: String, baseline: Point },
    At { figure: String, point: Point },
    Change { figure: String, from: Point, to: Point },
    Evaluations,
    FrontPoints,
}

impl Claim {
    /// Resolves a `[[claim]]`.
    pub(crate) fn new(
        source: &Source,
        wire: &file::Claim,
        space: &DesignSpace,
        baseline: Option<&Point>,
        figures: &[String],
    ) -> Result<Self, Problem> {
        let accept = *wire.accept.get_ref();
        if accept[0] > accept[1] || accept.iter().any(|bound| !bound.is_finite()) {
            let message = format!("accept is [{}, {}]; allowed: [least, most]", accept[0], accept[1]);
            return Err(source.error(wire.accept.span(), message, "here"));
        }
        Ok(Self {
            id: wire.id.get_ref().clone(),
            says: wire.says.clone(),
            paper: *wire.paper.get_ref(),
            unit: wire.unit.clone(),
            accept,
            metric: metric(source, &wire.metric, space, baseline, figures)?,
        })
    }

    /// Points that must be evaluated for this claim, even if the search does not ask for them.
    pub(crate) fn points(&self) -> Vec<&Point> {
        match &self.metric {
            Metric::BestImprovement { baseline, .. } => vec![baseline],
            Metric::At { point, .. } => vec![point],
            Metric::Change { from, to, .. } => vec![from, to],
            Metric::Evaluations | Metric::FrontPoints => vec![],
        }
    }

    /// The measured figure. `None` if a point is absent or a percentage has no base.
    pub(crate) fn measure(&self, kept: &Archive, searched: &Archive) -> Option<f64> {
        let at = |point: &Point, figure: &str| kept.get(point).and_then(|e| e.figure(figure));
        match &self.metric {
            Metric::BestImprovement { figure, baseline } => {
                let base = at(baseline, figure)?;
                searched.iter().filter_map(|(_, e)| improvement(figure, base, e)).max_by(f64::total_cmp)
            }
            Metric::At { figure, point } => at(point, figure),
            Metric::Change { figure, from, to } => {
                let (before, after) = (at(from, figure)?, at(to, figure)?);
                (before != 0.0).then(|| 100.0 * (after - before) / before)
            }
            Metric::Evaluations => Some(searched.len() as f64),
            Metric::FrontPoints => Some(kareto::front::Front::of(searched).len() as f64),
        }
    }

    /// The claim with its measured figure.
    pub(crate) fn row(&self, ours: Option<f64>) -> ClaimRow<'_> {
        ClaimRow {
            id: &self.id,
            says: &self.says,
            unit: &self.unit,
            paper: Some(self.paper),
            accept: self.accept,
            ours,
            verdict: self.judge(ours),
        }
    }

    /// Judges a measured figure against the band and the paper's direction.
    pub(crate) fn judge(&self, measured: Option<f64>) -> Verdict {
        judge(self.paper, self.accept, measured)
    }
}

/// Improvement over the baseline [%]. Positive is better.
fn improvement(figure: &str, base: f64, evaluation: &Evaluation) -> Option<f64> {
    let value = evaluation.figure(figure)?;
    let sense = FIGURES.sense(figure)?;
    let change = (base != 0.0).then(|| 100.0 * (value - base) / base)?;
    // Adding 0 turns -0, which a table would show, into 0.
    Some(match sense {
        Sense::More => change + 0.0,
        Sense::Less => -change + 0.0,
    })
}

fn metric(
    source: &Source,
    wire: &file::Metric,
    space: &DesignSpace,
    baseline: Option<&Point>,
    figures: &[String],
) -> Result<Metric, Problem> {
    let known = |figure: &str, span: std::ops::Range<usize>| {
        if figures.iter().any(|known| known == figure) {
            return Ok(figure.to_owned());
        }
        let message = format!("there is no figure `{figure}`; allowed: {}", figures.join(", "));
        Err(source.error(span, message, "here"))
    };
    let at = |settings: &Settings, span: std::ops::Range<usize>| {
        point(settings, space).map_err(|message| source.error(span, message, "here"))
    };
    match wire {
        file::Metric::BestImprovement(figure) => {
            let baseline = baseline.cloned().ok_or_else(|| {
                source.error(figure.span(), "best-improvement needs a `[baseline]` to improve on", "here")
            })?;
            Ok(Metric::BestImprovement { figure: known(figure.get_ref(), figure.span())?, baseline })
        }
        file::Metric::At(wire) => {
            let (wire, span) = (wire.get_ref(), wire.span());
            Ok(Metric::At { figure: known(&wire.figure, span.clone())?, point: at(&wire.point, span)? })
        }
        file::Metric::Change(wire) => {
            let (wire, span) = (wire.get_ref(), wire.span());
            Ok(Metric::Change {
                figure: known(&wire.figure, span.clone())?,
                from: at(&wire.from, span.clone())?,
                to: at(&wire.to, span)?,
            })
        }
        file::Metric::Search(count) => match count.get_ref().as_str() {
            "evaluations" => Ok(Metric::Evaluations),
            "front_points" => Ok(Metric::FrontPoints),
            other => {
                let message = format!("search is `{other}`; allowed: evaluations, front_points");
                Err(source.error(count.span(), message, "here"))
            }
        },
    }
}

/// The point of the space that a table of settings names, or a message that says what is allowed.
pub(crate) fn point(settings: &Settings, space: &DesignSpace) -> Result<Point, String> {
    let known = || space.axes().iter().map(|axis| axis.name.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(name) = settings.0.keys().find(|name| !space.axes().iter().any(|axis| axis.name == **name)) {
        return Err(format!("there is no axis `{name}`; allowed: {}", known()));
    }
    let position = |axis: &Axis| {
        let value = settings.0.get(&axis.name).ok_or_else(|| {
            format!(
                "a point has a value of every axis, and there is none of {}; the axes are {}",
                axis.name,
                known()
            )
        })?;
        let positions = 0..axis.len() as u32;
        let found = positions.clone().find(|&position| axis.value(position).to_string() == value.to_string());
        found.ok_or_else(|| {
            let values: Vec<String> = positions.map(|position| axis.value(position).to_string()).collect();
            format!("{} is {value}; allowed, as its axis has them: {}", axis.name, values.join(", "))
        })
    };
    space.axes().iter().map(position).collect::<Result<_, _>>().map(Point)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A figure of scenarios has the sense of the figure that it is made of.
    #[test]
    fn improvement_has_the_sense_of_the_figure() {
        let objectives = kareto::Objectives::new(1.0, 120.0, 8.0).unwrap();
        let worst = ("worst_throughput_tokens_per_s".to_owned(), 120.0);
        let evaluation = Evaluation { objectives, metrics: [worst, ("ttft_s_p99".to_owned(), 3.0)].into() };
        let better = |figure: &str, base: f64| improvement(figure, base, &evaluation).map(f64::round);
        assert_eq!(better("throughput_tokens_per_s", 100.0), Some(20.0));
        assert_eq!(better("worst_throughput_tokens_per_s", 100.0), Some(20.0));
        assert_eq!(better("ttft_s_p99", 4.0), Some(25.0));
        assert_eq!(better("ttft_s_p99", 0.0), None);
    }

    #[test]
    fn a_figure_is_judged_by_the_band_and_the_direction() {
        let claim = |paper, accept| Claim {
            id: String::new(),
            says: String::new(),
            paper,
            unit: "%".to_owned(),
            accept,
            metric: Metric::Evaluations,
        };
        let gain = claim(9.3, [5.0, 15.0]);
        let verdicts =
            [None, Some(5.0), Some(4.9), Some(15.1), Some(0.0), Some(-9.3)].map(|ours| gain.judge(ours));
        use Verdict::{Contradicted, NotMeasured, Reproduced, Stronger, Weaker};
        assert_eq!(verdicts, [NotMeasured, Reproduced, Weaker, Stronger, Contradicted, Contradicted]);
        // For a loss, the end of the band that is nearer to 0 is the weak one.
        let loss = claim(-20.2, [-30.0, -10.0]);
        assert_eq!([-9.0, -31.0, 9.0].map(|ours| loss.judge(Some(ours))), [Weaker, Stronger, Contradicted]);
    }
}
