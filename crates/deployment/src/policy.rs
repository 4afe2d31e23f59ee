//! Policies as files name them: a name, or a table of a name and parameters, each with its place.

use kv_core::policy::{ParamFault, Registry, Role, Spec};
use tier_sim::Policy;
use toml::Spanned;

use crate::file::{PolicyFile, Value};
use crate::problem::{Problem, Source};

/// Resolves a tier's policy of one role, or `default` where the file names none.
pub(crate) fn policy(
    source: &Source,
    registry: &Registry,
    role: Role,
    choice: Option<&Spanned<PolicyFile>>,
    default: &str,
) -> Result<Policy, Problem> {
    let Some(choice) = choice else {
        return find_policy(registry, role, default, &[]).map_err(|message| source.error_in_file(message));
    };
    let PolicyFile { name, params } = choice.get_ref();
    let spec =
        find_spec(registry, role, name).map_err(|message| source.error(choice.span(), message, "here"))?;
    let mut given = Vec::with_capacity(params.len());
    for (key, value) in params {
        match value.get_ref() {
            Value::Number(number) => given.push((key.get_ref().clone(), *number)),
            Value::Other(text) => {
                let Some(param) = spec.params.iter().find(|param| param.name == key.get_ref()) else {
                    given.push((key.get_ref().clone(), 0.0)); // a key that is not there comes before its value
                    continue;
                };
                let (key, range) = (param.name, param.range());
                let message = format!("policy `{name}`: `{key}` = {text} is not a number in {range}");
                return Err(source.error(value.span(), message, "here"));
            }
        }
    }
    let params = spec.params(&given).map_err(|error| {
        let find = |key: &str| params.iter().find(|(known, _)| known.get_ref() == key);
        let span = match &error.fault {
            ParamFault::Unknown { key, .. } => find(key).map(|(key, _)| key.span()),
            ParamFault::OutOfRange { key, .. } | ParamFault::NotWhole { key, .. } => {
                find(key).map(|(_, value)| value.span())
            }
            ParamFault::Missing { .. } => None,
        };
        source.error(span.unwrap_or(choice.span()), error, "here")
    })?;
    Ok(Policy { spec, params })
}

/// A policy by name with checked parameters.
///
/// # Errors
/// Returns a message that lists the policies, or the range of a parameter.
pub(crate) fn find_policy(
    registry: &Registry,
    role: Role,
    name: &str,
    given: &[(String, f64)],
) -> Result<Policy, String> {
    let spec = find_spec(registry, role, name)?;
    let params = spec.params(given).map_err(|error| error.to_string())?;
    Ok(Policy { spec, params })
}

fn find_spec(registry: &Registry, role: Role, name: &str) -> Result<Spec, String> {
    let kind = match role {
        Role::Eviction => "eviction",
        Role::Lease => "lease",
        Role::Router | Role::Scheduler => unreachable!("not a policy of a tier"),
    };
    let spec = registry.find(role, name).copied();
    spec.ok_or_else(|| format!("there is no {kind} policy `{name}`; allowed: {}", registry.names(role)))
}
