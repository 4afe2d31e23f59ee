//! A comparison of searches, validated: `[compare]` names traces, systems and searches, and everything else of the file
//! is as in an experiment.
//!
//! Every trace is combined with every system; each such case has its full grid.

use std::path::Path;

use kareto::{DesignSpace, SearchRegistry, SearchSpec};
use serde::Deserialize;
use toml::Spanned;

use super::plan::{Scale, SearchPlan, merged, search, space};
use super::setting::Setting;
use super::system::SystemPlan;
use super::trace::TracePlan;
use super::wire;
use crate::Registries;
use crate::error::{CliError, Source};
use crate::evaluate::figure_names;

/// Seeds of the searches that draw, where the file does not say.
const SEEDS: u64 = 20;

/// `[compare]` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wire {
    searches: Option<Vec<Spanned<String>>>,
    seeds: Option<Spanned<u64>>,
    reach: Spanned<f64>,
    trace: Vec<Spanned<WireTrace>>,
    system: Vec<Spanned<WireSystem>>,
}

/// One trace of a comparison: its name, and what `[trace]` has.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireTrace {
    name: Spanned<String>,
    file: Option<Spanned<String>>,
    recipe: Option<Spanned<String>>,
    seed: Option<u64>,
    block_tokens: Option<Spanned<u32>>,
    window: Option<Spanned<wire::Window>>,
    rate: Option<Spanned<f64>>,
    #[serde(default)]
    spread_ties: bool,
    /// Whether the comparison goes on without this trace where the file is not there.
    #[serde(default)]
    may_be_absent: bool,
}

/// One system of a comparison: its name, and what it changes in `[system]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSystem {
    name: Spanned<String>,
    #[serde(default)]
    set: wire::Settings,
}

/// A validated comparison.
pub(crate) struct Comparison {
    /// The file's name without folder and extension: names the record's folder.
    pub(crate) name: String,
    pub(crate) question: String,
    pub(crate) analysis: String,
    pub(crate) scale: Scale,
    pub(crate) seed: u64,
    /// Seeds of the searches that draw.
    pub(crate) seeds: u64,
    /// The share of the full grid's hypervolume to reach.
    pub(crate) reach: f64,
    pub(crate) searches: Vec<SearchSpec>,
    pub(crate) cases: Vec<Case>,
    /// Names of traces whose file is not there and may be absent.
    pub(crate) absent: Vec<String>,
}

/// One trace under one system.
pub(crate) struct Case {
    pub(crate) trace_name: String,
    pub(crate) system_name: String,
    pub(crate) trace: TracePlan,
    pub(crate) system: SystemPlan,
    pub(crate) space: DesignSpace,
    pub(crate) search: SearchPlan,
}

impl Comparison {
    /// Whether a file is one.
    pub(crate) fn is_one(path: &Path) -> Result<bool, CliError> {
        let file: wire::File = Source::read(path)?.parse_toml()?;
        Ok(file.compare.is_some())
    }

    /// Loads and validates a comparison; a trace from the command line takes the place of the file's.
    pub(crate) fn load(
        path: &Path,
        scale: Scale,
        override_trace: Option<&Path>,
        registries: &Registries,
    ) -> Result<Self, CliError> {
        let registry = &registries.policies;
        let source = Source::read(path)?;
        let file: wire::File = source.parse_toml()?;
        let Some(compare) = &file.compare else {
            return Err(source.error_in_file("there is no `[compare]`"));
        };
        if let Some((what, span)) = file.of_a_search_only() {
            let message = format!("{what} belongs to a search, and this file has `[compare]`");
            return Err(source.error(span, message, "here"));
        }
        let changes = match scale {
            Scale::Smoke => file.smoke.as_ref(),
            Scale::Full => file.full.as_ref(),
        };
        let seeds = changes.and_then(|changes| changes.seeds.as_ref()).or(compare.seeds.as_ref());
        if let Some(zero) = seeds.filter(|seeds| *seeds.get_ref() == 0) {
            return Err(source.error(zero.span(), "seeds is 0; allowed: 1 or more", "here"));
        }
        let reach = *compare.reach.get_ref();
        if !(reach > 0.0 && reach <= 1.0) {
            let message = format!("reach is {reach}; allowed: a share above 0, up to 1");
            return Err(source.error(compare.reach.span(), message, "here"));
        }
        let window = changes.and_then(|changes| changes.window.as_ref());
        let (traces, absent) = traces(&source, path, compare, window, override_trace)?;
        let axes = merged(&source, &file.axes, changes.map(|changes| &changes.axes))?;
        let base = SystemPlan::new(&source, path, registry, &file)?;
        let mut cases = Vec::new();
        for wire in &compare.system {
            let system_name = usable_name(&source, &wire.get_ref().name)?;
            let mut system = base.clone();
            for (name, value) in &wire.get_ref().set.0 {
                let setting = Setting::find(name, &base);
                setting
                    .and_then(|setting| setting.apply(name, value, &mut system, registry))
                    .map_err(|message| source.error(wire.span(), message, "in this system"))?;
            }
            let space = space(&source, None, &axes, &mut system, registry)?;
            for (trace_name, trace) in &traces {
                cases.push(Case {
                    trace_name: trace_name.clone(),
                    system_name: system_name.clone(),
                    trace: trace.clone(),
                    system: system.clone(),
                    search: search(&source, &file, None, &figure_names(&base), &registries.searches)?,
                    space: space.clone(),
                });
            }
        }
        if cases.is_empty() {
            return Err(source.error_in_file("a comparison needs a trace that is there, and a system"));
        }
        let name = super::name(path);
        Ok(Self {
            name,
            question: file.question.clone().unwrap_or_default(),
            analysis: file.analysis.clone().unwrap_or_default(),
            scale,
            seed: file.seed,
            seeds: seeds.map_or(SEEDS, |seeds| *seeds.get_ref()),
            reach,
            searches: searches(&source, compare, &registries.searches)?,
            cases,
            absent,
        })
    }
}

/// The searches compared: those named, or all but the full grid.
fn searches(source: &Source, compare: &Wire, registry: &SearchRegistry) -> Result<Vec<SearchSpec>, CliError> {
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

/// The traces to replay, and the names of those that are not there.
fn traces(
    source: &Source,
    path: &Path,
    compare: &Wire,
    window: Option<&Spanned<wire::Window>>,
    override_trace: Option<&Path>,
) -> Result<(Named<TracePlan>, Vec<String>), CliError> {
    let directory = path.parent().unwrap_or(Path::new(""));
    if let Some(file) = override_trace {
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
        let as_filed = wire::Trace {
            file: wire.file.clone(),
            recipe: wire.recipe.clone(),
            seed: wire.seed,
            block_tokens: wire.block_tokens.clone(),
            spread_ties: wire.spread_ties,
            window: wire.window.clone(),
            rate: wire.rate.clone(),
        };
        found.push((name, TracePlan::new(source, directory, Some(&as_filed), window, None)?));
    }
    Ok((found, absent))
}

/// A name that may be part of a file's name.
fn usable_name(source: &Source, name: &Spanned<String>) -> Result<String, CliError> {
    let usable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.get_ref().is_empty() || !name.get_ref().chars().all(usable) {
        let message =
            format!("the name is `{}`; allowed: lower-case letters, digits and `-`", name.get_ref());
        return Err(source.error(name.span(), message, "here"));
    }
    Ok(name.get_ref().clone())
}
