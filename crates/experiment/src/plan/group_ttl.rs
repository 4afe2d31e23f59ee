//! A validated experiment of group TTL: `[group_ttl]` of an experiment file. Its `[system]` has one tier below HBM.

use deployment::{Deployment, Problem, Source};
use kareto::ttl::METHODS;
use kv_core::units::parse_duration_ns;
use toml::Spanned;

use super::Input;
use super::trace::TracePlan;
use crate::file::{GroupTtl, GroupTtlCase};
use crate::group_ttl::{Claim, Contest};

/// A validated experiment.
pub(crate) struct GroupTtlPlan {
    pub(crate) contest: Contest,
    pub(crate) cases: Vec<TtlCase>,
    /// Names of cases whose files are absent, where the experiment file allows that.
    pub(crate) absent: Vec<String>,
    pub(crate) claims: Vec<Claim>,
}

/// One trace on one system.
pub(crate) struct TtlCase {
    pub(crate) name: String,
    pub(crate) trace: TracePlan,
    pub(crate) system: Deployment,
}

impl GroupTtlPlan {
    /// Resolves an experiment of group TTL.
    pub(super) fn new(input: &Input<'_>) -> Result<Self, Problem> {
        let Input { source, path, file, registry, .. } = *input;
        let wire = file.group_ttl.as_ref().expect("an experiment of group TTL has the table").get_ref();
        let system =
            Deployment::new(source, path, registry, file.system(source)?, &file.configuration, file.seed)?;
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
        let (mut cases, mut absent) = (Vec::new(), Vec::new());
        let given = input.trace;
        for case in wire.case.iter().take(if given.is_some() { 1 } else { usize::MAX }) {
            let GroupTtlCase { name, trace, may_be_absent, set } = case.get_ref();
            let directory = input.directory();
            if given.is_none()
                && *may_be_absent
                && trace.file.as_ref().is_some_and(|file| !directory.join(file.get_ref()).exists())
            {
                absent.push(name.clone());
                continue;
            }
            let mut changed = system.clone();
            for (setting, value) in &set.0 {
                changed
                    .set(setting, value)
                    .map_err(|message| source.error(case.span(), message, "in this case"))?;
            }
            let trace = TracePlan::new(source, directory, Some(trace), input.window(), given)?;
            let name = if given.is_some() { trace.name() } else { name.clone() };
            cases.push(TtlCase { name, trace, system: changed });
        }
        if cases.is_empty() {
            return Err(source.error_in_file("there is no `[[group_ttl.case]]` whose trace is there"));
        }
        let names: Vec<&str> = wire.case.iter().map(|case| case.get_ref().name.as_str()).collect();
        let claims = wire.claim.iter().map(|claim| Claim::new(source, claim, &names));
        Ok(Self { contest: contest(source, wire)?, claims: claims.collect::<Result<_, _>>()?, cases, absent })
    }
}

fn contest(source: &Source, wire: &GroupTtl) -> Result<Contest, Problem> {
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
