//! `kareto policies`: the registry that this program was built with.

use kv_core::policy::{
    EngineDefaults, ParamSpec, Prefetch, PrefetchStart, PrefetchStop, Registry, Role, Spec,
};
use kv_core::units::s_from_ns;
use serde_json::{Value, json};

use crate::args::Policies;
use crate::error::CliError;
use crate::output::{aligned, print};

/// Lists all policies, routers and schedulers, or describes those of one name (two roles may share one).
pub(super) fn policies(args: &Policies, registry: &Registry) -> Result<(), CliError> {
    let named = |spec: &&Spec| args.name.as_ref().is_none_or(|name| spec.name == name);
    let specs: Vec<&Spec> = registry.specs().iter().filter(named).collect();
    if let (Some(name), true) = (&args.name, specs.is_empty()) {
        let known: Vec<&str> = registry.specs().iter().map(|spec| spec.name).collect();
        return Err(CliError::user(format!("there is no policy `{name}`; allowed: {}", known.join(", "))));
    }
    if args.json {
        let rows: Vec<Value> = specs.iter().map(|spec| as_json(spec)).collect();
        return print(&format!("{:#}\n", Value::Array(rows)));
    }
    if args.name.is_some() {
        return print(&specs.iter().map(|spec| described(spec)).collect::<Vec<_>>().join("\n"));
    }
    // The summary is the last column and keeps its width, so it is joined to the aligned columns.
    let rows: Vec<Vec<String>> = specs.iter().map(|s| vec![format!("{:9}  {}", role(s), s.name)]).collect();
    let lines = aligned(&rows);
    let width = lines.lines().map(str::len).max().unwrap_or(0);
    let text = lines.lines().zip(&specs).map(|(line, spec)| format!("{line:width$}  {}\n", spec.summary));
    print(&text.collect::<String>())
}

fn role(spec: &Spec) -> &'static str {
    match spec.role() {
        Role::Eviction => "eviction",
        Role::Lease => "lease",
        Role::Router => "router",
        Role::Scheduler => "scheduler",
    }
}

fn described(spec: &Spec) -> String {
    let mut text = format!("{} ({})\n  {}\n  source: {}\n", spec.name, role(spec), spec.summary, spec.source);
    if spec.params.is_empty() {
        text += "  no parameters\n";
    }
    if let Some(engine) = spec.engine_defaults() {
        text += &format!("  unless a tier says otherwise: {}\n", habits(&engine));
    }
    for param in spec.params {
        let ParamSpec { name, unit, min, max, doc, .. } = param;
        let default = param.default.map_or("required".to_owned(), |value| format!("default {value}"));
        text += &format!("  {name} [{unit}], {min} to {max}, {default}: {doc}\n");
    }
    text
}

/// What a scheduler's engine does with tiers below HBM, in words of the experiment file.
fn habits(engine: &EngineDefaults) -> String {
    let Prefetch { start, min_tokens, stop } = engine.prefetch;
    let prefetch = match (start, stop) {
        (PrefetchStart::Scheduling, _) => "starts at `scheduling` and is waited for".to_owned(),
        (PrefetchStart::Enqueue, PrefetchStop::BestEffort) => {
            format!("of {min_tokens} tokens or more starts at `enqueue` and ends as `best-effort`")
        }
        (PrefetchStart::Enqueue, PrefetchStop::WaitComplete) => {
            format!("of {min_tokens} tokens or more starts at `enqueue` and ends as `wait-complete`")
        }
        (PrefetchStart::Enqueue, PrefetchStop::Timeout { base_ns, per_1024_tokens_ns }) => format!(
            "of {min_tokens} tokens or more starts at `enqueue` and ends by a `timeout` of {} s and {} s for each 1,024 \
             tokens",
            s_from_ns(base_ns),
            s_from_ns(per_1024_tokens_ns)
        ),
    };
    format!(
        "a prefetch {prefetch}; copies are `{}` in the nearest tier and `{}` below",
        engine.nearest_copies.name(),
        engine.far_copies.name()
    )
}

fn as_json(spec: &Spec) -> Value {
    let params = spec.params.iter().map(|param| {
        json!({
            "name": param.name,
            "unit": param.unit,
            "default": param.default,
            "min": param.min,
            "max": param.max,
            "doc": param.doc,
        })
    });
    json!({
        "role": role(spec),
        "name": spec.name,
        "summary": spec.summary,
        "source": spec.source,
        "params": params.collect::<Vec<_>>(),
        "engine_defaults": spec.engine_defaults().map(|engine| habits(&engine)),
    })
}
