//! An experiment, validated: nothing that is wrong in the file is found after this.

use std::path::Path;

use kareto::picks::{Bound, Constraint};
use kareto::robust::{self as robustness, Weighing};
use kareto::space::{Axis, AxisValues, SpaceError};
use kareto::{DesignSpace, ObjectiveSet, Point, SearchRegistry, SearchSpec};
use kv_core::policy::{ParamFault, ParamSpec, Params, Registry};
use toml::Spanned;

use super::cases::{CasesPlan, Traces, trace_axis, trace_plans};
use super::claim::{Claim, point};
use super::policy::Value;
use super::robust;
use super::setting::Setting;
use super::system::SystemPlan;
use super::trace::TracePlan;
use super::uncertainty::UncertaintyPlan;
use super::wire::{self, SettingValue};
use crate::Registries;
use crate::error::{CliError, Source};
use crate::evaluate::{FIGURES, at_point, check, figure_names};

/// How much of an experiment is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Scale {
    /// A short window and few points: seconds, to see that everything works.
    Smoke,
    /// What the experiment is about.
    Full,
}

impl Scale {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Full => "full",
        }
    }
}

/// A validated experiment.
pub(crate) struct Experiment {
    /// The file's name without folder and extension: names the record's folder.
    pub(crate) name: String,
    pub(crate) question: String,
    pub(crate) analysis: String,
    pub(crate) scale: Scale,
    /// By name where cases or scenarios have several; without a name where there is one.
    pub(crate) traces: Vec<(String, TracePlan)>,
    /// What is compared, if the experiment is one of cases.
    pub(crate) cases: Option<CasesPlan>,
    pub(crate) system: SystemPlan,
    /// What is searched.
    pub(crate) space: DesignSpace,
    /// What the archive is of: the same, with the scenarios in front where there are any.
    pub(crate) archive_space: DesignSpace,
    /// How scenarios are made one, where there are any; their names are those of the traces.
    pub(crate) weighing: Option<Weighing>,
    pub(crate) search: SearchPlan,
    pub(crate) uncertainty: Option<UncertaintyPlan>,
    pub(crate) baseline: Option<Point>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) claims: Vec<Claim>,
}

/// Which search, and what it is told.
pub(crate) struct SearchPlan {
    pub(crate) spec: SearchSpec,
    pub(crate) params: Params,
    /// Of the searches that draw.
    pub(crate) seed: u64,
    /// Most points that it may ask for.
    pub(crate) evaluations: Option<usize>,
    /// What an evaluation is judged by; of scenarios, an evaluation under one of them.
    pub(crate) objectives: ObjectiveSet,
}

impl SearchPlan {
    /// The names of the objectives, where they are others than the standard ones.
    pub(crate) fn other_objectives(&self) -> Vec<String> {
        let names = self.objectives.names().map(str::to_owned);
        if self.objectives.is_default() { Vec::new() } else { names.collect() }
    }
}

impl Experiment {
    /// Loads and validates an experiment file.
    pub(crate) fn load(
        path: &Path,
        scale: Scale,
        override_trace: Option<&Path>,
        registries: &Registries,
    ) -> Result<Self, CliError> {
        let registry = &registries.policies;
        let source = Source::read(path)?;
        let file: wire::File = source.parse_toml()?;
        if file.compare.is_some() {
            let message =
                "a file with `[compare]` compares searches; `kareto run` runs it, nothing else does";
            return Err(source.error_in_file(message));
        }
        let changes = match scale {
            Scale::Smoke => file.smoke.as_ref(),
            Scale::Full => file.full.as_ref(),
        };
        let directory = path.parent().unwrap_or(Path::new(""));
        let window = changes.and_then(|changes| changes.window.as_ref());
        let traces = trace_plans(&source, directory, &file, window, override_trace)?;
        let mut system = SystemPlan::new(&source, path, registry, &file)?;
        let axes = merged(&source, &file.axes, changes.map(|changes| &changes.axes))?;
        let weighing = robust::weighing(&source, &file)?;
        let of_cases = trace_axis(&file, &traces).filter(|_| weighing.is_none());
        let space = space(&source, of_cases, &axes, &mut system, registry)?;
        let archive_space = robust::archive_space(weighing.as_ref(), &traces, &space)
            .map_err(|error| source.error_in_file(error))?;
        let cases = CasesPlan::new(&source, &file, changes, &space)?;
        let mut figures = figure_names(&system);
        let of_each = figures.clone();
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
        let claims =
            file.claim.iter().map(|claim| Claim::new(&source, claim, &space, baseline.as_ref(), &figures));
        let evaluations = changes.and_then(|changes| changes.evaluations);
        let search = search(&source, &file, evaluations, &of_each, &registries.searches)?;
        let name = super::name(path);
        Ok(Self {
            name,
            question: file.question.clone().unwrap_or_default(),
            analysis: file.analysis.clone().unwrap_or_default(),
            scale,
            traces,
            cases,
            search,
            claims: claims.collect::<Result<_, _>>()?,
            constraints: constraints(&source, &file, &figures)?,
            uncertainty: UncertaintyPlan::new(&source, &file, &system, &archive_space)?,
            baseline,
            system,
            space,
            archive_space,
            weighing,
        })
    }
}

impl Experiment {
    /// Points to be evaluated whatever the search asks: the baseline, and those that claims are about.
    pub(crate) fn points_beside(&self) -> Vec<Point> {
        self.baseline.iter().chain(self.claims.iter().flat_map(Claim::points)).cloned().collect()
    }

    /// What the search sees: its objectives, of scenarios those of what they are made.
    pub(crate) fn objectives(&self) -> ObjectiveSet {
        let of_each = &self.search.objectives;
        self.weighing.as_ref().map_or_else(|| of_each.clone(), |weighing| weighing.objectives(of_each))
    }

    /// What the simulator would refuse of the first and the last point of each trace, before anything runs.
    pub(crate) fn check(&self, traces: &Traces, registry: &Registry) -> Result<(), String> {
        let space = &self.archive_space;
        let of_each = space.size() / traces.all.len();
        for place in (0..traces.all.len()).flat_map(|trace| [trace * of_each, (trace + 1) * of_each - 1]) {
            let point = space.point(place);
            let plan = at_point(&self.system, space, &point, registry)?;
            check(&plan, traces.of(&point)).map_err(|error| format!("{}: {error}", space.key(&point)))?;
        }
        Ok(())
    }
}

/// The axes of the file, with those of the scale in the place of equally named ones.
pub(super) fn merged(
    source: &Source,
    axes: &wire::Axes,
    scale: Option<&wire::Axes>,
) -> Result<wire::AxisTable, CliError> {
    let mut merged = axes.0.clone();
    for (name, values) in scale.iter().flat_map(|axes| &axes.0) {
        match merged.iter_mut().find(|(known, _)| known.get_ref() == name.get_ref()) {
            Some(entry) => entry.1 = values.clone(),
            None => {
                let known: Vec<&str> = axes.0.iter().map(|(known, _)| known.get_ref().as_str()).collect();
                let message = format!(
                    "a scale changes the values of axes, and there is no axis `{}`; allowed: {}",
                    name.get_ref(),
                    known.join(", ")
                );
                return Err(source.error(name.span(), message, "here"));
            }
        }
    }
    Ok(merged)
}

/// The lattice, every value of every axis tried on the system, which then knows all media.
pub(super) fn space(
    source: &Source,
    traces: Option<Axis>,
    axes: &wire::AxisTable,
    system: &mut SystemPlan,
    registry: &Registry,
) -> Result<DesignSpace, CliError> {
    let mut resolved: Vec<Axis> = traces.into_iter().collect();
    let mut last = system.clone();
    for (name, values) in axes {
        let key = name.get_ref();
        let setting =
            Setting::find(key, system).map_err(|message| source.error(name.span(), message, "this axis"))?;
        let wrong = |message: &dyn std::fmt::Display| source.error(values.span(), message, "here");
        let axis = axis(key, &setting.expanded(values.get_ref(), system, registry))
            .map_err(|error| wrong(&error))?;
        for value in positions(&axis) {
            setting.apply(key, &value, &mut last, registry).map_err(|message| wrong(&message))?;
        }
        // On its own, so that mistakes in its values are shown where they stand.
        DesignSpace::new(vec![axis.clone()]).map_err(|error| wrong(&error))?;
        resolved.push(axis);
    }
    system.media = last.media;
    for tier in last.tiers.iter().filter(|tier| tier.exists()) {
        tier.bought().map_err(|message| source.error_in_file(message))?;
    }
    DesignSpace::new(resolved).map_err(|error| match error {
        SpaceError::NoAxes => source.error_in_file("a search needs at least one axis in `[axes]`"),
        error => source.error_in_file(error),
    })
}

fn axis(name: &str, values: &wire::AxisValues) -> Result<Axis, SpaceError> {
    let values = match values {
        wire::AxisValues::Range { from, to, step } => return Axis::stepped(name, *from, *to, *step),
        wire::AxisValues::Integers(integers) => AxisValues::Integers(integers.clone()),
        wire::AxisValues::Names(names) => AxisValues::Categories(names.clone()),
    };
    Ok(Axis { name: name.to_owned(), values })
}

fn positions(axis: &Axis) -> Vec<SettingValue> {
    match &axis.values {
        AxisValues::Integers(integers) => {
            integers.iter().map(|value| SettingValue::Integer(*value)).collect()
        }
        AxisValues::Categories(names) => names.iter().map(|name| SettingValue::Name(name.clone())).collect(),
    }
}

pub(super) fn search(
    source: &Source,
    file: &wire::File,
    evaluations: Option<usize>,
    figures: &[String],
    searches: &SearchRegistry,
) -> Result<SearchPlan, CliError> {
    let find = |name: &str| searches.find(name).copied();
    let Some(wire) = &file.search else {
        let name = "full-grid";
        let spec = find(name).ok_or_else(|| source.error_in_file(format!("there is no search `{name}`")))?;
        let params = spec.params(&[]).map_err(|error| source.error_in_file(error))?;
        return Ok(SearchPlan {
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
    Ok(SearchPlan {
        params: search_params(source, &spec, wire)?,
        spec,
        seed: file.seed,
        evaluations: evaluations.or(wire.evaluations),
        objectives: objectives(source, wire, figures)?,
    })
}

/// The parameters that a search declares, from the keys of `[search]` that not every search has.
fn search_params(source: &Source, spec: &SearchSpec, wire: &wire::Search) -> Result<Params, CliError> {
    let mut given = Vec::with_capacity(wire.params.len());
    for (key, value) in &wire.params {
        let Some(param) = spec.params.iter().find(|param| param.name == key.get_ref()) else {
            let declared = spec.params.iter().map(|param| param.name);
            let known: Vec<String> =
                wire::SEARCH_KEYS.into_iter().chain(declared).map(|name| format!("`{name}`")).collect();
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
            ParamFault::OutOfRange { key, .. } => {
                wire.params.iter().find(|(known, _)| known.get_ref() == key)
            }
            _ => None,
        };
        source.error(place.map_or(wire.name.span(), |(_, value)| value.span()), error, "here")
    })
}

/// The figures that the search optimises.
fn objectives(source: &Source, wire: &wire::Search, figures: &[String]) -> Result<ObjectiveSet, CliError> {
    let Some(names) = &wire.objectives else { return Ok(ObjectiveSet::default()) };
    let wrong = |message: String| source.error(names.span(), message, "here");
    if let Some(name) = names.get_ref().iter().find(|name| !figures.contains(name)) {
        return Err(wrong(format!("there is no figure `{name}`; allowed: {}", figures.join(", "))));
    }
    ObjectiveSet::new(names.get_ref(), &FIGURES).map_err(|error| wrong(error.to_string()))
}

fn constraints(source: &Source, file: &wire::File, figures: &[String]) -> Result<Vec<Constraint>, CliError> {
    let constraint = |wire: &Spanned<wire::Constraint>| {
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
