//! Fits an engine's step-time profile to a table of step times, or arranges the table as one: `kareto fit-profile`.
//!
//! The fitted model is the simulator's own: `dense(total new tokens) + attention of the step type`. The errors are
//! taken on the quantised [`StepModel`] that a simulation would run. All step types are fitted at once, with relative
//! errors; each type has the same weight, however many rows it has. Dense time never falls with more tokens. The
//! engine's own time on the host is not fitted; it is measured elsewhere and passed through.

mod nnls;
mod render;
mod table;
mod tabulate;

pub use render::ProfileNames;

pub(crate) use table::{Row, StepType, TableError, parse_table};

use nnls::System;

use crate::problem::Problem;
use tier_sim::step::{AttentionCost, StepModel, StepModelError, StepProfile};

/// Coefficients of one step type's attention, in the order of [`AttentionCost::new`].
pub(crate) type Attention = [f64; 5];

/// A fitted profile, without host time and scale.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fit {
    /// Knots of dense time \[new tokens\].
    pub(crate) tokens: Vec<u32>,
    /// Dense time at the knots \[ms\].
    pub(crate) dense_ms: Vec<f64>,
    /// Attention by step type, as [`StepType::ALL`] orders them \[ms per unit\].
    pub(crate) attention: [Attention; 3],
    /// How well the fit meets each step type, in the same order.
    pub(crate) goodness: [Goodness; 3],
}

/// Relative errors |fitted - measured| / measured over the rows of one step type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Goodness {
    /// Rows.
    pub(crate) rows: usize,
    /// Median error.
    pub(crate) median: f64,
    /// The error that 90 % of the rows stay below.
    pub(crate) p90: f64,
    /// Median error of a fit in which all step types share one set of attention coefficients, for comparison.
    pub(crate) single_median: f64,
    /// The same at 90 %.
    pub(crate) single_p90: f64,
}

/// Whether each step type has its own attention coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attentions {
    PerStepType,
    Single,
}

/// How a profile represents a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FitLaw {
    /// Coefficients that are fitted to the table.
    Coefficients,
    /// The times of the table itself, which the simulator interpolates. Some models follow no formula, such as a
    /// mixture of experts.
    Table,
}

/// The file of a profile, and how well the profile meets its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FittedProfile {
    /// The text of the profile file.
    pub profile: String,
    /// A text for people: a line for each step type.
    pub summary: String,
}

/// Makes a profile from a table of step times. `text` is the table as CSV, and messages call it `file`.
///
/// # Errors
/// The table cannot be read, or no profile can have its times.
pub fn fit_table(
    text: &str,
    file: &str,
    law: FitLaw,
    names: &ProfileNames,
) -> Result<FittedProfile, Problem> {
    let wrong = |error: &dyn std::fmt::Display| Problem::user(format!("step table {file}: {error}"));
    let rows = parse_table(text).map_err(|error| wrong(&error))?;
    let (profile, summary) = match law {
        FitLaw::Coefficients => {
            let fit = fit_profile(&rows).map_err(|error| {
                wrong(&format_args!("the fitted {error}; are its times in milliseconds?"))
            })?;
            (render::render_profile(names, &fit), render::summary(&fit))
        }
        FitLaw::Table => {
            let times = tabulate::tabulate(&rows).map_err(|error| wrong(&error))?;
            let step = times.quantised(1.0, [0.0; 2]).map_err(|error| wrong(&error))?;
            let errors = sorted_errors(&rows, &StepModel::Table(Box::new(step)));
            (render::render_table(names, &times), render::table_summary(&errors))
        }
    };
    Ok(FittedProfile { profile, summary })
}

/// Fits a profile to the rows of a table, as [`parse_table`] gives them.
///
/// # Errors
/// A fitted coefficient exceeds the range of the simulator, for example because the table is not in milliseconds.
pub(crate) fn fit_profile(rows: &[Row]) -> Result<Fit, StepModelError> {
    let tokens = knots(rows);
    let (dense_ms, attention) = solve(rows, &tokens, Attentions::PerStepType);
    let (single_dense, single_attention) = solve(rows, &tokens, Attentions::Single);
    let errors = sorted_errors(rows, &model(&tokens, &dense_ms, &attention)?);
    let single = sorted_errors(rows, &model(&tokens, &single_dense, &single_attention)?);
    let goodness = [0, 1, 2].map(|of| {
        let (errors, single) = (&errors[of].1, &single[of].1);
        Goodness {
            rows: errors.len(),
            median: quantile(errors, 0.5),
            p90: quantile(errors, 0.9),
            single_median: quantile(single, 0.5),
            single_p90: quantile(single, 0.9),
        }
    });
    Ok(Fit { tokens, dense_ms, attention, goodness })
}

/// The totals of new tokens that decode-only and prefill-only rows have; mixed rows lie between them.
fn knots(rows: &[Row]) -> Vec<u32> {
    let pure = rows.iter().filter(|r| r.step_type != StepType::Mixed);
    let mut tokens: Vec<u32> = pure.filter_map(|r| u32::try_from(r.work().tokens()).ok()).collect();
    tokens.sort_unstable();
    tokens.dedup();
    if tokens.len() == 1 {
        tokens.push(tokens[0] + 1);
    }
    tokens
}

/// Dense time at the knots and attention by step type \[ms\].
fn solve(rows: &[Row], tokens: &[u32], attentions: Attentions) -> (Vec<f64>, [Attention; 3]) {
    let mut system = System::default();
    for row in rows {
        let of_its_type = rows.iter().filter(|r| r.step_type == row.step_type).count();
        // Division by the time makes errors relative. Division by the root of the count gives each type the same
        // weight.
        let weight = 1.0 / (row.ms * (of_its_type as f64).sqrt());
        system.push(coefficients(row, tokens, attentions), row.ms, weight);
    }
    let x = system.solve();
    let (dense, attention) = x.split_at(tokens.len());
    let mut dense_ms = vec![dense[0]];
    for (index, span) in tokens.windows(2).enumerate() {
        dense_ms.push(dense_ms[index] + dense[index + 1] * f64::from(span[1] - span[0]));
    }
    let attention = match attentions {
        Attentions::PerStepType => [0, 1, 2].map(|t| <Attention>::try_from(&attention[5 * t..5 * t + 5])),
        Attentions::Single => [<Attention>::try_from(&attention[..5]); 3],
    };
    let dense_ms = dense_ms.into_iter().map(six_digits).collect();
    (dense_ms, attention.map(|a| a.unwrap_or_default().map(six_digits)))
}

/// The row of the linear system: dense time at the first knot, its slopes between knots, then attention.
fn coefficients(row: &Row, tokens: &[u32], attentions: Attentions) -> Vec<f64> {
    let work = row.work();
    let total = work.tokens() as f64;
    let mut x = vec![1.0];
    for (index, span) in tokens.windows(2).enumerate() {
        let (from, to) = (f64::from(span[0]), f64::from(span[1]));
        // The last slope goes on beyond its knot.
        let to = if index + 2 == tokens.len() { f64::INFINITY } else { to };
        x.push((total.min(to) - from).max(0.0));
    }
    let new: u64 = work.chunks.iter().map(|c| u64::from(c.new)).sum();
    let quadratic: f64 =
        work.chunks.iter().map(|c| f64::from(c.new) * (f64::from(c.context) + f64::from(c.new) / 2.0)).sum();
    let attention =
        |base: f64| [base, new as f64, quadratic, f64::from(work.decodes), work.decode_context as f64];
    match attentions {
        // A constant of all steps is part of the dense time: the two cannot be told apart.
        Attentions::Single => x.extend(attention(0.0)),
        Attentions::PerStepType => {
            for step_type in StepType::ALL {
                let base = if step_type == StepType::Decode { 0.0 } else { 1.0 };
                x.extend(if step_type == row.step_type { attention(base) } else { [0.0; 5] });
            }
        }
    }
    x
}

/// The model that a simulation would run, without host time.
fn model(tokens: &[u32], dense_ms: &[f64], attention: &[Attention; 3]) -> Result<StepModel, StepModelError> {
    let [decode, prefill, mixed] = attention.map(|[base, token, work, sequence, context]| {
        AttentionCost::new(base, token, work, sequence, context)
    });
    let costs = [decode?, prefill?, mixed?];
    Ok(StepModel::Profile(StepProfile::new(tokens, dense_ms, costs, 1.0, 0.0, 0.0)?))
}

/// Relative errors |model - measured| / measured by step type, sorted.
fn sorted_errors(rows: &[Row], model: &StepModel) -> [(StepType, Vec<f64>); 3] {
    let error = |row: &Row| (model.step_fs(&row.work()) as f64 / 1e12 / row.ms - 1.0).abs();
    StepType::ALL.map(|step_type| {
        let mut errors: Vec<f64> = rows.iter().filter(|row| row.step_type == step_type).map(error).collect();
        errors.sort_by(f64::total_cmp);
        (step_type, errors)
    })
}

/// The value below which a share `q` of sorted values lies (nearest rank).
fn quantile(sorted: &[f64], q: f64) -> f64 {
    kv_core::stats::nearest_rank(sorted, q).unwrap_or(f64::NAN)
}

/// Six significant digits: more than any table supports, and the same in the file as in the errors beside it.
fn six_digits(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::table::Place;
    use super::*;
    use tier_sim::step::Chunk;

    /// Rows made from a known profile: dense 8 ms + 10 us a token from 1 to 101 and 20 us beyond, attention as below.
    fn made_rows() -> Vec<Row> {
        let costs: [Attention; 3] =
            [[0.0, 0.0, 0.0, 0.001, 2e-5], [0.5, 1e-3, 2e-6, 0.0, 0.0], [0.2, 2e-3, 1e-6, 0.01, 3e-5]];
        let truth = model(&[1, 101, 1101], &[8.0, 9.0, 29.0], &costs).unwrap();
        let mut rows = Vec::new();
        let mut push = |step_type, chunks: Vec<Chunk>, decodes: u32, context: u64| {
            let decode_context = u64::from(decodes) * context;
            let mut row =
                Row { place: Place::default(), step_type, chunks, decodes, decode_context, ms: 0.0 };
            row.ms = truth.step_fs(&row.work()) as f64 / 1e12;
            rows.push(row);
        };
        for context in [100, 1_000, 10_000] {
            for decodes in [1, 21, 101] {
                push(StepType::Decode, vec![], decodes, context);
            }
            for new in [101, 500, 1101] {
                push(StepType::Prefill, vec![Chunk { new, context: context as u32 }], 0, 0);
                push(StepType::Mixed, vec![Chunk { new, context: context as u32 }], 30, context);
                push(StepType::Mixed, vec![Chunk { new, context: 0 }], 3, context);
            }
        }
        rows
    }

    #[test]
    fn a_known_profile_is_found_again() {
        let fit = fit_profile(&made_rows()).unwrap();
        for (goodness, step_type) in fit.goodness.iter().zip(StepType::ALL) {
            assert!(goodness.p90 < 1e-3, "{step_type}: {goodness:?}");
            // One set of coefficients cannot hold three different ones.
            assert!(goodness.single_median > goodness.median, "{step_type}: {goodness:?}");
        }
        // Decode context, prefill work and mixed context can be told apart from everything else.
        assert!((fit.attention[0][4] / 2e-5 - 1.0).abs() < 1e-2);
        assert!((fit.attention[1][2] / 2e-6 - 1.0).abs() < 1e-2);
        assert!((fit.attention[2][4] / 3e-5 - 1.0).abs() < 1e-2);
    }

    #[test]
    fn dense_time_never_falls() {
        let fit = fit_profile(&made_rows()).unwrap();
        assert_eq!(fit.tokens, [1, 21, 101, 500, 1101]);
        assert!(fit.dense_ms.windows(2).all(|w| w[0] <= w[1]), "{:?}", fit.dense_ms);
    }

    #[test]
    fn quantiles_are_nearest_ranks() {
        let quantile = |q| quantile(&[1.0, 2.0, 3.0, 4.0], q) as u32;
        assert_eq!((quantile(0.5), quantile(0.9)), (2, 4));
    }
}
