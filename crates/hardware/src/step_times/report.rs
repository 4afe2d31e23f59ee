//! What was measured of a model's steps, as data.

use serde::Serialize;

use super::{Operation, Question, Shape, Step, StepType};
use crate::State;
use crate::machine::{GpuFacts, Machine};

/// The time of an operation for one layer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OperationTime {
    /// Which.
    pub operation: Operation,
    /// Calls of the library.
    pub products: u32,
    /// Median \[s\].
    pub seconds: f64,
    /// Whether half of the times lie further apart than a tenth.
    pub noisy: bool,
    /// Multiplications and additions in a second.
    pub flop_per_s: f64,
    /// Weights, or keys and values, that were read in a second \[B/s\].
    pub read_bytes_per_s: f64,
}

/// A step: measured, and as the simulator has it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StepTime {
    /// What it serves.
    pub step: Step,
    /// Its type.
    pub step_type: StepType,
    /// Dense products over all layers, and the head \[ms\].
    pub dense_ms: f64,
    /// Attention over all layers \[ms\].
    pub attention_ms: f64,
    /// Both \[ms\].
    pub measured_ms: f64,
    /// The profile without the host's time \[ms\].
    pub profile_ms: f64,
    /// The host's time in the profile \[ms\].
    pub profile_host_ms: f64,
    /// (profile - measured) / measured, without the host's time \[%\].
    pub error_percent: f64,
    /// Whether one of its operations was noisy.
    pub noisy: bool,
}

/// Errors of the steps of a type.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Summary {
    /// Which type; `None` for all steps.
    pub step_type: Option<StepType>,
    /// How many steps.
    pub steps: u32,
    /// Median of the errors \[%\].
    pub median_error_percent: f64,
    /// Median of their sizes without the sign \[%\].
    pub median_size_percent: f64,
    /// The largest of these \[%\].
    pub largest_size_percent: f64,
}

/// Step times of a model, measured and as the simulator has them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Version of the program.
    pub program: String,
    /// Day and minute in UTC.
    pub date: String,
    /// The machine.
    pub machine: Machine,
    /// The GPU that measured.
    pub gpu: Option<GpuFacts>,
    /// The library that multiplied.
    pub library: Option<String>,
    /// How far it was measured.
    pub state: State,
    /// How long that took \[s\].
    pub seconds: f64,
    /// Name of the model.
    pub model: String,
    /// GPUs of an instance.
    pub gpus: u32,
    /// Sizes of one GPU's part.
    pub shard: Shape,
    /// Name of the GPU that the profile is of.
    pub profile_gpu: String,
    /// Name of the profile.
    pub profile: String,
    /// Where its times are from.
    pub profile_source: String,
    /// How the figures are to be read.
    pub notes: Vec<String>,
    /// What a step has and nobody measured.
    pub missing: Vec<String>,
    /// Steps that the GPU's memory has no room for.
    pub left_out: Vec<String>,
    /// Errors by type of step.
    pub summaries: Vec<Summary>,
    /// The steps.
    pub steps: Vec<StepTime>,
    /// How much work each of `operations` is.
    pub sizes: Vec<String>,
    /// The operations, each for one layer.
    pub operations: Vec<OperationTime>,
}

impl Report {
    /// A report in which nothing is measured yet.
    pub(super) fn new(question: &Question, shard: Shape, machine: Machine, date: String) -> Self {
        let notes = [
            "An error is (profile - measured) / measured. The profile's time of the host is not in it.",
            "Each operation is timed by events, for layers with weights and KV of their own, after a copy that fills the GPU's \
             cache. It is the median of 5. The steps' times are sums over operations and layers.",
            "Products are cuBLAS in bf16 with sums in fp32.",
            "Attention of a chunk is a stand-in for a fused kernel: products of blocks of up to 256 queries with keys and with \
             values in pieces of 256, and no more keys than the last query of a block sees, so causal work is counted in half, \
             but for the rests of blocks.",
            "Attention of decodes is a product of each sequence's query heads with its keys and with its values, in pieces of 512 \
             tokens; it is bound by the reading of the KV.",
        ];
        let mut missing = [
            "normalisations",
            "rotary embedding",
            "activation of the feed-forward part",
            "softmax, and joining the pieces of attention",
            "writing the KV",
            "embedding and sampling",
        ]
        .map(str::to_owned)
        .to_vec();
        if question.gpus > 1 {
            missing.insert(0, format!("all-reduce among {} GPUs, two in each layer", question.gpus));
        }
        Self {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            date,
            machine,
            gpu: None,
            library: None,
            state: State::Measured,
            seconds: 0.0,
            model: question.model.clone(),
            gpus: question.gpus,
            shard,
            profile_gpu: question.gpu_name.clone(),
            profile: question.profile.clone(),
            profile_source: question.profile_source.clone(),
            notes: notes.map(str::to_owned).to_vec(),
            missing,
            left_out: Vec::new(),
            summaries: Vec::new(),
            steps: Vec::new(),
            sizes: Vec::new(),
            operations: Vec::new(),
        }
    }

    /// Whether the GPU is the stub of our tests.
    #[must_use]
    pub fn is_of_stub(&self) -> bool {
        self.gpu.as_ref().is_some_and(|gpu| gpu.is_stub)
    }

    /// The failure of the machine, where there was one.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        matches!(self.state, State::Failed(_)).then(|| self.state.to_string())
    }

    /// The report as JSON.
    ///
    /// # Panics
    /// Never: it has no maps and no figures that are not numbers.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("plain data") + "\n"
    }
}
