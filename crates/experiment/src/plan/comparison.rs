//! A validated comparison of searches. `[compare]` names traces, systems and searches.
//!
//! Every trace is combined with every system. Each such case has its full grid.

use deployment::{Deployment, Problem, Source};
use kareto::{DesignSpace, SearchRegistry, SearchSpec};
use toml::Spanned;

use super::Input;
use super::axes::{merged, space};
use super::trace::TracePlan;
use crate::file::{self, Compare};

/// How many seeds the searches that draw have, where the file does not say.
const SEEDS: u64 = 20;

/// The share of the grid after which searches are judged, where the file does not say.
const BUDGET_SHARE: f64 = 0.15;

/// A validated comparison.
pub(crate) struct ComparisonPlan {
    /// First seed of the searches that draw.
    pub(crate) seed: u64,
    /// How many seeds.
    pub(crate) seeds: u64,
    /// The share of the full grid's hypervolume to reach.
    pub(crate) reach: f64,
    /// The share of the grid after which every search is judged.
    pub(crate) budget_share: f64,
    pub(crate) searches: Vec<SearchSpec>,
    pub(crate) cases: Vec<ComparedCase>,
    /// Names of traces whose files are absent, where the experiment file allows that.
    pub(crate) absent: Vec<String>,
}

/// One trace under one system.
pub(crate) struct ComparedCase {
    pub(crate) trace_name: String,
    pub(crate) system_name: String,
    pub(crate) trace: TracePlan,
    pub(crate) system: Deployment,
    pub(crate) space: DesignSpace,
}

impl ComparisonPlan {
    /// Resolves a comparison. A trace from the command line takes the place of the file's.
    pub(super) fn new(input: &Input<'_>) -> Result<Self, Problem> {
        let Input { source, path, file, registry, searches: known, .. } = *input;
        let compare = file.compare.as_ref().expect("a comparison has the table").get_ref();
        let changes = input.changes();
        let seeds = changes.and_then(|changes| changes.seeds.as_ref()).or(compare.seeds.as_ref());
        if let Some(zero) = seeds.filter(|seeds| *seeds.get_ref() == 0) {
            return Err(source.error(zero.span(), "seeds is 0; allowed: 1 or more", "here"));
        }
        let reach = share(source, "reach", &compare.reach)?;
        let budget_share = compare.budget_share.as_ref();
        let budget_share = budget_share.map_or(Ok(BUDGET_SHARE), |it| share(source, "budget_share", it))?;
        let (traces, absent) = traces(input, compare)?;
        let axes = merged(input)?;
        let base =
            Deployment::new(source, path, registry, file.system(source)?, &file.configuration, file.seed)?;
        let mut cases = Vec::new();
        for wire in &compare.system {
            let system_name = usable_name(source, &wire.get_ref().name)?;
            let mut system = base.clone();
            for (name, value) in &wire.get_ref().set.0 {
                system
                    .set(name, value)
                    .map_err(|message| source.error(wire.span(), message, "in this system"))?;
            }
            let space = space(source, Vec::new(), &axes, &mut system)?;
            for (trace_name, trace) in &traces {
                cases.push(ComparedCase {
                    trace_name: trace_name.clone(),
                    system_name: system_name.clone(),
                    trace: trace.clone(),
                    system: system.clone(),
                    space: space.clone(),
                });
            }
        }
        if cases.is_empty() {
            return Err(source.error_in_file("a comparison needs a trace that is there, and a system"));
        }
        Ok(Self {
            seed: file.seed,
            seeds: seeds.map_or(SEEDS, |seeds| *seeds.get_ref()),
            reach,
            budget_share,
            searches: searches(source, compare, known)?,
            cases,
            absent,
        })
    }
}

/// The share that a key has.
fn share(source: &Source, key: &str, value: &Spanned<f64>) -> Result<f64, Problem> {
    let share = *value.get_ref();
    if share > 0.0 && share <= 1.0 {
        return Ok(share);
    }
    let message = format!("{key} is {share}; allowed: a share above 0, up to 1");
    Err(source.error(value.span(), message, "here"))
}

/// The searches compared: those named, or all but the full grid.
fn searches(
    source: &Source,
    compare: &Compare,
    registry: &SearchRegistry,
) -> Result<Vec<SearchSpec>, Problem> {
    let candidates = || registry.specs().iter().filter(|spec| spec.name != "full-grid").copied();
    let Some(names) = &compare.searches else { return Ok(candidates().collect()) };
    let find = |name: &Spanned<String>| {
        candidates().find(|spec| spec.name == name.get_ref()).ok_or_else(|| {
            let known: Vec<&str> = candidates().map(|spec| spec.name).collect();
            let span = name.span();
            let (name, known) = (name.get_ref(), known.join(", "));
            source.error(span, format!("there is no search `{name}`; allowed: {known}"), "here")
        })
    };
    names.iter().map(find).collect()
}

type Named<T> = Vec<(String, T)>;

/// The traces to replay, and the names of the absent ones.
fn traces(input: &Input<'_>, compare: &Compare) -> Result<(Named<TracePlan>, Vec<String>), Problem> {
    let (source, directory, window) = (input.source, input.directory(), input.window());
    if let Some(file) = input.trace {
        let plan = TracePlan::new(source, directory, None, window, Some(file))?;
        return Ok((vec![("given".to_owned(), plan)], Vec::new()));
    }
    let (mut found, mut absent): (Named<TracePlan>, _) = (Vec::new(), Vec::new());
    for wire in &compare.trace {
        let wire = wire.get_ref();
        let name = usable_name(source, &wire.name)?;
        if found.iter().any(|(known, _)| *known == name) {
            return Err(source.error(wire.name.span(), format!("two traces are named `{name}`"), "here"));
        }
        let is_absent = |file: &Spanned<String>| !directory.join(file.get_ref()).exists();
        if wire.may_be_absent && wire.file.as_ref().is_some_and(is_absent) {
            absent.push(name);
            continue;
        }
        let as_filed = file::Trace {
            file: wire.file.clone(),
            recipe: wire.recipe.clone(),
            seed: wire.seed,
            duration: wire.duration.clone(),
            block_tokens: wire.block_tokens.clone(),
            format: wire.format.clone(),
            time_unit: wire.time_unit.clone(),
            ids: wire.ids.clone(),
            spread_ties: wire.spread_ties,
            window: wire.window.clone(),
            rate: wire.rate.clone(),
            may_be_absent: None,
        };
        found.push((name, TracePlan::new(source, directory, Some(&as_filed), window, None)?));
    }
    Ok((found, absent))
}

/// A name that may be part of a file's name.
fn usable_name(source: &Source, name: &Spanned<String>) -> Result<String, Problem> {
    let usable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.get_ref().is_empty() || !name.get_ref().chars().all(usable) {
        let message =
            format!("the name is `{}`; allowed: lower-case letters, digits and `-`", name.get_ref());
        return Err(source.error(name.span(), message, "here"));
    }
    Ok(name.get_ref().clone())
}
