//! An experiment of cases: every combination of named lists is evaluated and compared. Nothing is searched.
//!
//! The lists are the axes and the traces. Where `[cases]` names traces, `trace` is an axis as others are, and the
//! slowest. The page draws a row for each value of `compare` and a column for each value of `along`. Each combination
//! of the other axes has its own panel.

use std::path::Path;

use deployment::Problem;
use kareto::DesignSpace;
use kareto::space::{Axis, AxisValues};
use toml::Spanned;

use super::trace::TracePlan;
use super::{Input, robust};
use crate::evaluate::{SCENARIO, TRACE};
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
}

impl CasesPlan {
    /// Resolves `[cases]`. Its names must be names of the space, whose axes the scale may have changed.
    pub(super) fn new(input: &Input<'_>, space: &DesignSpace) -> Result<Self, Problem> {
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
        Ok(Self {
            compare: compared.name.clone(),
            along: wire.along.as_ref().map(|along| along.get_ref().clone()),
            reference: wire.reference.iter().map(|value| value.get_ref().clone()).collect(),
        })
    }
}

/// The traces of an experiment by name, in the order of the file: those of `[cases]`, those of the scenarios, or the
/// one of `[trace]` without a name. `override_file` takes the place of the built-in trace where cases also name others.
pub(super) fn trace_plans(input: &Input<'_>) -> Result<Vec<(String, TracePlan)>, Problem> {
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
    let plans = wires.into_iter().map(|(name, wire)| {
        let other = override_file.filter(|_| built_in(wire));
        Ok((name.get_ref().clone(), plan(Some(wire), other)?))
    });
    plans.collect()
}

/// The axis of traces that have names: of scenarios, or of cases.
pub(crate) fn trace_axis(file: &file::File, traces: &[(String, TracePlan)]) -> Option<Axis> {
    let axis = if file.scenario.is_some() { SCENARIO } else { TRACE };
    let names: Vec<String> = traces.iter().map(|(name, _)| name.clone()).collect();
    let named = names.first().is_some_and(|name| !name.is_empty());
    named.then(|| Axis { name: axis.to_owned(), values: AxisValues::Categories(names) })
}
