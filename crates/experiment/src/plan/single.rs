//! One configuration to simulate. Its axes are fixed and `--set` is applied.

use std::path::Path;

use deployment::{Deployment, Problem, SettingValue, Source};
use kareto::Axis;
use kv_core::Trace;

use super::Input;
use super::cases::{NamedTraces, named_traces};
use super::trace::TraceFile;
use crate::file::{File, Kind};
use crate::registries::Registries;

/// One deployment with its trace.
pub struct Single {
    /// The deployment that is simulated.
    pub deployment: Deployment,
    /// The trace that is replayed.
    pub trace: Trace,
    /// What the reader of the trace had to assume, a line each.
    pub remarks: Vec<String>,
}

impl Single {
    /// Loads a deployment file or an experiment file, and reads its trace. An axis that `set` does not fix takes its
    /// first value. `set` has texts such as `dram_gib=512`.
    ///
    /// # Errors
    /// Whatever is wrong in the file, in `set` or in the trace.
    pub fn load(
        path: &Path,
        override_trace: Option<&TraceFile>,
        set: &[String],
        registries: &Registries,
    ) -> Result<Self, Problem> {
        Self::of(&Source::read(path)?, path, override_trace, set, registries)
    }

    /// The same of a text that is at hand. Names in it are relative to the folder of `path`, which need not be there.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn of(
        source: &Source,
        path: &Path,
        override_trace: Option<&TraceFile>,
        set: &[String],
        registries: &Registries,
    ) -> Result<Self, Problem> {
        let (registry, searches) = (&registries.of_all_roles(), &registries.searches);
        let file: File = source.parse_toml()?;
        if file.kind(source)? == Kind::EngineRuns {
            let message =
                "a file of recorded runs has no deployment to simulate; allowed: a file with `[system]`";
            return Err(source.error_in_file(message));
        }
        let input =
            Input { source, path, file: &file, scale: None, trace: override_trace, registry, searches };
        let NamedTraces { plans, axes, absent: _ } = named_traces(&input)?;
        // The setting of each axis that chooses the trace.
        let mut chosen = vec![0; axes.len()];
        let base =
            Deployment::new(source, path, registry, file.system(source)?, &file.configuration, file.seed)?;
        let mut system = base.clone();
        for (name, values) in file.axes.iter().flat_map(|axes| &axes.get_ref().0) {
            let wrong = |message| source.error(name.span(), message, "this axis");
            if let Some(value) = first(&base.axis_values(name.get_ref(), values.get_ref()).map_err(wrong)?) {
                let wrong = |message| source.error(values.span(), message, "here");
                system.set(name.get_ref(), &value).map_err(wrong)?;
            }
        }
        for text in set {
            let wrong = |message| Problem::user(format!("--set {text}: {message}"));
            let (name, value) = text
                .split_once('=')
                .ok_or_else(|| wrong("allowed: KEY=VALUE, such as dram_gib=512".to_owned()))?;
            if let Some(place) = axes.iter().position(|axis| axis.name == name) {
                let known = names(&axes[place]);
                let allowed = || format!("there is no {name} `{value}`; allowed: {}", known.join(", "));
                let found = known.iter().position(|known| known == value);
                chosen[place] = found.ok_or_else(|| wrong(allowed()))?;
                continue;
            }
            let value =
                value.parse().map_or_else(|_| SettingValue::Name(value.to_owned()), SettingValue::Integer);
            system.set(name, &value).map_err(wrong)?;
        }
        for tier in system.tiers.iter().filter(|tier| tier.exists()) {
            tier.bought().map_err(|message| source.error_in_file(message))?;
        }
        let place = axes.iter().zip(&chosen).fold(0, |place, (axis, &setting)| place * axis.len() + setting);
        let (trace, remarks) = plans[place].1.load()?;
        Ok(Self { deployment: system, trace, remarks })
    }
}

fn names(axis: &Axis) -> Vec<String> {
    (0..axis.len() as u32).map(|position| axis.value(position).to_string()).collect()
}

fn first(values: &deployment::AxisValues) -> Option<SettingValue> {
    match values {
        deployment::AxisValues::Range { from, .. } => Some(SettingValue::Integer(*from)),
        deployment::AxisValues::Integers(values) => values.first().copied().map(SettingValue::Integer),
        deployment::AxisValues::Names(names) => names.first().cloned().map(SettingValue::Name),
    }
}
