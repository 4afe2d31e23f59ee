//! `kareto validate`: how true the simulator is to real engines.
//!
//! `validate run` replays recorded runs (`kareto-engine-run/1`) from their headers alone. It prints measured figures,
//! simulated figures and errors. Nothing is fitted to the run. For a run that is replayed from operator times it also
//! prints the one scale factor that would centre the run, and does not use it. `validate hardware` measures this machine, and
//! `validate step-times` a model's step times on its GPU.

mod hardware;
mod operators;
mod render;
mod step_times;

use crate::error::CliError;
use crate::files::replace_with;
use crate::output::print;
use clap::{Args as ClapArgs, Subcommand};
use kv_core::policy::{Registry, Role};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use tier_sim::engine_run::{
    Comparison, EngineRun, ReplayPolicies, StepLaw, compare, read_engine_run, replay_scenario,
};
use tier_sim::{Policy, simulate};

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
    let policies = replay_policies(registry)?;
    let validated: Vec<Validated> =
        args.files.iter().map(|file| validate(file, args, &policies)).collect::<Result<_, _>>()?;
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

/// Finds the four policies of replays, which every registry of ours has.
fn replay_policies(registry: &Registry) -> Result<ReplayPolicies, CliError> {
    let find = |role, name: &str| {
        let spec = registry.find(role, name).copied();
        let spec = spec
            .ok_or_else(|| CliError::user(format!("this program has no policy `{name}`; replays need it")))?;
        let params = spec.params(&[]).map_err(CliError::user)?;
        Ok::<_, CliError>(Policy { spec, params })
    };
    Ok(ReplayPolicies {
        lru: find(Role::Eviction, "lru")?,
        unlimited: find(Role::Lease, "unlimited")?,
        scheduler: find(Role::Scheduler, "vllm-v1")?,
        router: find(Role::Router, "round-robin")?,
    })
}

fn validate(file: &Path, args: &RunArgs, policies: &ReplayPolicies) -> Result<Validated, CliError> {
    let name = file.display().to_string();
    let run = read_engine_run(open(file)?).map_err(|error| CliError::user(format!("{name}: {error}")))?;
    let profiles = match &args.profiles {
        Some(folder) => folder.clone(),
        None => file.parent().unwrap_or(Path::new("")).join("../op-profiles"),
    };
    let replay = |scale: f64| replay(&run, &name, &profiles, policies, scale);
    let comparison = replay(args.scale)?;
    let centring_scale = match run.header.step {
        StepLaw::Profile { .. } => Some(centre(replay)?),
        StepLaw::Additive { .. } => None,
    };
    Ok(Validated { file: name, comparison, centring_scale })
}

fn replay(
    run: &EngineRun,
    name: &str,
    profiles: &Path,
    policies: &ReplayPolicies,
    scale: f64,
) -> Result<Comparison, CliError> {
    let model = match &run.header.step {
        StepLaw::Profile { profile } => Some(operators::load(&profiles.join(profile), scale)?),
        StepLaw::Additive { .. } => None,
    };
    let scenario =
        replay_scenario(&run.header, policies, |_| Ok(model.expect("loaded for a header with a profile")))
            .map_err(|error| CliError::user(format!("{name}: {error}")))?;
    let stats =
        simulate(&scenario, &run.trace).map_err(|error| CliError::user(format!("{name}: {error}")))?;
    Ok(compare(run, &stats))
}

/// Finds the scale at which the mean E2E latency is exact, by bisection: latency grows with step times.
fn centre(replay: impl Fn(f64) -> Result<Comparison, CliError>) -> Result<f64, CliError> {
    let (mut low, mut high) = (0.5, 2.0);
    for _ in 0..16 {
        let middle = (low + high) / 2.0;
        let comparison = replay(middle)?;
        let row = comparison.rows.iter().find(|row| row.figure == "e2e_s_mean");
        match row.and_then(|row| row.error_percent) {
            Some(error) if error > 0.0 => high = middle,
            _ => low = middle,
        }
    }
    Ok((low + high) / 2.0)
}

/// Opens a file, and decompresses it as its first bytes say.
fn open(path: &Path) -> Result<Box<dyn BufRead>, CliError> {
    let unreadable = |error: std::io::Error| CliError::unreadable(path, &error);
    let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
    let start = file.fill_buf().map_err(unreadable)?;
    if start.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(file))));
    }
    if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let decoder = zstd::stream::read::Decoder::with_buffer(file).map_err(unreadable)?;
        return Ok(Box::new(BufReader::new(decoder)));
    }
    Ok(Box::new(file))
}
