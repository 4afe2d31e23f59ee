//! An experiment of group TTL, validated: `[group_ttl]` of an experiment file, whose `[system]` has one tier
//! below HBM.

use std::path::Path;

use kareto::ttl::{METHODS, Method};
use kv_core::policy::Registry;
use kv_core::units::parse_duration_ns;
use serde::Deserialize;
use toml::Spanned;

use super::claim::Claim;
use crate::args::RunOptions;
use crate::error::{CliError, Source};
use crate::experiment::plan::Scale;
use crate::experiment::setting::Setting;
use crate::experiment::system::SystemPlan;
use crate::experiment::trace::TracePlan;
use crate::experiment::wire;

/// `[group_ttl]` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wire {
    groups: Spanned<u16>,
    storage_shares: Spanned<Vec<f64>>,
    window: Spanned<String>,
    methods: Vec<Spanned<String>>,
    case: Vec<Spanned<WireCase>>,
    #[serde(default)]
    claim: Vec<super::claim::Wire>,
}

/// One trace, and what it changes in `[system]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCase {
    name: String,
    trace: wire::Trace,
    /// Whether the experiment goes on without this case where the trace's file is not there.
    #[serde(default)]
    may_be_absent: bool,
    #[serde(default)]
    set: wire::Settings,
}

/// A validated experiment.
pub(crate) struct Plan {
    /// The file's name without folder and extension: names the record's folder.
    pub(super) name: String,
    pub(super) question: String,
    pub(super) analysis: String,
    pub(super) scale: Scale,
    pub(super) contest: Contest,
    pub(super) cases: Vec<Case>,
    /// Names of cases whose file is not there and may be absent.
    pub(super) absent: Vec<String>,
    pub(super) claims: Vec<Claim>,
}

/// What is compared on every trace.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Contest {
    /// K.
    pub(super) groups: usize,
    /// Budgets, as shares of the storage with which one TTL has every hit.
    pub(super) storage_shares: Vec<f64>,
    /// Of the online tuner [ns].
    pub(super) window_ns: u64,
    pub(super) methods: Vec<Method>,
}

/// One trace on one system.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) trace: TracePlan,
    pub(super) system: SystemPlan,
}

impl Plan {
    /// The experiment of a file; none if it is of another kind.
    pub(super) fn load(
        path: &Path,
        options: &RunOptions,
        registry: &Registry,
    ) -> Result<Option<Self>, CliError> {
        let source = Source::read(path)?;
        let file: wire::File = source.parse_toml()?;
        let Some(wire) = &file.group_ttl else { return Ok(None) };
        if let Some((what, span)) = file.of_a_search_only() {
            let message = format!("{what} belongs to a search, and this file has `[group_ttl]`");
            return Err(source.error(span, message, "here"));
        }
        let system = SystemPlan::new(&source, path, registry, &file)?;
        if let [tier] = system.tiers.as_slice() {
            if tier.size.is_some() {
                let message = format!(
                    "tier `{}` has a size; here leases rule it, and what it held is bought",
                    tier.name
                );
                return Err(source.error_in_file(message));
            }
        } else {
            let message = format!("{} tiers; group TTLs are of one tier below HBM", system.tiers.len());
            return Err(source.error_in_file(message));
        }
        let window = match options.scale {
            Scale::Smoke => file.smoke.as_ref(),
            Scale::Full => file.full.as_ref(),
        };
        let window = window.and_then(|changes| changes.window.as_ref());
        let (mut cases, mut absent) = (Vec::new(), Vec::new());
        let given = options.trace.as_deref();
        for case in wire.case.iter().take(if given.is_some() { 1 } else { usize::MAX }) {
            let WireCase { name, trace, may_be_absent, set } = case.get_ref();
            let directory = path.parent().unwrap_or(Path::new(""));
            if given.is_none()
                && *may_be_absent
                && trace.file.as_ref().is_some_and(|file| !directory.join(file.get_ref()).exists())
            {
                absent.push(name.clone());
                continue;
            }
            let mut changed = system.clone();
            for (setting, value) in &set.0 {
                Setting::find(setting, &system)
                    .and_then(|found| found.apply(setting, value, &mut changed, registry))
                    .map_err(|message| source.error(case.span(), message, "in this case"))?;
            }
            let trace = TracePlan::new(&source, directory, Some(trace), window, given)?;
            let name = if given.is_some() { trace.name() } else { name.clone() };
            cases.push(Case { name, trace, system: changed });
        }
        if cases.is_empty() {
            return Err(source.error_in_file("there is no `[[group_ttl.case]]` whose trace is there"));
        }
        let names: Vec<&str> = wire.case.iter().map(|case| case.get_ref().name.as_str()).collect();
        let claims = wire.claim.iter().map(|claim| Claim::new(&source, claim, &names));
        Ok(Some(Self {
            name: crate::experiment::name(path),
            question: file.question.clone().unwrap_or_default(),
            analysis: file.analysis.clone().unwrap_or_default(),
            scale: options.scale,
            contest: contest(&source, wire)?,
            claims: claims.collect::<Result<_, _>>()?,
            cases,
            absent,
        }))
    }
}

fn contest(source: &Source, wire: &Wire) -> Result<Contest, CliError> {
    let groups = usize::from(*wire.groups.get_ref());
    if groups == 0 {
        return Err(source.error(wire.groups.span(), "groups is 0; allowed: 1 to 65535", "here"));
    }
    let shares = wire.storage_shares.get_ref().clone();
    if shares.is_empty() || shares.iter().any(|share| !(*share > 0.0 && *share <= 1.0)) {
        let message = format!("storage_shares is {shares:?}; allowed: shares above 0, up to 1");
        return Err(source.error(wire.storage_shares.span(), message, "here"));
    }
    let window_ns = parse_duration_ns(wire.window.get_ref())
        .map_err(|error| source.error(wire.window.span(), error, "here"))?;
    if window_ns == 0 {
        return Err(source.error(wire.window.span(), "window is 0 s; allowed: more", "here"));
    }
    let method = |name: &Spanned<String>| {
        let found = METHODS.iter().find(|(known, _)| known == name.get_ref());
        found.map(|(_, method)| *method).ok_or_else(|| {
            let known = METHODS.map(|(known, _)| known).join(", ");
            let message = format!("there is no method `{}`; allowed: {known}", name.get_ref());
            source.error(name.span(), message, "here")
        })
    };
    let methods = wire.methods.iter().map(method).collect::<Result<Vec<_>, _>>()?;
    let twice = (1..methods.len()).find(|&place| methods[..place].contains(&methods[place]));
    if let Some(place) = twice {
        let message = format!("the method `{}` is named twice; allowed: once", wire.methods[place].get_ref());
        return Err(source.error(wire.methods[place].span(), message, "here"));
    }
    if methods.is_empty() {
        let known = METHODS.map(|(known, _)| known).join(", ");
        return Err(source.error_in_file(format!("methods is empty; allowed: one or more of {known}")));
    }
    Ok(Contest { groups, storage_shares: shares, window_ns, methods })
}
