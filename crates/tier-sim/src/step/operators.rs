//! Step time from measured operator times: the sum over layers of what each operator takes at this step's size.
//!
//! A step of T tokens and k sequences takes
//! layers * (2 layernorm + qkv_proj + qk_norm + rotary_emb + o_proj + gate_up_proj + act_fn + down_proj + attention
//! and 2 all-reduce) + embedding + final_layernorm (all at T) + lm_head + sampler (at k).
//! Operators are linear between measured points, and beyond the last one. Attention is interpolated in the four
//! measured coordinates; the largest prefill of a step shares its kernel with the decodes, others add.

use super::attention_grid::AttentionGrid;
use super::{StepModelError, Work};
use std::collections::BTreeMap;

/// Layer operators that every layer runs once (layernorm twice); those a model lacks are simply not in the table.
const PER_LAYER: [(&str, f64); 8] = [
    ("layernorm", 2.0),
    ("qkv_proj", 1.0),
    ("qk_norm", 1.0),
    ("rotary_emb", 1.0),
    ("o_proj", 1.0),
    ("gate_up_proj", 1.0),
    ("act_fn", 1.0),
    ("down_proj", 1.0),
];
/// Operators that run once per step.
const PER_STEP: [&str; 2] = ["embedding", "final_layernorm"];
/// Operators whose size is the number of sequences.
const PER_SEQUENCE: [&str; 2] = ["lm_head", "sampler"];

/// What the tables do not say of the model and its machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatorSetup {
    /// Transformer layers.
    pub layers: u32,
    /// Width of the residual stream \[elements of 2 bytes\]: what an all-reduce moves per token.
    pub hidden: u32,
    /// GPUs that share a layer; more than one adds two all-reduces per layer.
    pub tensor_parallel: u32,
    /// Fixed time of an all-reduce \[us\].
    pub all_reduce_us: f64,
    /// Bandwidth of an all-reduce \[B/s\].
    pub all_reduce_bytes_per_s: f64,
    /// Factor on every step: 1 replays the measurements.
    pub scale: f64,
}

/// Measured operator times, ready for interpolation.
#[derive(Debug, Clone, PartialEq)]
pub struct OperatorTimes {
    setup: OperatorSetup,
    dense: BTreeMap<String, Points>,
    sequences: BTreeMap<String, Points>,
    attention: AttentionGrid,
}

/// (size, time \[us\]), size increasing.
#[derive(Debug, Clone, PartialEq)]
struct Points(Vec<(f64, f64)>);

impl Points {
    fn at(&self, size: f64) -> f64 {
        let points = &self.0;
        if points.len() < 2 {
            return points.first().map_or(0.0, |p| p.1);
        }
        let after = points.partition_point(|p| p.0 <= size).clamp(1, points.len() - 1);
        let ((x0, y0), (x1, y1)) = (points[after - 1], points[after]);
        y0 + (y1 - y0) * (size - x0) / (x1 - x0)
    }
}

impl OperatorTimes {
    /// Reads the three tables, each a CSV with a header: `layer,tokens,time_us`, `layer,sequences,time_us` and
    /// `prefill_chunk,kv_prefill,n_decode,kv_decode,time_us`.
    ///
    /// # Errors
    /// A line that is not of its table, or a table without an operator that every model has.
    pub fn parse(
        setup: OperatorSetup,
        dense_csv: &str,
        per_sequence_csv: &str,
        attention_csv: &str,
    ) -> Result<Self, StepModelError> {
        let dense = points("dense.csv", dense_csv)?;
        let sequences = points("per_sequence.csv", per_sequence_csv)?;
        for (table, key, names) in [
            (&dense, "dense.csv", &["qkv_proj", "embedding"]),
            (&sequences, "per_sequence.csv", &PER_SEQUENCE),
        ] {
            if let Some(missing) = names.iter().find(|name| !table.contains_key(**name)) {
                return Err(StepModelError::Knots { key, problem: format!("no rows of `{missing}`") });
            }
        }
        Ok(Self { setup, dense, sequences, attention: AttentionGrid::parse(attention_csv)? })
    }

    pub(super) fn step_fs(&self, work: &Work<'_>) -> u64 {
        let tokens = work.tokens() as f64;
        let sequences = work.sequences() as f64;
        let dense = |name: &str| self.dense.get(name).map_or(0.0, |points| points.at(tokens));
        let mut layer_us: f64 = PER_LAYER.iter().map(|(name, times)| times * dense(name)).sum();
        layer_us += self.attention_us(work);
        if self.setup.tensor_parallel > 1 {
            let bytes = tokens * f64::from(self.setup.hidden) * 2.0;
            layer_us += 2.0 * (self.setup.all_reduce_us + bytes / self.setup.all_reduce_bytes_per_s * 1e6);
        }
        let mut us = f64::from(self.setup.layers) * layer_us;
        us += PER_STEP.iter().map(|name| dense(name)).sum::<f64>();
        us += PER_SEQUENCE.iter().map(|name| self.sequences[*name].at(sequences)).sum::<f64>();
        (us * self.setup.scale * 1e9).round().max(0.0) as u64
    }

    fn attention_us(&self, work: &Work<'_>) -> f64 {
        // A chunk of one token is a decode to the kernel.
        let ones = work.chunks.iter().filter(|chunk| chunk.new == 1);
        let (mut decodes, mut context) =
            (u64::from(work.decodes), work.decode_context + u64::from(work.decodes));
        for chunk in ones {
            decodes += 1;
            context += u64::from(chunk.context) + 1;
        }
        let mean = if decodes == 0 { 0.0 } else { context as f64 / decodes as f64 };
        let prefills = || work.chunks.iter().filter(|chunk| chunk.new > 1);
        let Some(largest) = prefills().max_by_key(|chunk| (chunk.new, chunk.context)) else {
            return self.attention.at([0.0, 0.0, decodes as f64, mean]);
        };
        let (new, before) = (f64::from(largest.new), f64::from(largest.context));
        let alone = |new: u32, before: u32| self.attention.at([f64::from(new), f64::from(before), 0.0, 0.0]);
        let all: f64 = prefills().map(|chunk| alone(chunk.new, chunk.context)).sum();
        let joint = self.attention.at([new, before, decodes as f64, mean]);
        if decodes == 0 { all } else { all - alone(largest.new, largest.context) + joint }
    }
}

fn points(key: &'static str, csv: &str) -> Result<BTreeMap<String, Points>, StepModelError> {
    let mut tables: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for (number, line) in csv.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()) {
        let problem = || StepModelError::Knots {
            key,
            problem: format!("line {}: `{line}` is not `operator,size,time_us`", number + 1),
        };
        let mut fields = line.trim().split(',');
        let name = fields.next().ok_or_else(problem)?;
        let mut value =
            || -> Option<f64> { fields.next()?.parse().ok().filter(|v: &f64| v.is_finite() && *v >= 0.0) };
        let point = value().zip(value()).ok_or_else(problem)?;
        tables.entry(name.to_owned()).or_default().push(point);
    }
    for (name, points) in &mut tables {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let Some(pair) = points.windows(2).find(|pair| pair[0].0.total_cmp(&pair[1].0).is_eq()) {
            return Err(StepModelError::Knots {
                key,
                problem: format!("`{name}` at {} is given twice", pair[0].0),
            });
        }
    }
    Ok(tables.into_iter().map(|(name, points)| (name, Points(points))).collect())
}
