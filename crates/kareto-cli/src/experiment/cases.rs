//! An experiment of cases: every combination of named lists is evaluated and compared, and nothing is searched.
//!
//! The lists are the axes, and the traces: where `[cases]` names some, `trace` is an axis like others, the slowest. What
//! is drawn is `compare`, a row for each of its values, `along` another axis; each combination of what is left is a
//! panel of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use kareto::space::{Axis, AxisValues};
use kareto::{DesignSpace, Point};
use kv_core::Trace;
use serde::Deserialize;
use toml::Spanned;

use super::robust::{self, SCENARIO};
use super::trace::TracePlan;
use super::wire;
use crate::error::{CliError, Source};

/// The axis that chooses a trace.
pub(crate) const TRACE: &str = "trace";

/// `[cases]` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wire {
    compare: Spanned<String>,
    along: Option<Spanned<String>>,
    #[serde(default)]
    reference: Vec<Spanned<String>>,
    #[serde(default)]
    trace: BTreeMap<Spanned<String>, wire::Trace>,
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CasesPlan {
    /// The axis whose values are compared.
    pub(crate) compare: String,
    /// The axis along which they are.
    pub(crate) along: Option<String>,
    /// Values of `compare` that are shown, and never called the best: what cannot be had, such as an offline optimum.
    pub(crate) reference: Vec<String>,
}

impl CasesPlan {
    /// Resolves `[cases]`, if the file has it; its names must be those of the space, whose axes the scale may have
    /// changed.
    pub(crate) fn new(
        source: &Source,
        file: &wire::File,
        changes: Option<&wire::Scale>,
        space: &DesignSpace,
    ) -> Result<Option<Self>, CliError> {
        let Some(wire) = &file.cases else { return Ok(None) };
        let misplaced = [
            (file.search.as_ref().map(|search| search.name.span()), "`[search]`"),
            (file.baseline.as_ref().map(Spanned::span), "`[baseline]`"),
            (file.constraint.first().map(Spanned::span), "`[[constraint]]`"),
        ];
        if let Some((span, what)) = misplaced.into_iter().find_map(|(span, what)| Some((span?, what))) {
            let message = format!("{what} belongs to a search, and `[cases]` evaluates every combination");
            return Err(source.error(span, message, "here"));
        }
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
            .is_some_and(|scale| scale.axes.0.iter().any(|(name, _)| *name.get_ref() == compared.name));
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
        Ok(Some(Self {
            compare: compared.name.clone(),
            along: wire.along.as_ref().map(|along| along.get_ref().clone()),
            reference: wire.reference.iter().map(|value| value.get_ref().clone()).collect(),
        }))
    }
}

/// The traces of an experiment by name, in the order of the file: those of `[cases]` or of its scenarios, or the one of
/// `[trace]` without a name. `override_file` takes the place of the built-in trace, where cases name others beside it.
pub(crate) fn trace_plans(
    source: &Source,
    directory: &Path,
    file: &wire::File,
    scale_window: Option<&Spanned<wire::Window>>,
    override_file: Option<&Path>,
) -> Result<Vec<(String, TracePlan)>, CliError> {
    if let Some(scenarios) = &file.scenario {
        return robust::trace_plans(source, directory, file, scenarios, scale_window, override_file);
    }
    let plan =
        |wire: Option<&wire::Trace>, other| TracePlan::new(source, directory, wire, scale_window, other);
    let Some(cases) = file.cases.as_ref().filter(|cases| !cases.get_ref().trace.is_empty()) else {
        return Ok(vec![(String::new(), plan(file.trace.as_ref(), override_file)?)]);
    };
    if file.trace.is_some() {
        let message = "the traces are those of `[cases]`, and there is a `[trace]` too; allowed: one of them";
        return Err(source.error(cases.span(), message, "here"));
    }
    let mut wires: Vec<_> = cases.get_ref().trace.iter().collect();
    wires.sort_by_key(|(name, _)| name.span().start);
    let built_in = |wire: &wire::Trace| wire.file.is_none() && wire.recipe.is_none();
    if let (Some(file), false) = (override_file, wires.iter().any(|(_, wire)| built_in(wire))) {
        let message = format!(
            "--trace {} replaces the built-in trace, and no case has it; allowed: a case without `file` and `recipe`",
            file.display()
        );
        return Err(source.error(cases.span(), message, "here"));
    }
    let plans = wires.into_iter().map(|(name, wire)| {
        let other = override_file.filter(|_| built_in(wire));
        Ok((name.get_ref().clone(), plan(Some(wire), other)?))
    });
    plans.collect()
}

/// Whether an axis chooses what is replayed, and nothing of the system.
pub(crate) fn chooses_trace(axis: &str) -> bool {
    axis == TRACE || axis == SCENARIO
}

/// The axis of traces that have names: of scenarios, or of cases.
pub(crate) fn trace_axis(file: &wire::File, traces: &[(String, TracePlan)]) -> Option<Axis> {
    let axis = if file.scenario.is_some() { SCENARIO } else { TRACE };
    let names: Vec<String> = traces.iter().map(|(name, _)| name.clone()).collect();
    let named = names.first().is_some_and(|name| !name.is_empty());
    named.then(|| Axis { name: axis.to_owned(), values: AxisValues::Categories(names) })
}

/// The traces of an experiment, read.
pub(crate) struct Traces {
    /// Names and traces; one without a name where there is no axis of them.
    pub(crate) all: Vec<(String, Arc<Trace>)>,
    /// Place of the axis.
    axis: Option<usize>,
}

impl Traces {
    /// Traces in the order of their axis.
    ///
    /// `space` is the archive's.
    pub(crate) fn new(all: Vec<(String, Arc<Trace>)>, space: &DesignSpace) -> Self {
        Self { all, axis: space.axes().iter().position(|axis| chooses_trace(&axis.name)) }
    }

    /// One trace, without an axis.
    pub(crate) fn one(trace: Arc<Trace>) -> Self {
        Self { all: vec![(String::new(), trace)], axis: None }
    }

    /// The trace that a point replays.
    pub(crate) fn of(&self, point: &Point) -> &Trace {
        &self.all[self.axis.map_or(0, |axis| point.0[axis] as usize)].1
    }
}
