//! A folder of measured operator times as a step model.

use std::path::Path;

use deployment::{Problem, Source};
use tier_sim::step::{OperatorSetup, OperatorTimes, StepModel};

/// The model as `meta.yaml` names it, its layers and its width, from each model's public config.json.
const MODELS: [(&str, u32, u32); 6] = [
    ("meta-llama/Llama-3.1-8B", 32, 4096),
    ("meta-llama/Llama-3.1-70B", 80, 8192),
    ("Qwen/Qwen3-8B", 36, 4096),
    ("Qwen/Qwen3-14B", 40, 5120),
    ("Qwen/Qwen3-32B", 64, 5120),
    ("mistralai/Mistral-7B-v0.1", 32, 4096),
];

/// Loads `dense.csv`, `per_sequence.csv`, `attention.csv` and the model's name in `meta.yaml`. The folder's name ends
/// in `tpN`, where N is the number of GPUs. An all-reduce takes 20 us + bytes / 16 GB/s, as measured between two PCIe
/// cards of the machines that were profiled.
pub(crate) fn load(folder: &Path, scale: f64) -> Result<StepModel, Problem> {
    let text = |file: &str| Source::read(&folder.join(file)).map(|it| it.text().to_owned());
    let here = folder.display();
    let meta = text("meta.yaml")?;
    let model = meta.lines().find_map(|line| line.strip_prefix("model:")).map(str::trim);
    let known = || MODELS.map(|(name, ..)| name).join(", ");
    let model = model.ok_or_else(|| Problem::user(format!("{here}/meta.yaml: `model` is missing")))?;
    let Some(&(_, layers, hidden)) =
        MODELS.iter().find(|(name, ..)| model.trim_matches(['"', '\'']) == *name)
    else {
        return Err(Problem::user(format!("{here}/meta.yaml: `model` = `{model}`; allowed: {}", known())));
    };
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let tensor_parallel = match name.rsplit_once("tp").map(|(_, gpus)| gpus.parse()) {
        Some(Ok(gpus)) if gpus > 0 => gpus,
        _ => return Err(Problem::user(format!("{here}: a folder of operator times ends in `tpN`, N GPUs"))),
    };
    let setup = OperatorSetup {
        layers,
        hidden,
        tensor_parallel,
        all_reduce_us: 20.0,
        all_reduce_bytes_per_s: 16e9,
        scale,
    };
    let times =
        OperatorTimes::parse(setup, &text("dense.csv")?, &text("per_sequence.csv")?, &text("attention.csv")?);
    let times = times.map_err(|error| Problem::user(format!("{here}: {error}")))?;
    Ok(StepModel::Operators(Box::new(times)))
}
