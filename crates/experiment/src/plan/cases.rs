//! An experiment of cases: every combination of named lists is evaluated and compared. Nothing is searched.
//!
//! The lists are the axes and the traces. Where `[cases]` names traces, `trace` is an axis as others are, and the
//! slowest. The page draws a row for each value of `compare` and a column for each value of `along`. Each combination
//! of the other axes has its own panel.

use std::path::Path;

use deployment::{Problem, Source};
use kareto::DesignSpace;
use kareto::space::{Axis, AxisValue, AxisValues};
use toml::Spanned;
use trace_synth::RATES;

use super::trace::{TracePlan, present};
use super::{Input, robust};
use crate::evaluate::{RATE, SCENARIO, TRACE};
use crate::file;

/// Which values are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CasesPlan {
    /// The axis whose values are compared.
    pub(crate) compare: String,
    /// The axis along which they are compared.
    pub(crate) along: Option<String>,
    /// Values of `compare` that are shown and never called the best: nobody can have them, such as an offline optimum.
    pub(crate) reference: Vec<String>,
    /// Figures that are drawn as surfaces over `compare` and `along`.
    pub(crate) surfaces: Vec<String>,
    /// The value of `compare` that every other one is compared with.
    pub(crate) against: Option<String>,
}

impl CasesPlan {
    /// Resolves `[cases]`. Its names must be names of the space, whose axes the scale may have changed, and its figures
    /// those of evaluations.
    pub(super) fn new(input: &Input<'_>, space: &DesignSpace, figures: &[String]) -> Result<Self, Problem> {
        let (source, changes) = (input.source, input.changes());
        let wire = input.file.cases.as_ref().expect("a file of cases has the table");
        let wire = wire.get_ref();
        let axis = |name: &Spanned<String>| {
            space.axes().iter().find(|axis| axis.name == *name.get_ref()).ok_or_else(|| {
                let known: Vec<&str> = space.axes().iter().map(|axis| axis.name.as_str()).collect();
                let message = format!("there is no axis `{}`; allowed: {}", name.get_ref(), known.join(", "));
                source.error(name.span(), message, "here")
            })
        };
        let compared = axis(&wire.compare)?;
        if let Some(along) = &wire.along
            && axis(along)?.name == compared.name
        {
            let message = format!("along is `{}`, as compare is; allowed: another axis", compared.name);
            return Err(source.error(along.span(), message, "here"));
        }
        let values: Vec<String> = (0..compared.len() as u32).map(|p| compared.value(p).to_string()).collect();
        // A scale may leave references out.
        let scaled = changes
            .and_then(|scale| scale.axes.as_ref())
            .is_some_and(|axes| axes.get_ref().0.iter().any(|(name, _)| *name.get_ref() == compared.name));
        for value in wire.reference.iter().filter(|_| !scaled) {
            if !values.contains(value.get_ref()) {
                let message = format!(
                    "{} is never `{}`; allowed: {}",
                    compared.name,
                    value.get_ref(),
                    values.join(", ")
                );
                return Err(source.error(value.span(), message, "here"));
            }
        }
        let along = wire.along.as_ref().map(axis).transpose()?;
        surfaces(source, wire, [Some(compared), along], figures)?;
        if let Some(against) = wire.against.as_ref().filter(|it| !values.contains(it.get_ref())) {
            let (name, allowed) = (&compared.name, values.join(", "));
            let message = format!("{name} is never `{}`; allowed: {allowed}", against.get_ref());
            return Err(source.error(against.span(), message, "here"));
        }
        Ok(Self {
            surfaces: wire.surfaces.iter().map(|figure| figure.get_ref().clone()).collect(),
            against: wire.against.as_ref().map(|against| against.get_ref().clone()),
            compare: compared.name.clone(),
            along: wire.along.as_ref().map(|along| along.get_ref().clone()),
            reference: wire.reference.iter().map(|value| value.get_ref().clone()).collect(),
        })
    }
}

/// Checks `surfaces`: figures, over two axes of numbers in even steps.
fn surfaces(
    source: &Source,
    wire: &file::Cases,
    axes: [Option<&Axis>; 2],
    figures: &[String],
) -> Result<(), Problem> {
    let Some(first) = wire.surfaces.first() else { return Ok(()) };
    if let Some(other) = wire.surfaces.iter().find(|figure| !figures.contains(figure.get_ref())) {
        let message = format!("there is no figure `{}`; allowed: {}", other.get_ref(), figures.join(", "));
        return Err(source.error(other.span(), message, "here"));
    }
    if !axes.into_iter().all(|axis| axis.is_some_and(is_even)) || wire.against.is_some() {
        let message = "`surfaces` goes with `compare` and `along` that are numbers in even steps, three or more of each, and \
                       without `against`";
        return Err(source.error(first.span(), message, "here"));
    }
    Ok(())
}

/// Whether an axis has three or more numbers in even steps.
fn is_even(axis: &Axis) -> bool {
    let numbers: Option<Vec<i64>> = (0..axis.len() as u32)
        .map(|position| match axis.value(position) {
            AxisValue::Integer(value) => Some(value),
            AxisValue::Category(_) => None,
        })
        .collect();
    let Some(numbers) = numbers else { return false };
    let mut steps = numbers.windows(2).map(|pair| pair[1] - pair[0]);
    let first = steps.next();
    numbers.len() > 2 && steps.all(|step| Some(step) == first)
}

/// The traces of an experiment, and the axes that choose among them.
pub(super) struct NamedTraces {
    /// Names and traces. The last axis moves fastest.
    pub(super) plans: Vec<(String, TracePlan)>,
    /// The axes: of scenarios, of the traces of cases, and of the rates of cases.
    pub(super) axes: Vec<Axis>,
    /// The names of absent traces.
    pub(super) absent: Vec<String>,
}

/// The traces of an experiment: those of `[cases]`, those of the scenarios, or the one of `[trace]` without a name; of
/// cases with rates, each trace at each rate.
pub(super) fn named_traces(input: &Input<'_>) -> Result<NamedTraces, Problem> {
    let mut absent = Vec::new();
    let mut plans = trace_plans(input, &mut absent)?;
    let name = if input.file.scenario.is_some() { SCENARIO } else { TRACE };
    let categories =
        |name: &str, values| Axis { name: name.to_owned(), values: AxisValues::Categories(values) };
    let names: Vec<String> = plans.iter().map(|(name, _)| name.clone()).collect();
    let named = names.first().is_some_and(|name| !name.is_empty());
    let mut axes: Vec<Axis> = named.then(|| categories(name, names)).into_iter().collect();
    if let Some(rates) = input.file.cases.as_ref().and_then(|cases| cases.get_ref().rates.as_ref()) {
        let texts = rate_texts(input, rates)?;
        let all = plans.iter().flat_map(|(name, plan)| {
            rates.get_ref().iter().zip(&texts).map(move |(&rate, text)| {
                let before = if name.is_empty() { "" } else { ", " };
                (format!("{name}{before}rate {text}"), plan.at_rate(rate))
            })
        });
        plans = all.collect();
        axes.push(categories(RATE, texts));
    }
    Ok(NamedTraces { plans, axes, absent })
}

/// The values of the axis of rates.
fn rate_texts(input: &Input<'_>, rates: &Spanned<Vec<f64>>) -> Result<Vec<String>, Problem> {
    let wrong = |message: &str| Err(input.source.error(rates.span(), message, "here"));
    let texts: Vec<String> = rates.get_ref().iter().map(f64::to_string).collect();
    if texts.is_empty() || texts.iter().enumerate().any(|(at, text)| texts[..at].contains(text)) {
        return wrong("`rates` has no rate, or one of them twice; allowed: one or more, each once");
    }
    if !rates.get_ref().iter().all(|rate| RATES.contains(rate)) {
        return wrong("a rate is outside 0.001 to 1000");
    }
    Ok(texts)
}

/// The traces by name, in the order of the file. `override_file` takes the place of the built-in trace where cases also
/// name others.
fn trace_plans(input: &Input<'_>, absent: &mut Vec<String>) -> Result<Vec<(String, TracePlan)>, Problem> {
    let Input { source, file, trace: override_file, .. } = *input;
    let directory: &Path = input.directory();
    if let Some(scenarios) = &file.scenario {
        return robust::trace_plans(input, scenarios);
    }
    let plan =
        |wire: Option<&file::Trace>, other| TracePlan::new(source, directory, wire, input.window(), other);
    let Some(cases) = file.cases.as_ref().filter(|cases| !cases.get_ref().trace.is_empty()) else {
        return Ok(vec![(String::new(), plan(file.trace.as_ref().map(Spanned::get_ref), override_file)?)]);
    };
    if file.trace.is_some() {
        let message = "the traces are those of `[cases]`, and there is a `[trace]` too; allowed: one of them";
        return Err(source.error(cases.span(), message, "here"));
    }
    let mut wires: Vec<_> = cases.get_ref().trace.iter().collect();
    wires.sort_by_key(|(name, _)| name.span().start);
    let built_in = |wire: &file::Trace| wire.file.is_none() && wire.recipe.is_none();
    if let (Some(file), false) = (override_file, wires.iter().any(|(_, wire)| built_in(wire))) {
        let message = format!(
            "--trace {} replaces the built-in trace, and no case has it; allowed: a case without `file` and `recipe`",
            file.path.display()
        );
        return Err(source.error(cases.span(), message, "here"));
    }
    let mut plans = Vec::with_capacity(wires.len());
    for (name, wire) in wires {
        let other = override_file.filter(|_| built_in(wire));
        let Some(wire) = present(wire, directory) else {
            absent.push(name.get_ref().clone());
            continue;
        };
        plans.push((name.get_ref().clone(), plan(Some(&wire), other)?));
    }
    if plans.is_empty() {
        return Err(source.error(cases.span(), "the files of all its traces are absent", "here"));
    }
    Ok(plans)
}
