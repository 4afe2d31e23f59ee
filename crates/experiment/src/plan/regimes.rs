//! Regimes: what storage buys under one load. An experiment of cases may have axes of storage, over which the best is
//! sought. All other axes together (the trace, its rate, the number of instances) name a regime. In each regime the best
//! point is compared with the baseline of that regime.

use std::collections::BTreeMap;

use deployment::{FIGURES, Problem, Settings};
use kareto::{Archive, DesignSpace, Evaluation, Point, Sense};
use toml::Spanned;

use super::Input;
use super::claim::point;
use crate::file::Cases;

/// The axes of storage, and the baseline on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Regimes {
    /// The places of the axes over which the best is sought.
    over: Vec<usize>,
    /// The position of the baseline on each of them.
    baseline: Vec<u32>,
}

/// The tables of a file about regimes.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    cases: &'a Cases,
    names: &'a [Spanned<String>],
    baseline: &'a Spanned<Settings>,
}

/// The best of one regime in one figure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Gain {
    /// The point with the best figure; of equals the first in the order of the axes.
    pub(crate) best: Point,
    /// Its improvement over the baseline \[%\]. Positive is better.
    pub(crate) percent: f64,
}

impl Regimes {
    /// `best_over` of `[cases]` and `[baseline]`. Cases have both or neither.
    pub(super) fn given<'a>(input: &Input<'a>) -> Result<Option<Given<'a>>, Problem> {
        let source = input.source;
        let Some(cases) = input.file.cases.as_ref().map(Spanned::get_ref) else { return Ok(None) };
        match (cases.best_over.as_slice(), &input.file.baseline) {
            ([], None) => Ok(None),
            ([], Some(baseline)) => {
                let message = "the `[baseline]` of cases goes with `best_over` in `[cases]`; it is missing";
                Err(source.error(baseline.span(), message, "here"))
            }
            ([first, ..], None) => {
                let message = "`best_over` needs a `[baseline]` that the best is compared with";
                Err(source.error(first.span(), message, "here"))
            }
            (names, Some(baseline)) => Ok(Some(Given { cases, names, baseline })),
        }
    }

    /// Resolves them.
    pub(super) fn new(input: &Input<'_>, given: &Given<'_>, space: &DesignSpace) -> Result<Self, Problem> {
        let (source, Given { cases, names, baseline }) = (input.source, *given);
        let mut over = Vec::with_capacity(names.len());
        for name in names {
            let found = space.axes().iter().position(|axis| axis.name == *name.get_ref());
            let drawn = [Some(&cases.compare), cases.along.as_ref()].into_iter().flatten();
            let drawn: Vec<&String> = drawn.map(Spanned::get_ref).collect();
            match found {
                Some(place) if !over.contains(&place) && !drawn.contains(&name.get_ref()) => over.push(place),
                _ => {
                    let others = space.axes().iter().map(|axis| &axis.name);
                    let others: Vec<&str> =
                        others.filter(|name| !drawn.contains(name)).map(String::as_str).collect();
                    let message = format!(
                        "`best_over` has `{}`; allowed, each once: axes that are not drawn: {}",
                        name.get_ref(),
                        others.join(", ")
                    );
                    return Err(source.error(name.span(), message, "here"));
                }
            }
        }
        over.sort_unstable();
        let axes = over.iter().map(|&place| space.axes()[place].clone()).collect();
        let of_storage = DesignSpace::new(axes).map_err(|error| source.error_in_file(error))?;
        let baseline = point(baseline.get_ref(), &of_storage)
            .map_err(|message| source.error(baseline.span(), message, "the baseline"))?;
        Ok(Self { over, baseline: baseline.0 })
    }

    /// The names of the axes over which the best is sought.
    pub(crate) fn names<'a>(&self, space: &'a DesignSpace) -> impl Iterator<Item = &'a str> {
        self.over.iter().map(|&place| space.axes()[place].name.as_str())
    }

    /// The baseline in the words of a key, such as `dram_gib=1024,disk_lease_s=0`.
    pub(crate) fn baseline_key(&self, space: &DesignSpace) -> String {
        let settings = self.over.iter().zip(&self.baseline);
        let settings = settings.map(|(&place, &position)| {
            let axis = &space.axes()[place];
            format!("{}={}", axis.name, axis.value(position))
        });
        settings.collect::<Vec<_>>().join(",")
    }

    /// The regime of a point in the words of a key, such as `trace=agent,rate=1,instances=2`.
    pub(crate) fn key(&self, space: &DesignSpace, point: &Point) -> String {
        let settings = space.axes().iter().zip(space.values(point)).enumerate();
        let settings = settings.filter(|(place, _)| !self.over.contains(place));
        let settings = settings.map(|(_, (axis, value))| format!("{}={value}", axis.name));
        settings.collect::<Vec<_>>().join(",")
    }

    /// The best of every regime in a figure, in the order of the axes. A regime whose baseline is not evaluated, or whose
    /// baseline has 0, has none.
    pub(crate) fn gains(&self, figure: &str, archive: &Archive) -> Vec<Gain> {
        let mut gains: BTreeMap<Point, Gain> = BTreeMap::new();
        for (point, evaluation) in archive.iter() {
            let mut baseline = point.clone();
            for (&place, &position) in self.over.iter().zip(&self.baseline) {
                baseline.0[place] = position;
            }
            let base = archive.get(&baseline).and_then(|e| e.figure(figure));
            let Some(percent) = base.and_then(|base| improvement(figure, base, evaluation)) else { continue };
            if gains.get(&baseline).is_none_or(|known| percent > known.percent) {
                gains.insert(baseline, Gain { best: point.clone(), percent });
            }
        }
        gains.into_values().collect()
    }
}

/// Improvement over the baseline \[%\]. Positive is better.
pub(super) fn improvement(figure: &str, base: f64, evaluation: &Evaluation) -> Option<f64> {
    let value = evaluation.figure(figure)?;
    let sense = FIGURES.sense(figure)?;
    let change = (base != 0.0).then(|| 100.0 * (value - base) / base)?;
    // Adding 0 turns -0, which a table would show, into 0.
    Some(match sense {
        Sense::More => change + 0.0,
        Sense::Less => -change + 0.0,
    })
}

#[cfg(test)]
mod tests {
    use kareto::{Axis, AxisValues, Objectives};

    use super::*;

    /// A figure over several scenarios is better in the same direction as the figure of one scenario.
    #[test]
    fn improvement_has_the_sense_of_the_figure() {
        let objectives = Objectives::new(1.0, 120.0, 8.0).unwrap();
        let worst = ("worst_throughput_tokens_per_s".to_owned(), 120.0);
        let evaluation = Evaluation { objectives, metrics: [worst, ("ttft_s_p99".to_owned(), 3.0)].into() };
        let better = |figure: &str, base: f64| improvement(figure, base, &evaluation).map(f64::round);
        assert_eq!(better("throughput_tokens_per_s", 100.0), Some(20.0));
        assert_eq!(better("worst_throughput_tokens_per_s", 100.0), Some(20.0));
        assert_eq!(better("ttft_s_p99", 4.0), Some(25.0));
        assert_eq!(better("ttft_s_p99", 0.0), None);
    }

    /// Two loads, three sizes; the baseline is the middle size.
    #[test]
    fn each_regime_has_its_own_baseline_and_best() {
        let axis = |name: &str, values: &[i64]| Axis {
            name: name.to_owned(),
            values: AxisValues::Integers(values.to_vec()),
        };
        let space = DesignSpace::new(vec![axis("load", &[1, 2]), axis("dram_gib", &[0, 512, 1024])]).unwrap();
        let regimes = Regimes { over: vec![1], baseline: vec![1] };
        let mut archive = Archive::new();
        for (point, ttft_s) in space.points().zip([4.0, 2.0, 2.0, 1.0, 10.0, 5.0]) {
            let objectives = Objectives::new(ttft_s, 1.0, 1.0).unwrap();
            archive.insert(point, Evaluation { objectives, metrics: Default::default() }).unwrap();
        }
        let gains = regimes.gains("ttft_s_mean", &archive);
        let told: Vec<_> =
            gains.iter().map(|it| (regimes.key(&space, &it.best), &it.best.0, it.percent)).collect();
        // Under the first load nothing is better than the baseline itself, which stands for its equals.
        assert_eq!(told, [("load=1".to_owned(), &vec![0, 1], 0.0), ("load=2".to_owned(), &vec![1, 0], 90.0)]);
        assert_eq!(regimes.baseline_key(&space), "dram_gib=512");
    }
}
