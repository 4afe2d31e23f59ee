//! Claims: what the paper says, what we measured, and a band that was accepted beforehand.
//!
//! A claim never changes a run. At smoke scale it is computed, so that the code is tested, and its verdict is "not
//! measured": a short window proves nothing.

use deployment::{Problem, Settings, Source, choose};
use kareto::{Archive, Axis, DesignSpace, Point};

use super::regimes::{Gain, Regimes, improvement};
use crate::against::{Compared, SHARES, Share};
use crate::file;
use crate::verdict::{ClaimRow, InRegimes, Verdict, judge};

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
    BestImprovement {
        figure: String,
        baseline: Point,
    },
    /// The best regime's.
    BestOfRegimes {
        figure: String,
        regimes: Regimes,
    },
    At {
        figure: String,
        point: Point,
    },
    Change {
        figure: String,
        from: Point,
        to: Point,
    },
    Evaluations,
    FrontPoints,
    /// A share of the cases that are compared with one of them.
    Against(Share),
}

/// A figure, and where a claim about regimes is met.
type Measured = (Option<f64>, Option<InRegimes>);

impl Claim {
    /// Resolves a `[[claim]]`.
    pub(crate) fn new(
        source: &Source,
        wire: &file::Claim,
        space: &DesignSpace,
        base: Base<'_>,
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
            metric: metric(source, &wire.metric, space, base, figures)?,
        })
    }

    /// Points that must be evaluated for this claim, even if the search does not ask for them.
    pub(crate) fn points(&self) -> Vec<&Point> {
        match &self.metric {
            Metric::BestImprovement { baseline, .. } => vec![baseline],
            Metric::At { point, .. } => vec![point],
            Metric::Change { from, to, .. } => vec![from, to],
            // The full grid has all points of all regimes.
            Metric::BestOfRegimes { .. } | Metric::Evaluations | Metric::FrontPoints | Metric::Against(_) => {
                vec![]
            }
        }
    }

    /// The best of every regime, where the claim is about regimes.
    pub(crate) fn gains(&self, archive: &Archive) -> Option<Vec<Gain>> {
        let Metric::BestOfRegimes { figure, regimes } = &self.metric else { return None };
        Some(regimes.gains(figure, archive))
    }

    /// The best of all regimes, and in which of them the claim is met.
    fn over_regimes(&self, space: &DesignSpace, regimes: &Regimes, gains: &[Gain]) -> Measured {
        // Of equals the first.
        let best = gains.iter().rev().max_by(|a, b| a.percent.total_cmp(&b.percent));
        let met = gains.iter().filter(|gain| self.judge(Some(gain.percent)).is_met()).count();
        let key = best.map(|gain| regimes.key(space, &gain.best)).unwrap_or_default();
        (best.map(|gain| gain.percent), Some(InRegimes { best: key, met, regimes: gains.len() }))
    }

    /// The measured figure, and where the claim is met if it is about regimes.
    fn measure(
        &self,
        space: &DesignSpace,
        kept: &Archive,
        searched: &Archive,
        compared: &[Compared],
    ) -> Measured {
        if let Metric::Against(share) = &self.metric {
            return (share.percent(compared), None);
        }
        if let Metric::BestOfRegimes { figure, regimes } = &self.metric {
            return self.over_regimes(space, regimes, &regimes.gains(figure, searched));
        }
        (self.figure(kept, searched), None)
    }

    /// The figure of a claim about points or counts. `None` if a point is absent or a percentage has no base.
    fn figure(&self, kept: &Archive, searched: &Archive) -> Option<f64> {
        let at = |point: &Point, figure: &str| kept.get(point).and_then(|e| e.figure(figure));
        match &self.metric {
            Metric::BestImprovement { figure, baseline } => {
                let base = at(baseline, figure)?;
                searched.iter().filter_map(|(_, e)| improvement(figure, base, e)).max_by(f64::total_cmp)
            }
            Metric::BestOfRegimes { .. } | Metric::Against(_) => None,
            Metric::At { figure, point } => at(point, figure),
            Metric::Change { figure, from, to } => {
                let (before, after) = (at(from, figure)?, at(to, figure)?);
                (before != 0.0).then(|| 100.0 * (after - before) / before)
            }
            Metric::Evaluations => Some(searched.len() as f64),
            Metric::FrontPoints => Some(kareto::front::Front::of(searched).len() as f64),
        }
    }

    /// The claim with its measured figure. `compared` has the cases that are compared with one of them.
    pub(crate) fn row(
        &self,
        space: &DesignSpace,
        kept: &Archive,
        searched: &Archive,
        compared: &[Compared],
    ) -> ClaimRow<'_> {
        let (ours, in_regimes) = self.measure(space, kept, searched, compared);
        ClaimRow {
            id: &self.id,
            says: &self.says,
            unit: &self.unit,
            paper: Some(self.paper),
            accept: self.accept,
            ours,
            verdict: self.judge(ours),
            in_regimes,
        }
    }

    /// Judges a measured figure against the band and the paper's direction.
    pub(crate) fn judge(&self, measured: Option<f64>) -> Verdict {
        judge(self.paper, self.accept, measured)
    }
}

/// What an improvement is measured from.
#[derive(Clone, Copy)]
pub(crate) enum Base<'a> {
    /// One point, if the file names it.
    Point(Option<&'a Point>),
    /// The baseline of each regime.
    Regimes(&'a Regimes),
}

fn metric(
    source: &Source,
    wire: &file::Metric,
    space: &DesignSpace,
    base: Base<'_>,
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
        file::Metric::Against(wire) => {
            let share = choose(SHARES, "against", wire.get_ref());
            share.map(Metric::Against).map_err(|message| source.error(wire.span(), message, "here"))
        }
        file::Metric::BestImprovement(wire) => {
            let figure = known(wire.get_ref(), wire.span())?;
            match base {
                Base::Regimes(regimes) => Ok(Metric::BestOfRegimes { figure, regimes: regimes.clone() }),
                Base::Point(Some(baseline)) => {
                    Ok(Metric::BestImprovement { figure, baseline: baseline.clone() })
                }
                Base::Point(None) => {
                    let message = "best-improvement needs a `[baseline]` to improve on";
                    Err(source.error(wire.span(), message, "here"))
                }
            }
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
