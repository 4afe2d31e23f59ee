//! Measured against simulated.

use super::read::{EngineRun, Measured};
use crate::stats::RunStats;
use serde::Serialize;

/// One figure of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What it is, unit last.
    pub figure: &'static str,
    /// Measured; `None` where the run does not record it.
    pub measured: Option<f64>,
    /// Simulated.
    pub simulated: f64,
    /// Simulated against measured \[%\].
    pub error_percent: Option<f64>,
}

/// A run compared with its replay.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Figures of the whole run.
    pub rows: Vec<Row>,
    /// Quantiles over requests of simulated minus measured TTFT \[s\]: 5, 25, 50, 75, 95 %.
    pub ttft_error_s: [f64; 5],
    /// The same for end-to-end latency \[s\].
    pub e2e_error_s: [f64; 5],
    /// (measured, simulated) TTFT of every request \[s\].
    #[serde(skip)]
    pub ttft_pairs_s: Vec<(f64, f64)>,
    /// The same of end-to-end latency \[s\].
    #[serde(skip)]
    pub e2e_pairs_s: Vec<(f64, f64)>,
}

/// One side of a comparison: TTFT, end-to-end latency and TPOT per request \[s\].
struct Side {
    ttft_s: Vec<f64>,
    e2e_s: Vec<f64>,
    tpot_s: Vec<f64>,
    makespan_s: f64,
}

impl Side {
    /// From (arrival, first token, last token \[ns\], output tokens) per request.
    fn new(times: impl Iterator<Item = (u64, u64, u64, u32)>) -> Self {
        let mut side = Self { ttft_s: vec![], e2e_s: vec![], tpot_s: vec![], makespan_s: 0.0 };
        let (mut begin, mut end) = (u64::MAX, 0);
        let seconds = |from: u64, to: u64| (to as f64 - from as f64) / 1e9;
        for (arrival, first, last, output) in times {
            side.ttft_s.push(seconds(arrival, first));
            side.e2e_s.push(seconds(arrival, last));
            if output > 1 {
                side.tpot_s.push(seconds(first, last) / f64::from(output - 1));
            }
            begin = begin.min(arrival);
            end = end.max(last);
        }
        side.makespan_s = seconds(begin.min(end), end);
        side
    }
}

/// Compares a replay with the run.
///
/// # Panics
/// If `stats` is not of a replay of this run.
#[must_use]
pub fn compare(run: &EngineRun, stats: &RunStats) -> Comparison {
    assert_eq!(run.measured.len(), stats.requests.len(), "one record per request");
    let output = |index: usize| run.trace.request(index).output_tokens.max(1);
    let real = Side::new(
        run.measured
            .iter()
            .enumerate()
            .map(|(i, m)| (m.arrival_ns, m.first_token_ns, m.last_token_ns, output(i))),
    );
    let ours = Side::new(
        stats
            .requests
            .iter()
            .enumerate()
            .map(|(i, r)| (r.arrival_ns, r.first_token_ns, r.finish_ns, output(i))),
    );
    let both = |figure, measured: f64, simulated: f64| row(figure, Some(measured), simulated);
    let total = |of: fn(&Measured) -> Option<u64>| {
        run.measured.iter().map(of).sum::<Option<u64>>().map(|sum| sum as f64)
    };
    let hbm: u64 = stats.requests.iter().map(|r| u64::from(r.hit_hbm_tokens)).sum();
    let lower: u64 = stats.requests.iter().map(|r| u64::from(r.hit_lower_tokens)).sum();
    let rows = vec![
        row("hit_tokens_hbm", total(|m| m.cached_hbm), hbm as f64),
        row("hit_tokens_lower", total(|m| m.cached_lower), lower as f64),
        both("ttft_s_mean", mean(&real.ttft_s), mean(&ours.ttft_s)),
        both(
            "ttft_s_p50",
            interpolated_quantile(&real.ttft_s, 0.5),
            interpolated_quantile(&ours.ttft_s, 0.5),
        ),
        both(
            "ttft_s_p99",
            interpolated_quantile(&real.ttft_s, 0.99),
            interpolated_quantile(&ours.ttft_s, 0.99),
        ),
        both("tpot_s_mean", mean(&real.tpot_s), mean(&ours.tpot_s)),
        both("e2e_s_mean", mean(&real.e2e_s), mean(&ours.e2e_s)),
        both("makespan_s", real.makespan_s, ours.makespan_s),
        row("preemptions", total(|m| m.preemptions), stats.preemptions() as f64),
    ];
    let pairs = |real: &[f64], ours: &[f64]| real.iter().copied().zip(ours.iter().copied()).collect();
    Comparison {
        rows,
        ttft_error_s: spread(&real.ttft_s, &ours.ttft_s),
        e2e_error_s: spread(&real.e2e_s, &ours.e2e_s),
        ttft_pairs_s: pairs(&real.ttft_s, &ours.ttft_s),
        e2e_pairs_s: pairs(&real.e2e_s, &ours.e2e_s),
    }
}

fn row(figure: &'static str, measured: Option<f64>, simulated: f64) -> Row {
    let error_percent = measured.filter(|&m| m != 0.0).map(|m| (simulated - m) / m * 100.0);
    Row { figure, measured, simulated, error_percent }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The q-quantile, interpolated linearly between the two nearest ranks. The totals that the recordings give are made so;
/// [`crate::Summary`] takes the nearest rank instead.
fn interpolated_quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = q * last as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    sorted[low] + (sorted[high] - sorted[low]) * (place - low as f64)
}

fn spread(real: &[f64], ours: &[f64]) -> [f64; 5] {
    let errors: Vec<f64> = real.iter().zip(ours).map(|(r, o)| o - r).collect();
    [0.05, 0.25, 0.5, 0.75, 0.95].map(|q| interpolated_quantile(&errors, q))
}
