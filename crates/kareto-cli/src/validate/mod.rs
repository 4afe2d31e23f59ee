//! `kareto validate`: how true the simulator is to real engines.
//!
//! `validate run` replays recorded runs (`kareto-engine-run/1`) from their headers alone. It prints measured figures,
//! simulated figures and errors. Nothing is fitted to the run. For a run that is replayed from operator times it also
//! prints the one scale factor that would centre the run, and does not use it. `validate hardware` measures this machine, and
//! `validate step-times` a model's step times on its GPU.

mod hardware;
mod render;
mod step_times;

use crate::error::CliError;
use crate::files::replace_with;
use crate::output::print;
use clap::{Args as ClapArgs, Subcommand};
use deployment::Problem;
use engine_runs::{Comparison, Replayer, Run};
use kv_core::policy::Registry;
use std::path::{Path, PathBuf};

/// What to validate.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Replay recorded runs of real engines and compare.
    Run(RunArgs),
    Hardware(hardware::HardwareArgs),
    StepTimes(step_times::StepTimesArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RunArgs {
    /// Recorded runs, format kareto-engine-run/1; plain, .gz or .zst.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Folder with the folders of operator times that headers name. By default `op-profiles` beside the run's folder.
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
    /// Factor on measured operator times; 1 replays them as they are.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Draw measured against simulated TTFT as SVG; with several runs the number of the run is put before the ending.
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Print JSON instead of tables.
    #[arg(long)]
    json: bool,
}

/// A run and its replay.
struct Validated {
    file: String,
    comparison: Comparison,
    /// The factor on operator times at which the mean E2E latency would be exact. `None` for a run with a known law.
    centring_scale: Option<f64>,
}

/// Does what was asked.
pub(crate) fn run(command: &Command, registry: &Registry) -> Result<(), CliError> {
    let args = match command {
        Command::Run(args) => args,
        Command::Hardware(args) => return hardware::run(args),
        Command::StepTimes(args) => return step_times::run(args),
    };
    if !(args.scale.is_finite() && (0.01..=100.0).contains(&args.scale)) {
        return Err(CliError::user(format!("--scale {}: allowed: 0.01 to 100", args.scale)));
    }
    let replayer = Replayer::new(registry)?;
    let validated: Vec<Validated> =
        args.files.iter().map(|file| validate(file, args, &replayer)).collect::<Result<_, _>>()?;
    if let Some(plot) = &args.plot {
        for (number, one) in validated.iter().enumerate() {
            let is_file = whole_file::regular_target(plot).is_ok_and(|it| it.is_some());
            let path =
                if validated.len() == 1 || !is_file { plot.clone() } else { numbered(plot, number + 1) };
            let svg = render::plot(one)?;
            replace_with(&path, svg.as_str().as_bytes())?;
        }
    }
    print(&if args.json { render::json(&validated) } else { render::text(&validated) })
}

/// `dir/name.svg` as `dir/name-2.svg`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = match path.extension() {
        Some(extension) => format!("{stem}-{number}.{}", extension.to_string_lossy()),
        None => format!("{stem}-{number}"),
    };
    path.with_file_name(name)
}

fn validate(file: &Path, args: &RunArgs, replayer: &Replayer) -> Result<Validated, CliError> {
    let mut run = Run::read(file).map_err(Problem::from)?;
    if let Some(folder) = &args.profiles {
        run.profiles.clone_from(folder);
    }
    let comparison = replayer.replay(&run, args.scale).map_err(Problem::from)?;
    let centring_scale = replayer.centring_scale(&run).map_err(Problem::from)?;
    Ok(Validated { file: run.file, comparison, centring_scale })
}
