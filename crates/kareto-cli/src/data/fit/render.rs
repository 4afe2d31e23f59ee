//! Writes a fitted profile as a data file, and its errors as a line for people.

use super::{Fit, StepType};
use std::fmt::Write as _;

/// What a profile file says about itself beside the coefficients.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ProfileNames {
    /// Name of the profile, which is also the file's.
    pub(crate) name: String,
    /// Name of the model's data file.
    pub(crate) model: String,
    /// Name of the GPU's data file.
    pub(crate) gpu: String,
    /// Engine, as free text.
    pub(crate) engine: String,
    /// GPUs of an instance (tensor parallel).
    pub(crate) gpus: u32,
    /// Where the table is from.
    pub(crate) source: String,
    /// Host time per step \[ms\].
    pub(crate) host_per_step_ms: f64,
    /// Host time per sequence in a step \[ms\].
    pub(crate) host_per_sequence_ms: f64,
    /// Where the host times are from.
    pub(crate) host_source: String,
}

/// The text of a data file of kind "profile".
#[must_use]
pub(crate) fn render_profile(names: &ProfileNames, fit: &Fit) -> String {
    let mut text =
        String::from("# Fitted by `kareto fit-profile`; change the table or the fit, not this file.\n");
    let mut line = |key: &str, value: String| {
        let _ = writeln!(text, "{key} = {value}");
    };
    line("name", quoted(&names.name));
    line("model", quoted(&names.model));
    line("gpu", quoted(&names.gpu));
    line("gpus", names.gpus.to_string());
    line("engine", quoted(&names.engine));
    line("source", quoted(&names.source));
    line("scale", "1.0".to_owned());
    let _ = write!(
        text,
        "\n[host]\nper_step_ms = {:?}\nper_sequence_ms = {:?}\nsource = {}\n",
        names.host_per_step_ms,
        names.host_per_sequence_ms,
        quoted(&names.host_source)
    );
    let _ = write!(text, "\n[dense]\ntokens = {:?}\nms = {:?}\n", fit.tokens, fit.dense_ms);
    for (step_type, [base, token, work, sequence, context]) in StepType::ALL.iter().zip(fit.attention) {
        let _ = write!(
            text,
            "\n[attention.{step_type}]\nbase_ms = {base:?}\nper_prefill_token_ms = {token:?}\nper_work_ms = {work:?}\n\
             per_decode_ms = {sequence:?}\nper_context_ms = {context:?}\n"
        );
    }
    for (step_type, g) in StepType::ALL.iter().zip(fit.goodness) {
        let _ = write!(
            text,
            "\n[fit.{step_type}]\nrows = {}\nmedian_relative_error = {:.4}\np90_relative_error = {:.4}\n\
             single_median_relative_error = {:.4}\nsingle_p90_relative_error = {:.4}\n",
            g.rows, g.median, g.p90, g.single_median, g.single_p90
        );
    }
    text
}

/// One line per step type: rows, errors, and in brackets those of one set of coefficients for all types.
#[must_use]
pub(crate) fn summary(fit: &Fit) -> String {
    let mut text = String::new();
    for (step_type, g) in StepType::ALL.iter().zip(fit.goodness) {
        let _ = writeln!(
            text,
            "{step_type:<8} {:>4} rows  median {:>5.2} %  p90 {:>5.2} %  (one law for all types: {:.2} %, {:.2} %)",
            g.rows,
            g.median * 100.0,
            g.p90 * 100.0,
            g.single_median * 100.0,
            g.single_p90 * 100.0
        );
    }
    text
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
