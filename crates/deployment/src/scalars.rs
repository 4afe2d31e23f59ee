//! Single values of `[system]`: names, sizes and counts, each refused at its place.

use kv_core::policy::{Registry, Role};
use kv_core::units::{parse_bytes, parse_duration_ns};
use tier_sim::{MOST_INSTANCES, Policy};
use toml::Spanned;

use crate::choices::{self, Table, choose};
use crate::problem::{Problem, Source};

/// The largest tier \[B\]: 8 PiB. All instances together stay within 64 bits.
pub(crate) const MOST_TIER_BYTES: u64 = 1 << 53;

pub(crate) fn instances(source: &Source, value: Option<&Spanned<u32>>) -> Result<u32, Problem> {
    match value {
        Some(value) if !(1..=MOST_INSTANCES).contains(value.get_ref()) => {
            let message = format!("instances is {}; allowed: 1 to {MOST_INSTANCES}", value.get_ref());
            Err(source.error(value.span(), message, "here"))
        }
        value => Ok(value.map_or(1, |value| *value.get_ref())),
    }
}

pub(crate) fn chosen<T: Copy>(
    source: &Source,
    table: Table<T>,
    what: &str,
    name: Option<&Spanned<String>>,
    default: T,
) -> Result<T, Problem> {
    Ok(named(source, table, what, name)?.unwrap_or(default))
}

/// What the file names; `None` where it names nothing.
pub(crate) fn named<T: Copy>(
    source: &Source,
    table: Table<T>,
    what: &str,
    name: Option<&Spanned<String>>,
) -> Result<Option<T>, Problem> {
    let found = name.map(|name| {
        choose(table, what, name.get_ref()).map_err(|message| source.error(name.span(), message, "here"))
    });
    found.transpose()
}

/// The router or scheduler of a system, or `default` where the file names none.
pub(crate) fn chosen_policy(
    source: &Source,
    registry: &Registry,
    role: Role,
    name: Option<&Spanned<String>>,
    default: &str,
) -> Result<Policy, Problem> {
    let choose = |name: &str| choices::choose_policy(registry, role, role.noun(), name);
    match name {
        None => choose(default).map_err(|message| source.error_in_file(message)),
        Some(name) => choose(name.get_ref()).map_err(|message| source.error(name.span(), message, "here")),
    }
}

pub(crate) fn bytes(source: &Source, text: Option<&Spanned<String>>) -> Result<Option<u64>, Problem> {
    text.map(|text| parse_bytes(text.get_ref()).map_err(|error| source.error(text.span(), error, "here")))
        .transpose()
}

/// \[ns\]
pub(crate) fn duration_ns(source: &Source, text: Option<&Spanned<String>>) -> Result<Option<u64>, Problem> {
    text.map(|text| {
        parse_duration_ns(text.get_ref()).map_err(|error| source.error(text.span(), error, "here"))
    })
    .transpose()
}

pub(crate) fn utilisation(source: &Source, value: Option<&Spanned<f64>>) -> Result<f64, Problem> {
    /// vLLM's `gpu_memory_utilization` default.
    const DEFAULT: f64 = 0.9;
    let Some(value) = value else { return Ok(DEFAULT) };
    let fraction = *value.get_ref();
    if fraction > 0.0 && fraction <= 1.0 {
        return Ok(fraction);
    }
    let message = format!("hbm_utilisation is {fraction}; allowed: a fraction above 0, up to 1");
    Err(source.error(value.span(), message, "here"))
}
