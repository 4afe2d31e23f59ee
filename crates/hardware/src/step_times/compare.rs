//! Sums the times of pieces to steps, and compares steps with the simulator's.

use std::collections::BTreeMap;

use super::report::{OperationTime, Report, StepTime, Summary};
use super::{Operation, Piece, Question, Shape, Step, StepType, Timer, pieces, steps};
use crate::Error;
use crate::measure::NOISY_SPREAD;

/// The share of a GPU's memory that an engine fills.
const FILLED: f64 = 0.9;

/// The steps whose weights and KV a GPU of so much memory \[B\] holds, and those that it does not hold.
pub(super) fn fitting(shard: &Shape, memory_bytes: u64) -> (Vec<Step>, Vec<Step>) {
    let usable = (memory_bytes as f64 * FILLED) as u64;
    let needs = |step: &Step| shard.weight_bytes() + step.kv_tokens() * shard.kv_bytes_per_token();
    steps().into_iter().partition(|step| needs(step) <= usable)
}

impl Report {
    /// Measures all steps that the GPU's memory has room for. What was measured before a failure stays.
    pub(super) fn fill(
        &mut self,
        question: &Question,
        timer: &mut dyn Timer,
        memory_bytes: u64,
    ) -> Result<(), Error> {
        let (wanted, others) = fitting(&self.shard, memory_bytes);
        self.left_out = others.iter().map(Step::title).collect();
        let mut known: BTreeMap<(Operation, String), OperationTime> = BTreeMap::new();
        for step in wanted {
            let mut times = Vec::new();
            for piece in pieces(&self.shard, &step) {
                let key = (piece.operation, piece.size.clone());
                let time = match known.get(&key) {
                    Some(time) => *time,
                    None => {
                        let time = operation_time(&piece, timer.seconds(&piece)?);
                        self.sizes.push(piece.size.clone());
                        self.operations.push(time);
                        known.insert(key, time);
                        time
                    }
                };
                times.push((time, piece.times));
            }
            self.steps.push(step_time(question, step, &times));
        }
        self.summaries = summaries(&self.steps);
        Ok(())
    }
}

fn operation_time(piece: &Piece, mut seconds: Vec<f64>) -> OperationTime {
    seconds.sort_by(f64::total_cmp);
    let at = |share: f64| seconds[((seconds.len() - 1) as f64 * share).round() as usize];
    let median = at(0.5);
    OperationTime {
        operation: piece.operation,
        products: piece.products.len() as u32,
        seconds: median,
        noisy: (at(0.75) - at(0.25)) / median > NOISY_SPREAD,
        flop_per_s: piece.operations() / median,
        read_bytes_per_s: piece.cold_bytes as f64 / median,
    }
}

fn step_time(question: &Question, step: Step, times: &[(OperationTime, u32)]) -> StepTime {
    let sum_ms = |of: fn(Operation) -> bool| {
        let chosen = times.iter().filter(|(time, _)| of(time.operation));
        1e3 * chosen.map(|(time, times)| time.seconds * f64::from(*times)).sum::<f64>()
    };
    let measured_ms = sum_ms(|_| true);
    let profile_ms = step.model_ms(&question.kernels);
    StepTime {
        step,
        step_type: step.step_type(),
        dense_ms: sum_ms(|operation| !operation.is_attention()),
        attention_ms: sum_ms(Operation::is_attention),
        measured_ms,
        profile_ms,
        profile_host_ms: step.model_ms(&question.step) - profile_ms,
        error_percent: 100.0 * (profile_ms / measured_ms - 1.0),
        noisy: times.iter().any(|(time, _)| time.noisy),
    }
}

/// One for each type of step that was measured, and one for all.
fn summaries(steps: &[StepTime]) -> Vec<Summary> {
    let types = StepType::ALL.map(Some).into_iter().chain([None]);
    let of = |step_type: Option<StepType>| {
        let chosen = steps.iter().filter(|step| step_type.is_none_or(|it| it == step.step_type));
        let errors: Vec<f64> = chosen.map(|step| step.error_percent).collect();
        let sizes: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
        Some(Summary {
            step_type,
            steps: errors.len() as u32,
            median_error_percent: middle(errors)?,
            median_size_percent: middle(sizes.clone())?,
            largest_size_percent: sizes.into_iter().fold(0.0, f64::max),
        })
    };
    types.filter_map(of).collect()
}

/// The median by nearest rank.
fn middle(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}
