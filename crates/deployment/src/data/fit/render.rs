//! Writes a profile as a data file, and its errors as a line for people.

use super::{Fit, StepType};
use crate::data::profile::Table;
use std::fmt::Write as _;

/// What a profile file says about itself beside the coefficients.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileNames {
    /// Name of the profile, which is also the file's.
    pub name: String,
    /// Name of the model's data file.
    pub model: String,
    /// Name of the GPU's data file.
    pub gpu: String,
    /// Engine, as free text.
    pub engine: String,
    /// GPUs of an instance (tensor parallel).
    pub gpus: u32,
    /// Where the table is from.
    pub source: String,
    /// Host time per step \[ms\].
    pub host_per_step_ms: f64,
    /// Host time per sequence in a step \[ms\].
    pub host_per_sequence_ms: f64,
    /// Where the host times are from.
    pub host_source: String,
}

/// The text of a data file of kind "profile" with fitted coefficients.
#[must_use]
pub(crate) fn render_profile(names: &ProfileNames, fit: &Fit) -> String {
    let mut text = head("Fitted by `kareto fit-profile`; change the table or the fit, not this file.", names);
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

/// The text of a data file of kind "profile" with the measured times themselves.
#[must_use]
pub(crate) fn render_table(names: &ProfileNames, table: &Table) -> String {
    let mut text =
        head("Arranged by `kareto fit-profile --law table`; change the table, not this file.", names);
    let mut grid = |part: &str, rows: (&str, &[u32]), columns: (&str, &[u32]), ms: &[Vec<f64>]| {
        let _ =
            write!(text, "\n[table.{part}]\n{} = {:?}\n{} = {:?}\n", rows.0, rows.1, columns.0, columns.1);
        let _ = writeln!(text, "ms = [");
        ms.iter().for_each(|row| {
            let _ = writeln!(text, "    {row:?},");
        });
        let _ = writeln!(text, "]");
    };
    let Table { decode, prefill, shared, chunk_attention, decode_attention } = table;
    grid("decode", ("sequences", &decode.sequences), ("contexts", &decode.contexts), &decode.ms);
    grid("prefill", ("tokens", &prefill.tokens), ("contexts", &prefill.contexts), &prefill.ms);
    let chunks = chunk_attention;
    grid("chunk_attention", ("tokens", &chunks.tokens), ("prompts", &chunks.prompts), &chunks.ms);
    let decodes = decode_attention;
    grid("decode_attention", ("sequences", &decodes.sequences), ("contexts", &decodes.contexts), &decodes.ms);
    let _ = write!(text, "\n[table.shared]\ntokens = {:?}\nms = {:?}\n", shared.tokens, shared.ms);
    text
}

/// What all profiles begin with.
fn head(made: &str, names: &ProfileNames) -> String {
    let mut text = format!("# {made}\n");
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

/// One line for each step type: its rows, and the error of the times that a simulation would use. The error is 0,
/// except for prefills of several sequences, which are not in the table.
#[must_use]
pub(crate) fn table_summary(errors: &[(StepType, Vec<f64>)]) -> String {
    let mut text = String::new();
    for (step_type, errors) in errors {
        let [median, p90] = [0.5, 0.9].map(|q| super::quantile(errors, q) * 100.0);
        let rows = errors.len();
        let _ = writeln!(text, "{step_type:<8} {rows:>4} rows  median {median:>5.2} %  p90 {p90:>5.2} %");
    }
    text
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
