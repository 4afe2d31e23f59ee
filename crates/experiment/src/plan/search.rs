//! A validated search. No mistake in the file is found later than here.

use deployment::{Deployment, FIGURES, Problem, Source, Value};
use kareto::picks::{Bound, Constraint};
use kareto::robust::{self as robustness, Weighing};
use kareto::{DesignSpace, ObjectiveSet, Point, SearchRegistry, SearchSpec};
use kv_core::policy::{ParamFault, ParamSpec, Params};
use toml::Spanned;

use super::axes::{merged, space};
use super::cases::{NamedTraces, named_traces};
use super::claim::{Base, Claim, point};
use super::regimes::Regimes;
use super::sensitivity::SensitivityPlan;
use super::trace::TracePlan;
use super::uncertainty::UncertaintyPlan;
use super::{Input, robust};
use crate::evaluate::{Traces, at_point, figure_names};
use crate::file;

/// A validated experiment.
pub(crate) struct SearchPlan {
    /// Cases or scenarios may have several traces, which have names. A single trace has no name.
    pub(crate) traces: Vec<(String, TracePlan)>,
    /// Traces of cases whose files are absent.
    pub(crate) absent: Vec<String>,
    pub(crate) system: Deployment,
    /// The space that is searched.
    pub(crate) space: DesignSpace,
    /// The space of the archive: the same, with the scenarios in front where there are any.
    pub(crate) archive_space: DesignSpace,
    /// How several scenarios become one figure. Their names are those of the traces.
    pub(crate) weighing: Option<Weighing>,
    pub(crate) search: ChosenSearch,
    pub(crate) uncertainty: Option<UncertaintyPlan>,
    pub(crate) sensitivity: Option<SensitivityPlan>,
    pub(crate) baseline: Option<Point>,
    pub(crate) regimes: Option<Regimes>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) claims: Vec<Claim>,
    /// The figures of an evaluation, of several scenarios those of their aggregate.
    pub(crate) figures: Vec<String>,
}

/// The search, and its settings.
pub(crate) struct ChosenSearch {
    pub(crate) spec: SearchSpec,
    pub(crate) params: Params,
    /// Of the searches that draw.
    pub(crate) seed: u64,
    /// Most points that it may ask for.
    pub(crate) evaluations: Option<usize>,
    /// What an evaluation is judged by; of scenarios, an evaluation under one of them.
    pub(crate) objectives: ObjectiveSet,
}

impl ChosenSearch {
    /// The names of the objectives, where they are others than the standard ones.
    pub(crate) fn other_objectives(&self) -> Vec<String> {
        let names = self.objectives.names().map(str::to_owned);
        if self.objectives.is_default() { Vec::new() } else { names.collect() }
    }
}

/// Refuses a claim about cases beside one of them, where the file does not compare them so.
fn against_something(source: &Source, file: &file::File) -> Result<(), Problem> {
    let compares = file.cases.as_ref().is_some_and(|cases| cases.get_ref().against.is_some());
    let claims = file.claim.iter().map(|claim| &claim.get_ref().metric);
    for metric in claims.filter(|_| !compares) {
        if let file::Metric::Against(share) = metric {
            let message = "a claim with `against` goes with `against` in `[cases]`; it is missing";
            return Err(source.error(share.span(), message, "here"));
        }
    }
    Ok(())
}

impl SearchPlan {
    /// Resolves a search, or the lattice of an experiment of cases.
    pub(super) fn new(input: &Input<'_>) -> Result<Self, Problem> {
        let Input { source, path, file, registry, searches, .. } = input;
        let regimes = Regimes::given(input)?;
        let NamedTraces { plans: traces, axes: of_traces, absent } = named_traces(input)?;
        let mut system =
            Deployment::new(source, path, registry, file.system(source)?, &file.configuration, file.seed)?;
        let axes = merged(input)?;
        let weighing = robust::weighing(source, file)?;
        // Scenarios are no axis of the search.
        let of_cases = if weighing.is_none() { of_traces } else { Vec::new() };
        let space = space(source, of_cases, &axes, &mut system)?;
        let archive_space = robust::archive_space(weighing.as_ref(), &traces, &space)
            .map_err(|error| source.error_in_file(error))?;
        let mut figures = figure_names(&system);
        let of_each = figures.clone();
        if weighing.is_some() {
            figures = robustness::figure_names(&figures);
        }
        let regimes = regimes.map(|given| Regimes::new(input, &given, &space)).transpose()?;
        let one_for_all = file.baseline.as_ref().filter(|_| regimes.is_none());
        let baseline = one_for_all
            .map(|settings| {
                point(settings.get_ref(), &space)
                    .map_err(|m| source.error(settings.span(), m, "the baseline"))
            })
            .transpose()?;
        against_something(source, file)?;
        let claims = file.claim.iter().map(Spanned::get_ref);
        let base = regimes.as_ref().map_or(Base::Point(baseline.as_ref()), Base::Regimes);
        let claims = claims.map(|claim| Claim::new(source, claim, &space, base, &figures));
        let evaluations = input.changes().and_then(|changes| changes.evaluations.as_ref());
        Ok(Self {
            search: search(source, file, evaluations.map(|it| *it.get_ref()), &of_each, searches)?,
            claims: claims.collect::<Result<_, _>>()?,
            constraints: constraints(source, file, &figures)?,
            uncertainty: UncertaintyPlan::new(source, file, &system, &archive_space)?,
            sensitivity: SensitivityPlan::new(source, file, &system, &archive_space)?,
            traces,
            absent,
            baseline,
            regimes,
            system,
            space,
            archive_space,
            weighing,
            figures,
        })
    }

    /// Points that are evaluated even if the search does not ask for them: the baseline, and the points of claims.
    pub(crate) fn points_beside(&self) -> Vec<Point> {
        self.baseline.iter().chain(self.claims.iter().flat_map(Claim::points)).cloned().collect()
    }

    /// What the search sees: its objectives, of scenarios those of what they are made.
    pub(crate) fn objectives(&self) -> ObjectiveSet {
        let of_each = &self.search.objectives;
        self.weighing.as_ref().map_or_else(|| of_each.clone(), |weighing| weighing.objectives(of_each))
    }

    /// What the simulator would refuse, before anything runs.
    pub(crate) fn check(&self, traces: &Traces) -> Result<(), String> {
        let space = &self.archive_space;
        let longest = traces.all.iter().map(|(_, trace)| trace.len()).max().unwrap_or(0);
        for point in checked(space, (MOST_READ / longest.max(1)).min(MOST_CHECKED)) {
            let deployment = at_point(&self.system, space, &point)?;
            deployment
                .check(traces.of(&point))
                .map_err(|problem| format!("{}: {problem}", space.key(&point)))?;
        }
        Ok(())
    }
}

/// The points that are checked: all of a space of a usual size. Of a larger one, every setting of every axis, with all other
/// axes at their first and at their last setting; of a long axis the ends. `most` is about their number.
fn checked(space: &DesignSpace, most: usize) -> impl Iterator<Item = Point> + '_ {
    let is_small = space.size() <= most;
    let from_each_end = (most / space.axes().len() / 4).max(1) as u32;
    let all = if is_small { space.size() } else { 0 };
    let axes = space.axes().iter().enumerate().filter(move |_| !is_small);
    let settings = axes.flat_map(move |(axis, values)| {
        let length = values.len() as u32;
        let end = length.min(from_each_end);
        (0..end).chain((length - end).max(end)..length).map(move |position| (axis, position))
    });
    let crossed = settings.flat_map(move |(axis, position)| {
        space.corners().map(|mut corner| {
            corner.0[axis] = position;
            corner
        })
    });
    (0..all).map(|place| space.point(place)).chain(crossed)
}

/// Spaces of up to this many points are checked point by point.
const MOST_CHECKED: usize = 2048;
/// Requests that all checks together may look at: each looks at all of a trace.
const MOST_READ: usize = 100_000_000;

pub(super) fn search(
    source: &Source,
    file: &file::File,
    evaluations: Option<usize>,
    figures: &[String],
    searches: &SearchRegistry,
) -> Result<ChosenSearch, Problem> {
    let find = |name: &str| searches.find(name).copied();
    let Some(wire) = file.search.as_ref().map(Spanned::get_ref) else {
        let name = "full-grid";
        let spec = find(name).ok_or_else(|| source.error_in_file(format!("there is no search `{name}`")))?;
        let params = spec.params(&[]).map_err(|error| source.error_in_file(error))?;
        return Ok(ChosenSearch {
            spec,
            params,
            seed: file.seed,
            evaluations,
            objectives: ObjectiveSet::default(),
        });
    };
    let name = wire.name.get_ref();
    let spec = find(name).ok_or_else(|| {
        let message = format!("there is no search `{name}`; allowed: {}", searches.names());
        source.error(wire.name.span(), message, "here")
    })?;
    Ok(ChosenSearch {
        params: search_params(source, &spec, wire)?,
        spec,
        seed: file.seed,
        evaluations: evaluations.or(wire.evaluations),
        objectives: objectives(source, wire, figures)?,
    })
}

/// The parameters that a search declares, from the keys of `[search]` that not every search has.
fn search_params(source: &Source, spec: &SearchSpec, wire: &file::Search) -> Result<Params, Problem> {
    let mut given = Vec::with_capacity(wire.params.len());
    for (key, value) in &wire.params {
        let Some(param) = spec.params.iter().find(|param| param.name == key.get_ref()) else {
            let declared = spec.params.iter().map(|param| param.name);
            let known: Vec<String> =
                file::SEARCH_KEYS.into_iter().chain(declared).map(|name| format!("`{name}`")).collect();
            let message = format!("unknown field `{}`, expected one of {}", key.get_ref(), known.join(", "));
            return Err(source.error(key.span(), message, "here"));
        };
        match value.get_ref() {
            Value::Number(number) => given.push((key.get_ref().clone(), *number)),
            Value::Other(text) => {
                let ParamSpec { name: key, unit, min, max, .. } = param;
                let name = spec.name;
                let message =
                    format!("search `{name}`: `{key}` = {text} is not a number in {min}..={max} [{unit}]");
                return Err(source.error(value.span(), message, "here"));
            }
        }
    }
    spec.params(&given).map_err(|error| {
        let place = match &error.fault {
            ParamFault::OutOfRange { key, .. } | ParamFault::NotWhole { key, .. } => {
                wire.params.iter().find(|(known, _)| known.get_ref() == key)
            }
            _ => None,
        };
        source.error(place.map_or(wire.name.span(), |(_, value)| value.span()), error, "here")
    })
}

/// The figures that the search optimises.
fn objectives(source: &Source, wire: &file::Search, figures: &[String]) -> Result<ObjectiveSet, Problem> {
    let Some(names) = &wire.objectives else { return Ok(ObjectiveSet::default()) };
    let wrong = |message: String| source.error(names.span(), message, "here");
    if let Some(name) = names.get_ref().iter().find(|name| !figures.contains(name)) {
        return Err(wrong(format!("there is no figure `{name}`; allowed: {}", figures.join(", "))));
    }
    ObjectiveSet::new(names.get_ref(), &FIGURES).map_err(|error| wrong(error.to_string()))
}

fn constraints(source: &Source, file: &file::File, figures: &[String]) -> Result<Vec<Constraint>, Problem> {
    let constraint = |wire: &Spanned<file::Constraint>| {
        let wrong = |message: String| Err(source.error(wire.span(), message, "here"));
        let wire = wire.get_ref();
        if !figures.contains(&wire.figure) {
            return wrong(format!("there is no figure `{}`; allowed: {}", wire.figure, figures.join(", ")));
        }
        let bound = match (wire.at_most, wire.at_least) {
            (Some(limit), None) => Bound::AtMost(limit),
            (None, Some(limit)) => Bound::AtLeast(limit),
            _ => return wrong("a constraint has either `at_most` or `at_least`".to_owned()),
        };
        Ok(Constraint { figure: wire.figure.clone(), bound })
    };
    file.constraint.iter().map(constraint).collect()
}

#[cfg(test)]
mod tests {
    use kareto::Axis;

    use super::*;

    #[test]
    fn all_points_of_a_small_space_and_the_settings_of_a_large_one() {
        let axis = |name: &str, last: i64| Axis::stepped(name, 0, last, 1).unwrap();
        let space = DesignSpace::new(vec![axis("a", 2), axis("b", 3)]).unwrap();
        assert_eq!(checked(&space, 12).collect::<Vec<_>>(), space.points().collect::<Vec<_>>());
        let told = |space: &DesignSpace, most: usize| {
            checked(space, most).map(|point| point.to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            told(&space, 11),
            "[0 0] [0 3] [2 0] [2 3] [0 0] [2 0] [0 3] [2 3]",
            "one setting from each end of an axis"
        );
        let large = DesignSpace::new(vec![axis("a", 999), axis("b", 999)]).unwrap();
        let points: Vec<Point> = checked(&large, 2048).collect();
        assert_eq!(points.len(), 2048);
        assert!(points.iter().all(|point| large.contains(point)));
        assert!(points.contains(&Point(vec![0, 17])) && points.contains(&Point(vec![983, 999])));
    }
}
