//! `kareto validate step-times`: a model's step times on the GPU at hand. The library `hardware` measures; this prints.

use std::path::PathBuf;

use clap::Args;
use deployment::{Layers, Model, StepTimes};
use hardware::step_times::{Question, Report, Shape, run as measure};

use super::hardware::problem;
use crate::error::CliError;
use crate::files::replace_with;
use crate::output::{complain, print};

const EXAMPLES: &str = "\
Examples:
  kareto validate step-times --model llama-3.1-8b --gpu-name h100-sxm -o out/steps
  kareto validate step-times --model qwen3-32b --gpu-name h100-sxm --tensor-parallel 4 -o out/steps-tp4
  kareto validate step-times --model ./my-model.toml --gpu-name h100-sxm --profile ./my-profile.toml --json -o out/mine

Where there is no GPU or no cuBLAS, that is said, and is no error. Measuring needs a program built with the feature `cuda`:
  cargo build --release --package kareto-cli --features cuda";

/// Measure the matrix products of a model's engine steps on a GPU, and compare them with the step times of the simulator.
///
/// Takes under a minute, and memory of the GPU for one layer's weights and KV, 2 GiB or more. Do nothing else on the GPU
/// meanwhile. Prefills, decodes and mixed steps are summed from the products of their layers, as cuBLAS computes them in bf16.
/// The profile's own time of the host is left out. What nobody measures is named. The folder gets a page (index.html), the
/// report (report.json), the steps (steps.csv) and the operations of a layer (operations.csv).
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct StepTimesArgs {
    /// A model with `[matrices]`, by name, or a file of one.
    #[arg(long, value_name = "MODEL")]
    model: String,
    /// The GPU that the profile is of, by name, or a file of one.
    #[arg(long, value_name = "NAME")]
    gpu_name: String,
    /// GPUs of an instance. The part of one of them is measured.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    tensor_parallel: u32,
    /// The step times to compare with: a name or a file. By default vLLM's for this model on these GPUs.
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
    /// Which GPU measures, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1023))]
    gpu: u32,
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
    /// Folder for the page and the figures.
    #[arg(short, long = "out", value_name = "DIR")]
    out: PathBuf,
}

/// Measures, writes the files, and prints. Ends with 1 where the machine failed, after all else was written.
pub(super) fn run(args: &StepTimesArgs) -> Result<(), CliError> {
    let question = question(args)?;
    question.shape.shard(question.gpus).map_err(problem)?;
    let unusable = |error: std::io::Error| CliError::user(format!("--out {}: {error}", args.out.display()));
    std::fs::create_dir_all(&args.out).map_err(unusable)?;
    let report = measure(&question).map_err(problem)?;
    write(&report, args)?;
    print(&if args.json { report.to_json() } else { report.text().map_err(problem)? })?;
    complain(&format!("{} has the page", args.out.join("index.html").display()));
    report.failure().map_or(Ok(()), |why| Err(CliError::machine(format!("step times {why}"))))
}

fn question(args: &StepTimesArgs) -> Result<Question, CliError> {
    let model = Model::load(&args.model)?;
    let Some(layers) = model.layers() else {
        let known = Model::names_with_layers().join(", ");
        return Err(CliError::user(format!(
            "--model {}: its file has no `[matrices]`; allowed: {known}, or a file with them",
            args.model
        )));
    };
    let Layers { layers, hidden, query_heads, kv_heads, head_dim, intermediate, vocabulary } = layers;
    let shape = Shape { layers, hidden, query_heads, kv_heads, head_dim, intermediate, vocabulary };
    let times = StepTimes::find(&model, &args.gpu_name, args.tensor_parallel, args.profile.as_deref())?;
    Ok(Question {
        model: model.name,
        shape,
        gpus: args.tensor_parallel,
        gpu_name: args.gpu_name.clone(),
        profile: times.profile,
        profile_source: times.source,
        step: times.step,
        kernels: times.kernels,
        ordinal: args.gpu,
    })
}

fn write(report: &Report, args: &StepTimesArgs) -> Result<(), CliError> {
    let csv = [("steps.csv", report.steps_table()), ("operations.csv", report.operations_table())];
    for (file, table) in csv {
        replace_with(&args.out.join(file), table.map_err(problem)?.to_csv().as_bytes())?;
    }
    replace_with(&args.out.join("report.json"), report.to_json().as_bytes())?;
    replace_with(&args.out.join("index.html"), report.page().map_err(problem)?.as_bytes())
}
