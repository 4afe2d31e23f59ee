//! Step times of an engine: a file made by `kareto fit-profile`, or by hand, as the simulator's step model.
//!
//! A profile has either coefficients, `[dense]` and `[attention]`, or the measured times themselves, `[table]`.

mod table;

pub(crate) use table::{BySequences, Chunks, Prompts, Table};

use super::{DataError, DataFile, Gpu, Kind, Model};
use serde::Deserialize;
use std::collections::BTreeMap;
use tier_sim::step::{AttentionCost, StepModel, StepModelError, StepProfile};

/// The longest time that a coefficient may stand for \[ms\].
const MOST_MS: f64 = 1e6;

/// An engine's step-time profile: seconds = scale * (dense + attention of the step type, or a table's time) + host.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    /// Name.
    pub name: String,
    /// Name of the model it was measured with.
    pub(crate) model: String,
    /// Name of the GPU.
    pub(crate) gpu: String,
    /// GPUs of the instance (tensor parallel).
    pub(crate) gpus: u32,
    /// Engine.
    pub(crate) engine: String,
    /// Where the step times are from.
    pub(crate) source: String,
    /// Factor on all but the host's time.
    pub(crate) scale: f64,
    host: Host,
    dense: Option<Dense>,
    attention: Option<AttentionByType>,
    table: Option<Table>,
    /// How well the fit meets its table; for readers.
    #[serde(default)]
    pub(crate) fit: BTreeMap<String, Goodness>,
}

/// The engine's own time between steps, which no kernel table has.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Host {
    per_step_ms: f64,
    per_sequence_ms: f64,
    source: String,
}

/// Times \[ms\] by new tokens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dense {
    pub(crate) tokens: Vec<u32>,
    pub(crate) ms: Vec<f64>,
}

/// Where the step times come from: one of the two.
enum Law<'a> {
    Fitted(&'a Dense, &'a AttentionByType),
    Table(&'a Table),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct AttentionByType {
    decode: Attention,
    prefill: Attention,
    mixed: Attention,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attention {
    base_ms: f64,
    per_prefill_token_ms: f64,
    per_work_ms: f64,
    per_decode_ms: f64,
    per_context_ms: f64,
}

/// Errors of the fit for one step type.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Goodness {
    /// Rows of the table.
    pub(crate) rows: u32,
    /// Median of |fitted - measured| / measured.
    pub(crate) median_relative_error: f64,
    /// 90th percentile of the same.
    pub(crate) p90_relative_error: f64,
    /// Median with one set of attention coefficients for all step types.
    pub(crate) single_median_relative_error: f64,
    /// 90th percentile of that.
    pub(crate) single_p90_relative_error: f64,
}

impl DataFile for Profile {
    const KIND: Kind = Kind::Profile;

    fn check(&self, file: &str) -> Result<(), DataError> {
        if self.gpus == 0 {
            return Err(DataError::value(file, "gpus", 0, "at least 1"));
        }
        let Some(law) = self.law() else {
            let problem = "a profile has either `dense` and `attention`, or `table`".to_owned();
            return Err(DataError::Inconsistent { file: file.to_owned(), key: "table", problem });
        };
        let mut times = self.host.times().to_vec();
        let key = match law {
            Law::Fitted(dense, attention) => {
                times.extend(attention.times());
                times.extend(dense.ms.iter().map(|&ms| ("dense.ms".to_owned(), ms)));
                "dense"
            }
            Law::Table(table) => {
                table.check(file)?;
                "table"
            }
        };
        for (key, ms) in times {
            if !(0.0..=MOST_MS).contains(&ms) {
                return Err(DataError::value(file, &key, ms, format!("0 to {MOST_MS} ms")));
            }
        }
        if !(self.scale > 0.0 && self.scale <= 1000.0) {
            return Err(DataError::value(file, "scale", self.scale, "more than 0, at most 1000"));
        }
        let problem = |error: StepModelError| DataError::Inconsistent {
            file: file.to_owned(),
            key,
            problem: error.to_string(),
        };
        self.quantised().map(|_| ()).map_err(problem)
    }
}

impl Host {
    fn times(&self) -> [(String, f64); 2] {
        [
            ("host.per_step_ms".to_owned(), self.per_step_ms),
            ("host.per_sequence_ms".to_owned(), self.per_sequence_ms),
        ]
    }
}

impl AttentionByType {
    fn times(&self) -> impl Iterator<Item = (String, f64)> {
        let types = [("decode", &self.decode), ("prefill", &self.prefill), ("mixed", &self.mixed)];
        types.into_iter().flat_map(|(step_type, a)| {
            [
                ("base_ms", a.base_ms),
                ("per_prefill_token_ms", a.per_prefill_token_ms),
                ("per_work_ms", a.per_work_ms),
                ("per_decode_ms", a.per_decode_ms),
                ("per_context_ms", a.per_context_ms),
            ]
            .map(|(key, ms)| (format!("attention.{step_type}.{key}"), ms))
        })
    }
}

impl Profile {
    /// The simulator's step model. A calibration may multiply all its times by `factor`.
    ///
    /// # Errors
    /// The factor makes a coefficient impossible. A factor of 1 never does, because loading has checked it.
    pub(crate) fn step_model(&self, factor: f64) -> Result<StepModel, StepModelError> {
        Self { scale: self.scale * factor, ..self.clone() }.quantised()
    }

    /// Whether it is of this model on these GPUs.
    pub(crate) fn is_of(&self, model: &Model, gpu: &Gpu, gpus: u32) -> bool {
        (&self.model, &self.gpu, self.gpus) == (&model.name, &gpu.name, gpus)
    }

    /// What it is of instead.
    pub(crate) fn is_not_of(&self, model: &Model, gpu: &Gpu, gpus: u32) -> String {
        format!(
            "profile `{}` is of {} on {} x {}; allowed: one of {} on {gpus} x {}",
            self.name, self.model, self.gpus, self.gpu, model.name, gpu.name
        )
    }

    /// The step model without the host's time.
    ///
    /// # Errors
    /// Never: loading has checked it.
    pub(crate) fn kernel_model(&self) -> Result<StepModel, StepModelError> {
        let host = Host { per_step_ms: 0.0, per_sequence_ms: 0.0, ..self.host.clone() };
        Self { host, ..self.clone() }.quantised()
    }

    /// Whether the profile has the measured times themselves.
    #[must_use]
    pub(crate) fn is_table(&self) -> bool {
        self.table.is_some()
    }

    fn law(&self) -> Option<Law<'_>> {
        match (&self.dense, &self.attention, &self.table) {
            (Some(dense), Some(attention), None) => Some(Law::Fitted(dense, attention)),
            (None, None, Some(table)) => Some(Law::Table(table)),
            _ => None,
        }
    }

    fn quantised(&self) -> Result<StepModel, StepModelError> {
        let Host { per_step_ms, per_sequence_ms, .. } = self.host;
        let (dense, by_type) = match self.law().expect("checked when it was loaded") {
            Law::Fitted(dense, attention) => (dense, attention),
            Law::Table(table) => {
                let table = table.quantised(self.scale, [per_step_ms, per_sequence_ms])?;
                return Ok(StepModel::Table(Box::new(table)));
            }
        };
        let cost = |a: &Attention| {
            AttentionCost::new(
                a.base_ms,
                a.per_prefill_token_ms,
                a.per_work_ms,
                a.per_decode_ms,
                a.per_context_ms,
            )
        };
        let costs = [cost(&by_type.decode)?, cost(&by_type.prefill)?, cost(&by_type.mixed)?];
        let Dense { tokens, ms } = dense;
        StepProfile::new(tokens, ms, costs, self.scale, per_step_ms, per_sequence_ms).map(StepModel::Profile)
    }
}
