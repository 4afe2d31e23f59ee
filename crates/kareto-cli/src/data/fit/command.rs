//! The command `kareto fit-profile`: a table of step times in, a profile file out.

use super::{ProfileNames, Row, TableError, parse_table, render, tabulate};
use clap::{Args, ValueEnum};
use miette::Diagnostic;
use std::io::Write as _;
use std::path::PathBuf;
use thiserror::Error;
use tier_sim::step::{StepModel, StepModelError};

use crate::files::try_replace;

/// What a profile says of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Law {
    /// Coefficients fitted to it
    Fit,
    /// Its own times, to be interpolated; for models that no formula follows, such as a mixture of experts
    Table,
}

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
    /// What to write
    #[arg(long, value_enum, default_value_t = Law::Fit)]
    law: Law,
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
    /// The grids of the table are not a profile.
    #[error("step table {0}: {1}")]
    Grid(String, StepModelError),
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
    /// Writes the profile, and returns what to tell the user: one line per step type.
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
        let (profile, summary) = match self.law {
            Law::Fit => {
                let fit = super::fit_profile(&rows).map_err(|error| FitProfileError::Fit(table, error))?;
                (render::render_profile(&self.names(), &fit), render::summary(&fit))
            }
            Law::Table => self.tabulated(&rows, &table)?,
        };
        try_replace(&self.output, |file| file.write_all(profile.as_bytes()))
            .map_err(|error| FitProfileError::Write(self.output.display().to_string(), error))?;
        Ok(summary)
    }

    /// A profile with the table's own times, and how it meets the rows.
    fn tabulated(&self, rows: &[Row], table: &str) -> Result<(String, String), FitProfileError> {
        let times =
            tabulate::tabulate(rows).map_err(|error| FitProfileError::Table(table.to_owned(), error))?;
        let step = times.quantised(1.0, [0.0; 2]);
        let step = step.map_err(|error| FitProfileError::Grid(table.to_owned(), error))?;
        let errors = super::sorted_errors(rows, &StepModel::Table(Box::new(step)));
        Ok((render::render_table(&self.names(), &times), render::table_summary(&errors)))
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
