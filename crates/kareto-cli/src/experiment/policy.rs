//! Policies as files name them: a name, or a table of a name and parameters, each with its place.

use std::fmt;

use kv_core::policy::{ParamError, ParamSpec, Registry, Role, Spec};
use serde::Deserialize;
use serde::de::{Error as _, MapAccess, Visitor};
use tier_sim::Policy;
use toml::Spanned;

use crate::error::{CliError, Source};

/// A policy as it is written: its name, or a table of its name and parameters.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    name: String,
    params: Vec<(Spanned<String>, Spanned<Value>)>,
}

/// The value of a parameter. Only numbers are right, and the message for others names policy and range too.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Number(f64),
    Other(String),
}

/// Resolves a tier's policy of one role; `default` where the file names none.
pub(super) fn policy(
    source: &Source,
    registry: &Registry,
    role: Role,
    choice: Option<&Spanned<Wire>>,
    default: &str,
) -> Result<Policy, CliError> {
    let Some(choice) = choice else {
        return find_policy(registry, role, default, &[]).map_err(|message| source.error_in_file(message));
    };
    let Wire { name, params } = choice.get_ref();
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
                let ParamSpec { name: key, unit, min, max, .. } = param;
                let message =
                    format!("policy `{name}`: `{key}` = {text} is not a number in {min}..={max} [{unit}]");
                return Err(source.error(value.span(), message, "here"));
            }
        }
    }
    let params = spec.params(&given).map_err(|error| {
        let find = |key: &str| params.iter().find(|(known, _)| known.get_ref() == key);
        let span = match &error {
            ParamError::Unknown { key, .. } => find(key).map(|(key, _)| key.span()),
            ParamError::OutOfRange { key, .. } => find(key).map(|(_, value)| value.span()),
            ParamError::Missing { .. } => None,
        };
        source.error(span.unwrap_or(choice.span()), error, "here")
    })?;
    Ok(Policy { spec, params })
}

/// A policy by name with checked parameters, or a message that says what there is.
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
    };
    let spec = registry.find(role, name).copied();
    spec.ok_or_else(|| format!("there is no {kind} policy `{name}`; allowed: {}", registry.names(role)))
}

impl<'de> Deserialize<'de> for Wire {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WireVisitor;
        impl<'de> Visitor<'de> for WireVisitor {
            type Value = Wire;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a policy's name, or a table such as `{ policy = \"fixed\", ttl_s = 600 }`")
            }
            fn visit_str<E>(self, name: &str) -> Result<Wire, E> {
                Ok(Wire { name: name.to_owned(), params: Vec::new() })
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Wire, A::Error> {
                let (mut name, mut params) = (None, Vec::new());
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    if key.get_ref() == "policy" {
                        name = Some(map.next_value()?);
                    } else {
                        params.push((key, map.next_value()?));
                    }
                }
                let name = name.ok_or_else(|| A::Error::missing_field("policy"))?;
                Ok(Wire { name, params })
            }
        }
        deserializer.deserialize_any(WireVisitor)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl Visitor<'_> for ValueVisitor {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
                Ok(Value::Number(number))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
                Ok(Value::Number(number as f64))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
                Ok(Value::Number(number as f64))
            }
            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Other(format!("{text:?}")))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Other(value.to_string()))
            }
        }
        deserializer.deserialize_any(ValueVisitor)
    }
}
