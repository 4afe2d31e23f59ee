//! Experiment and scenario files: from text to a validated plan. `experiments/FORMAT.md` is the document for people.
//!
//! One way: text -> [`wire`] (unknown keys refused, places kept) -> [`system`], [`trace`], [`claim`] and [`plan`]
//! (every name, unit, file and policy resolved). Nothing here simulates.

pub(crate) mod cases;
pub(crate) mod choices;
pub(crate) mod claim;
pub(crate) mod comparison;
pub(crate) mod configuration;
pub(crate) mod hardware;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod robust;
pub(crate) mod scenario;
pub(crate) mod setting;
pub(crate) mod system;
pub(crate) mod trace;
pub(crate) mod uncertainty;
pub(crate) mod wire;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::CliError;

/// The name of an experiment of any kind, and of its record's folder: that of its file.
pub(crate) fn name(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Refuses files whose records would share a folder, of whatever kinds they are.
pub(crate) fn distinct(files: &[PathBuf]) -> Result<(), CliError> {
    let mut known: BTreeMap<String, &PathBuf> = BTreeMap::new();
    for file in files {
        if let Some(other) = known.insert(name(file), file) {
            return Err(CliError::user(format!(
                "{} and {} are both named `{}`; their records would be one; allowed: distinct names",
                other.display(),
                file.display(),
                name(file)
            )));
        }
    }
    Ok(())
}
