//! Named configurations: several settings under one name, such as "HBM only".
//!
//! Where a file has configurations, `configuration` is a setting as others are: an axis, `--set configuration=NAME`, or
//! a part of a point in a claim. A configuration cannot contain another.

use crate::deployment::Deployment;
use crate::file::ConfigurationFile;
use crate::problem::{Problem, Source};
use crate::setting::Setting;
use crate::value::SettingValue;

/// The name of the setting and axis that chooses a configuration.
pub(crate) const NAME: &str = "configuration";

/// Settings under a name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Configuration {
    /// Its name.
    pub(crate) name: String,
    settings: Vec<(String, SettingValue)>,
}

/// Resolves the configurations of a file. Their names must be distinct, and every setting is tried on the system.
pub(crate) fn configurations(
    source: &Source,
    wires: &[ConfigurationFile],
    system: &Deployment,
) -> Result<Vec<Configuration>, Problem> {
    let mut known: Vec<Configuration> = Vec::with_capacity(wires.len());
    for wire in wires {
        let name = wire.name.get_ref();
        if known.iter().any(|other| other.name == *name) {
            let message = format!("two configurations are named `{name}`; allowed: distinct names");
            return Err(source.error(wire.name.span(), message, "the second one"));
        }
        let settings = wire.set.get_ref().0.iter().map(|(key, value)| (key.clone(), value.clone()));
        let configuration = Configuration { name: name.clone(), settings: settings.collect() };
        configuration
            .apply(&mut system.clone())
            .map_err(|message| source.error(wire.set.span(), message, "here"))?;
        known.push(configuration);
    }
    Ok(known)
}

impl Configuration {
    /// Changes a deployment into this configuration. After an error the deployment must not be used.
    fn apply(&self, plan: &mut Deployment) -> Result<(), String> {
        for (key, value) in &self.settings {
            let setting = Setting::find(key, plan)?;
            if setting == Setting::Configuration {
                return Err("a configuration cannot contain another".to_owned());
            }
            setting.apply(key, value, plan)?;
        }
        Ok(())
    }
}

/// Changes a deployment into its configuration with this name.
pub(crate) fn apply(name: &str, plan: &mut Deployment) -> Result<(), String> {
    let found = plan.configurations.iter().find(|configuration| configuration.name == name);
    let Some(configuration) = found.cloned() else {
        let known: Vec<&str> = plan.configurations.iter().map(|known| known.name.as_str()).collect();
        return Err(format!("there is no configuration `{name}`; allowed: {}", known.join(", ")));
    };
    configuration.apply(plan)
}
