//! Comparisons as text, JSON and a picture.

use super::Validated;
use crate::error::CliError;
use crate::output::aligned;
use report::chart::{self, Axis, Front, Join, Scatter, Svg};
use serde_json::json;

/// One table per run.
pub(super) fn text(validated: &[Validated]) -> String {
    validated.iter().map(table).collect::<Vec<_>>().join("\n")
}

fn table(one: &Validated) -> String {
    let cells = |row: [&str; 4]| row.map(str::to_owned).to_vec();
    let mut rows = vec![cells(["figure", "measured", "simulated", "error [%]"])];
    for row in &one.comparison.rows {
        let measured = row.measured.map_or("-".to_owned(), figure);
        let error = row.error_percent.map_or("-".to_owned(), |error| format!("{error:+.3}"));
        rows.push(vec![row.figure.to_owned(), measured, figure(row.simulated), error]);
    }
    let mut text = format!("{}\n{}", one.file, aligned(&rows));
    let spread = |errors: &[f64; 5]| errors.map(|error| format!("{error:+.3}")).join(" ");
    text += "simulated - measured per request [s], at 5 25 50 75 95 % of requests:\n";
    text += &format!(
        "  TTFT {}\n  E2E  {}\n",
        spread(&one.comparison.ttft_error_s),
        spread(&one.comparison.e2e_error_s)
    );
    if let Some(scale) = one.centring_scale {
        text += &format!(
            "scale on operator times that would centre the mean E2E latency: {scale:.4} (not used)\n"
        );
    }
    text
}

fn figure(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.5}") }
}

/// An array with one object per run.
pub(super) fn json(validated: &[Validated]) -> String {
    let runs = validated.iter().map(|one| {
        json!({
            "file": one.file,
            "figures": one.comparison.rows,
            "ttft_error_s_p5_p25_p50_p75_p95": one.comparison.ttft_error_s,
            "e2e_error_s_p5_p25_p50_p75_p95": one.comparison.e2e_error_s,
            "centring_scale": one.centring_scale,
        })
    });
    format!("{:#}\n", serde_json::Value::Array(runs.collect()))
}

/// Measured against simulated TTFT, with the line on which they are equal.
pub(super) fn plot(one: &Validated) -> Result<Svg, CliError> {
    let (x, y) = (Axis::linear("measured TTFT [s]"), Axis::linear("simulated TTFT [s]"));
    let mut chart = Scatter::new("Time to first token, request by request", x, y);
    let pairs = &one.comparison.ttft_pairs_s;
    chart.points = pairs.iter().map(|&(x, y)| chart::Point { x, y, color: None }).collect();
    let most = pairs.iter().fold(0.0_f64, |most, &(x, y)| most.max(x).max(y));
    let ends = [0.0, most].map(|at| chart::Point { x: at, y: at, color: None });
    let joined = vec![chart.points.len(), chart.points.len() + 1];
    chart.points.extend(ends);
    chart.front = Some(Front { name: "equal".to_owned(), ringed: Vec::new(), joined, join: Join::Straight });
    chart.to_svg().map_err(CliError::machine)
}
