//! The command `kareto fit-profile`: a table of step times in, a profile file out.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use deployment::{FitLaw, ProfileNames, fit_table, read_text};

use crate::error::CliError;
use crate::files::replace_with;
use crate::output::print;

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

/// Writes the profile, and tells how well it meets the table: a line for each step type.
pub(super) fn fit_profile(args: &FitProfile) -> Result<(), CliError> {
    for (key, value) in [("host0", args.host0), ("host1", args.host1)] {
        if !(0.0..=1000.0).contains(&value) {
            return Err(CliError::user(format!("`--{key}` is {value}; allowed: 0 to 1000 ms")));
        }
    }
    let table = args.table.display().to_string();
    let text =
        read_text(&args.table).map_err(|error| CliError::user(format!("step table {table}: {error}")))?;
    let law = match args.law {
        Law::Fit => FitLaw::Coefficients,
        Law::Table => FitLaw::Table,
    };
    let fitted = fit_table(&text, &table, law, &args.names())?;
    replace_with(&args.output, fitted.profile.as_bytes())?;
    print(&fitted.summary)
}

impl FitProfile {
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
