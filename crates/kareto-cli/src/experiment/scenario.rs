//! One configuration to simulate: a file's system with its axes fixed and `--set` applied.

use std::path::Path;

use kareto::Axis;
use kv_core::policy::Registry;

use super::cases::{trace_axis, trace_plans};
use super::setting::Setting;
use super::system::SystemPlan;
use super::trace::TracePlan;
use super::wire::{self, SettingValue};
use crate::error::{CliError, Source};

/// A validated configuration with its trace.
pub(crate) struct ScenarioPlan {
    pub(crate) system: SystemPlan,
    pub(crate) trace: TracePlan,
}

impl ScenarioPlan {
    /// Loads a scenario or experiment file. An axis that `set` does not fix takes its first value.
    pub(crate) fn load(
        path: &Path,
        override_trace: Option<&Path>,
        set: &[String],
        registry: &Registry,
    ) -> Result<Self, CliError> {
        let source = Source::read(path)?;
        let file: wire::File = source.parse_toml()?;
        let directory = path.parent().unwrap_or(Path::new(""));
        let traces = trace_plans(&source, directory, &file, None, override_trace)?;
        let mut trace = &traces[0].1;
        let base = SystemPlan::new(&source, path, registry, &file)?;
        let mut system = base.clone();
        for (name, values) in &file.axes.0 {
            let wrong = |message| source.error(name.span(), message, "this axis");
            let setting = Setting::find(name.get_ref(), &base).map_err(wrong)?;
            if let Some(value) = first(&setting.expanded(values.get_ref(), &base, registry)) {
                let wrong = |message| source.error(values.span(), message, "here");
                setting.apply(name.get_ref(), &value, &mut system, registry).map_err(wrong)?;
            }
        }
        for text in set {
            let wrong = |message| CliError::user(format!("--set {text}: {message}"));
            let (name, value) = text
                .split_once('=')
                .ok_or_else(|| wrong("allowed: KEY=VALUE, such as dram_gib=512".to_owned()))?;
            if let Some(axis) = trace_axis(&file, &traces).filter(|axis| axis.name == name) {
                let found = traces.iter().find(|(known, _)| known == value);
                let allowed = || format!("there is no {name} `{value}`; allowed: {}", names(&axis));
                trace = &found.ok_or_else(|| wrong(allowed()))?.1;
                continue;
            }
            let setting = Setting::find(name, &base).map_err(wrong)?;
            let value =
                value.parse().map_or_else(|_| SettingValue::Name(value.to_owned()), SettingValue::Integer);
            setting.apply(name, &value, &mut system, registry).map_err(wrong)?;
        }
        for tier in system.tiers.iter().filter(|tier| tier.exists()) {
            tier.bought().map_err(|message| source.error_in_file(message))?;
        }
        Ok(Self { system, trace: trace.clone() })
    }
}

fn names(axis: &Axis) -> String {
    (0..axis.len() as u32).map(|position| axis.value(position).to_string()).collect::<Vec<_>>().join(", ")
}

fn first(values: &wire::AxisValues) -> Option<SettingValue> {
    match values {
        wire::AxisValues::Range { from, .. } => Some(SettingValue::Integer(*from)),
        wire::AxisValues::Integers(values) => values.first().copied().map(SettingValue::Integer),
        wire::AxisValues::Names(names) => names.first().cloned().map(SettingValue::Name),
    }
}
