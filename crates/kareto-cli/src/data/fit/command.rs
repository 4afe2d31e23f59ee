//! The command `kareto fit-profile`: a table of step times in, a profile file out.

use super::{ProfileNames, TableError, fit_profile, parse_table, render_profile, summary};
use clap::Args;
use miette::Diagnostic;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use thiserror::Error;
use tier_sim::step::StepModelError;

/// Fit an engine's step-time profile to a table of step times.
#[derive(Debug, Args)]
pub(crate) struct FitProfile {
    /// Table: CSV with the columns kind,bs,new,ctx,ms (see datasets/README.md)
    table: PathBuf,
    /// Host time per step, added to what the table has [ms]
    #[arg(long, value_name = "MS")]
    host0: f64,
    /// Host time per sequence in a step [ms]
    #[arg(long, value_name = "MS")]
    host1: f64,
    /// Where the host times are from
    #[arg(long, value_name = "TEXT")]
    host_source: String,
    /// Model, by the name of its data file
    #[arg(long)]
    model: String,
    /// GPU, by the name of its data file
    #[arg(long)]
    gpu: String,
    /// GPUs of an instance
    #[arg(long)]
    gpus: u32,
    /// Engine, as readers should know it
    #[arg(long)]
    engine: String,
    /// Where the table is from
    #[arg(long, value_name = "TEXT")]
    source: String,
    /// Profile file to write; its stem is the profile's name
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Why no profile was written; an older file at that path is as it was.
#[derive(Debug, Error, Diagnostic)]
pub(crate) enum FitProfileError {
    /// The table cannot be read.
    #[error("step table {0}: {1}")]
    Unreadable(String, std::io::Error),
    /// The table is not a step table.
    #[error("step table {0}: {1}")]
    Table(String, TableError),
    /// The fit is not a profile.
    #[error("step table {0}: the fitted {1}; are its times in milliseconds?")]
    Fit(String, StepModelError),
    /// A host time that cannot be.
    #[error("`--{key}` is {value}; allowed: 0 to 1000 ms")]
    Host {
        /// Option.
        key: &'static str,
        /// Its value.
        value: f64,
    },
    /// The profile cannot be written.
    #[error("profile {0}: {1}")]
    Write(String, std::io::Error),
}

impl FitProfile {
    /// Fits, writes the profile, and returns what to tell the user: one line per step type.
    ///
    /// # Errors
    /// A table that does not read, a host time out of range, or a profile that cannot be written.
    pub(crate) fn run(&self) -> Result<String, FitProfileError> {
        for (key, value) in [("host0", self.host0), ("host1", self.host1)] {
            if !(0.0..=1000.0).contains(&value) {
                return Err(FitProfileError::Host { key, value });
            }
        }
        let table = self.table.display().to_string();
        let text = std::fs::read_to_string(&self.table)
            .map_err(|error| FitProfileError::Unreadable(table.clone(), error))?;
        let rows = parse_table(&text).map_err(|error| FitProfileError::Table(table.clone(), error))?;
        let fit = fit_profile(&rows).map_err(|error| FitProfileError::Fit(table, error))?;
        let profile = render_profile(&self.names(), &fit);
        replace(&self.output, &profile)
            .map_err(|error| FitProfileError::Write(self.output.display().to_string(), error))?;
        Ok(summary(&fit))
    }

    fn names(&self) -> ProfileNames {
        ProfileNames {
            name: self.output.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            model: self.model.clone(),
            gpu: self.gpu.clone(),
            engine: self.engine.clone(),
            gpus: self.gpus,
            source: self.source.clone(),
            host_per_step_ms: self.host0,
            host_per_sequence_ms: self.host1,
            host_source: self.host_source.clone(),
        }
    }
}

/// Writes beside `path` and renames, so that a full disk leaves the old file.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}
