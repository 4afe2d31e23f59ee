//! `[[scenario]]`: several loads, for which one configuration is chosen.
//!
//! A scenario has a trace, which may be a window of another, and perhaps a surge. Every point is evaluated under each
//! scenario. `front` in `[search]` says whether the search sees their weighted mean or their worst case
//! ([`kareto::robust`]).

use std::ops::Range;

use deployment::{FIGURES, Problem, Source, choose};
use kareto::DesignSpace;
use kareto::robust::joint::joint_space;
use kareto::robust::{Aggregate, Weighing};
use kv_core::units::parse_duration_ns;
use toml::Spanned;
use trace_synth::Surge;

use super::Input;
use super::trace::TracePlan;
use crate::evaluate::SCENARIO;
use crate::file::{self, Scenario};

/// How several scenarios become one figure. `None` where the file has no scenarios.
pub(crate) fn weighing(source: &Source, file: &file::File) -> Result<Option<Weighing>, Problem> {
    let front = file.search.as_ref().and_then(|search| search.get_ref().front.as_ref());
    let Some(scenarios) = &file.scenario else {
        return match front {
            Some(front) => {
                let message = "`front` is over scenarios, and there is no `[[scenario]]`";
                Err(source.error(front.span(), message, "without one"))
            }
            None => Ok(None),
        };
    };
    if scenarios.is_empty() {
        return Err(source.error_in_file("scenario is empty; allowed: one `[[scenario]]` or more"));
    }
    let mut weights = Vec::new();
    for wire in scenarios.iter().map(Spanned::get_ref) {
        let Some(weight) = &wire.weight else {
            weights.push(1.0);
            continue;
        };
        if !(*weight.get_ref() >= 0.0 && weight.get_ref().is_finite()) {
            let message = format!("weight is {}; allowed: 0 or more", weight.get_ref());
            return Err(source.error(weight.span(), message, "here"));
        }
        weights.push(*weight.get_ref());
    }
    if !weights.iter().any(|weight| *weight > 0.0) {
        let message = "every scenario has weight 0; allowed: at least one above 0";
        return Err(source.error(scenarios[0].span(), message, "from here on"));
    }
    let chosen = front.map(|front| {
        choose(&Aggregate::ALL, "front", front.get_ref())
            .map_err(|message| source.error(front.span(), message, "here"))
    });
    let front = chosen.transpose()?.unwrap_or_default();
    Ok(Some(Weighing { weights, front, figures: FIGURES }))
}

/// The traces of scenarios by name, in the order of the file. A scenario without a trace has that of `[trace]`.
/// `override_file` replaces all traces that are neither a `file` nor a `recipe` in the scenario itself.
pub(super) fn trace_plans(
    input: &Input<'_>,
    scenarios: &[Spanned<Scenario>],
) -> Result<Vec<(String, TracePlan)>, Problem> {
    let Input { source, file, trace: override_file, .. } = *input;
    let own =
        |wire: &Scenario| wire.trace.as_ref().is_some_and(|it| it.file.is_some() || it.recipe.is_some());
    if let Some(file) = override_file
        && let Some(first) = scenarios.first()
        && scenarios.iter().all(|wire| own(wire.get_ref()))
    {
        let message = format!(
            "--trace {} replaces the trace that is not a scenario's own, and every scenario has one of its own; \
             allowed: a scenario without `file` and `recipe`",
            file.path.display()
        );
        return Err(source.error(first.span(), message, "from here on"));
    }
    let mut plans: Vec<(String, TracePlan)> = Vec::new();
    for wire in scenarios.iter().map(Spanned::get_ref) {
        let name = wire.name.get_ref();
        let usable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(usable) || plans.iter().any(|(known, _)| known == name) {
            let message =
                format!("the scenario's name is `{name}`; allowed: distinct names of a to z, 0 to 9 and `-`");
            return Err(source.error(wire.name.span(), message, "here"));
        }
        let trace = wire.trace.as_ref().or(file.trace.as_ref().map(Spanned::get_ref));
        let other = override_file.filter(|_| !own(wire));
        let plan = TracePlan::new(source, input.directory(), trace, input.window(), other)?;
        let surge = wire.surge.as_ref().map(|wire| surge(source, wire)).transpose()?;
        plans.push((name.clone(), plan.with_surges(surge.into_iter().collect())));
    }
    Ok(plans)
}

fn surge(source: &Source, wire: &file::Surge) -> Result<Surge, Problem> {
    let factor = *wire.factor.get_ref();
    if !(factor > 0.0 && factor <= 100.0) {
        let message = format!("factor is {factor}; allowed: a number above 0, at most 100");
        return Err(source.error(wire.factor.span(), message, "here"));
    }
    let ns = |text: &Spanned<String>| {
        parse_duration_ns(text.get_ref()).map_err(|error| source.error(text.span(), error, "here"))
    };
    let from_ns = wire.from.as_ref().map_or(Ok(0), ns)?;
    let length_ns = wire.length.as_ref().map_or(Ok(u64::MAX), ns)?;
    let range_ns: Range<u64> = from_ns..from_ns.saturating_add(length_ns);
    Ok(Surge { range_ns, factor, seed: wire.seed })
}

/// The space of the archive: that of the search, with the scenarios in front where there are any.
pub(super) fn archive_space(
    weighing: Option<&Weighing>,
    traces: &[(String, TracePlan)],
    space: &DesignSpace,
) -> Result<DesignSpace, kareto::space::SpaceError> {
    match weighing {
        Some(_) => {
            let names: Vec<String> = traces.iter().map(|(name, _)| name.clone()).collect();
            joint_space(SCENARIO, &names, space)
        }
        None => Ok(space.clone()),
    }
}
