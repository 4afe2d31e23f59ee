//! A validated search. No mistake in the file is found later than here.

use deployment::{Deployment, Problem, Source};
use kareto::picks::{Bound, Constraint};
use kareto::robust::{self as robustness, Weighing};
use kareto::search::{KaretoSettings, PlusSettings, SEARCHES, SearchSettings, left_out};
use kareto::{DesignSpace, Point};
use toml::Spanned;

use super::axes::{merged, space};
use super::cases::{trace_axis, trace_plans};
use super::claim::{Claim, point};
use super::trace::TracePlan;
use super::uncertainty::UncertaintyPlan;
use super::{Input, robust};
use crate::evaluate::{Traces, at_point, figure_names};
use crate::file;

/// A validated experiment.
pub(crate) struct SearchPlan {
    /// Cases or scenarios may have several traces, which have names. A single trace has no name.
    pub(crate) traces: Vec<(String, TracePlan)>,
    pub(crate) system: Deployment,
    /// The space that is searched.
    pub(crate) space: DesignSpace,
    /// The space of the archive: the same, with the scenarios in front where there are any.
    pub(crate) archive_space: DesignSpace,
    /// How several scenarios become one figure. Their names are those of the traces.
    pub(crate) weighing: Option<Weighing>,
    pub(crate) search: ChosenSearch,
    pub(crate) uncertainty: Option<UncertaintyPlan>,
    pub(crate) baseline: Option<Point>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) claims: Vec<Claim>,
}

/// The search, and its settings.
pub(crate) struct ChosenSearch {
    pub(crate) name: String,
    pub(crate) settings: SearchSettings,
}

impl SearchPlan {
    /// Resolves a search, or the lattice of an experiment of cases.
    pub(super) fn new(input: &Input<'_>) -> Result<Self, Problem> {
        let Input { source, path, file, registry, .. } = input;
        let traces = trace_plans(input)?;
        let mut system =
            Deployment::new(source, path, registry, &file.system, &file.configuration, file.seed)?;
        let axes = merged(input)?;
        let weighing = robust::weighing(source, file)?;
        let of_cases = trace_axis(file, &traces).filter(|_| weighing.is_none());
        let space = space(source, of_cases, &axes, &mut system)?;
        let archive_space = robust::archive_space(weighing.as_ref(), &traces, &space)
            .map_err(|error| source.error_in_file(error))?;
        let mut figures = figure_names(&system);
        if weighing.is_some() {
            figures = robustness::figure_names(&figures);
        }
        let baseline = file
            .baseline
            .as_ref()
            .map(|settings| {
                point(settings.get_ref(), &space)
                    .map_err(|m| source.error(settings.span(), m, "the baseline"))
            })
            .transpose()?;
        let claims = file.claim.iter().map(Spanned::get_ref);
        let claims = claims.map(|claim| Claim::new(source, claim, &space, baseline.as_ref(), &figures));
        let evaluations = input.changes().and_then(|changes| changes.evaluations.as_ref());
        Ok(Self {
            search: search(source, file, evaluations.map(|it| *it.get_ref()))?,
            claims: claims.collect::<Result<_, _>>()?,
            constraints: constraints(source, file, &figures)?,
            uncertainty: UncertaintyPlan::new(source, file, &system, &archive_space)?,
            traces,
            baseline,
            system,
            space,
            archive_space,
            weighing,
        })
    }

    /// Points that are evaluated even if the search does not ask for them: the baseline, and the points of claims.
    pub(crate) fn points_beside(&self) -> Vec<Point> {
        self.baseline.iter().chain(self.claims.iter().flat_map(Claim::points)).cloned().collect()
    }

    /// Reports what the simulator would refuse of the first and the last point of each trace, before anything runs.
    pub(crate) fn check(&self, traces: &Traces) -> Result<(), String> {
        let space = &self.archive_space;
        let of_each = space.size() / traces.all.len();
        for place in (0..traces.all.len()).flat_map(|trace| [trace * of_each, (trace + 1) * of_each - 1]) {
            let point = space.point(place);
            let deployment = at_point(&self.system, space, &point)?;
            deployment
                .check(traces.of(&point))
                .map_err(|problem| format!("{}: {problem}", space.key(&point)))?;
        }
        Ok(())
    }
}

pub(super) fn search(
    source: &Source,
    file: &file::File,
    evaluations: Option<usize>,
) -> Result<ChosenSearch, Problem> {
    let mut settings = SearchSettings {
        seed: file.seed,
        evaluations,
        kareto: KaretoSettings::OURS,
        plus: PlusSettings::OURS,
        known_cost: None,
    };
    let Some(wire) = file.search.as_ref().map(Spanned::get_ref) else {
        return Ok(ChosenSearch { name: "full-grid".to_owned(), settings });
    };
    let name = wire.name.get_ref();
    if !SEARCHES.iter().any(|entry| entry.name == name) {
        let known: Vec<&str> = SEARCHES.iter().map(|entry| entry.name).collect();
        let message = format!("there is no search `{name}`; allowed: {}{}", known.join(", "), left_out(name));
        return Err(source.error(wire.name.span(), message, "here"));
    }
    let threshold = |value: &Option<Spanned<f64>>, what: &str, default: f64| match value {
        Some(value) if !(*value.get_ref() >= 0.0 && value.get_ref().is_finite()) => {
            let message = format!("{what} is {}; allowed: 0 or more", value.get_ref());
            Err(source.error(value.span(), message, "here"))
        }
        Some(value) => Ok(*value.get_ref()),
        None => Ok(default),
    };
    settings.evaluations = evaluations.or(wire.evaluations);
    settings.kareto.tau_e = threshold(&wire.tau_e, "tau_e", settings.kareto.tau_e)?;
    settings.kareto.tau_curvature =
        threshold(&wire.tau_curvature, "tau_curvature", settings.kareto.tau_curvature)?;
    match &wire.coarse_steps {
        Some(steps) if *steps.get_ref() == 0 => {
            return Err(source.error(steps.span(), "coarse_steps is 0; allowed: 1 or more", "here"));
        }
        Some(steps) => settings.kareto.coarse_steps = *steps.get_ref(),
        None => {}
    }
    Ok(ChosenSearch { name: name.clone(), settings })
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
