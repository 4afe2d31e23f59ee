//! A run by windows of time.
//!
//! What a user feels (TTFT, queueing) counts in the window of the request's arrival. Hits count in the window in which
//! the request is admitted, for that is when the cache is asked. Tokens served count in the window of the last token.

use std::collections::BTreeMap;

use deployment::{Deployment, Outcome};
use kareto::Evaluation;
use kv_core::stats::nearest_rank;
use kv_core::units::{NS_PER_S, s_from_ns};

/// The figures of a window by name, unit last, in the order of [`Window::values`].
pub(crate) const WINDOW_FIGURES: [&str; 10] = [
    "requests",
    "arrived_tokens",
    "admitted_tokens",
    "hit_tokens",
    "waiting_requests",
    "served_tokens",
    "drain_s",
    "queue_s_mean",
    "ttft_s_mean",
    "ttft_s_p99",
];
/// Metric: the cost of an hour.
const COST_PER_H: &str = "cost_per_h";
/// Metric: the share of the makespan in which an instance computes.
const BUSY_SHARE: &str = "busy_share";

/// One window of a run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Window {
    /// Requests that arrive.
    pub(crate) requests: f64,
    /// Their tokens, prompt and output.
    pub(crate) arrived_tokens: f64,
    /// Prompt tokens of the requests that are admitted for the first time.
    pub(crate) admitted_tokens: f64,
    /// Those of them that some tier has.
    pub(crate) hit_tokens: f64,
    /// Requests that wait for a place when the window ends.
    pub(crate) waiting_requests: f64,
    /// Tokens of the requests that are finished, prompt and output.
    pub(crate) served_tokens: f64,
    /// From the window's end until the last of its requests has a place \[s\].
    pub(crate) drain_s: f64,
    /// Mean queueing time of the requests that arrive \[s\].
    pub(crate) queue_s_mean: Option<f64>,
    /// Their mean TTFT \[s\].
    pub(crate) ttft_s_mean: Option<f64>,
    /// Their p99 TTFT \[s\].
    pub(crate) ttft_s_p99: Option<f64>,
}

impl Window {
    /// In the order of [`WINDOW_FIGURES`].
    pub(crate) fn values(&self) -> [Option<f64>; 10] {
        [
            Some(self.requests),
            Some(self.arrived_tokens),
            Some(self.admitted_tokens),
            Some(self.hit_tokens),
            Some(self.waiting_requests),
            Some(self.served_tokens),
            Some(self.drain_s),
            self.queue_s_mean,
            self.ttft_s_mean,
            self.ttft_s_p99,
        ]
    }

    fn from_values(v: [Option<f64>; 10]) -> Option<Self> {
        Some(Self {
            requests: v[0]?,
            arrived_tokens: v[1]?,
            admitted_tokens: v[2]?,
            hit_tokens: v[3]?,
            waiting_requests: v[4]?,
            served_tokens: v[5]?,
            drain_s: v[6]?,
            queue_s_mean: v[7],
            ttft_s_mean: v[8],
            ttft_s_p99: v[9],
        })
    }

    /// Prompt tokens found in some tier over all prompt tokens admitted. `None` where none are.
    pub(crate) fn hit_ratio(&self) -> Option<f64> {
        (self.admitted_tokens > 0.0).then(|| self.hit_tokens / self.admitted_tokens)
    }
}

/// A run by windows. Windows before the run's start are `None`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    pub(crate) cost_per_h: f64,
    pub(crate) busy_share: f64,
    pub(crate) windows: Vec<Option<Window>>,
}

impl Series {
    /// Reads the windows of an evaluation. `None` where a figure is missing.
    pub(crate) fn of(evaluation: &Evaluation, windows: u32) -> Option<Self> {
        let window = |number: u32| {
            Window::from_values(WINDOW_FIGURES.map(|name| evaluation.figure(&metric(name, number))))
        };
        Some(Self {
            cost_per_h: evaluation.figure(COST_PER_H)?,
            busy_share: evaluation.figure(BUSY_SHARE)?,
            windows: (0..windows).map(window).collect(),
        })
    }

    /// The hit ratio over some windows. `None` where nothing is admitted.
    pub(crate) fn hit_ratio(&self, range: std::ops::Range<usize>) -> Option<f64> {
        let part = self.windows[range].iter().flatten();
        let sum = part.fold((0.0, 0.0), |sum, it| (sum.0 + it.hit_tokens, sum.1 + it.admitted_tokens));
        (sum.1 > 0.0).then(|| sum.0 / sum.1)
    }

    /// The mean TTFT of the requests that arrive in some windows \[s\]. `None` where none arrive.
    pub(crate) fn ttft_s_mean(&self, range: std::ops::Range<usize>) -> Option<f64> {
        let part = self.windows[range].iter().flatten();
        let sum = part.fold((0.0, 0.0), |sum, it| {
            (sum.0 + it.requests * it.ttft_s_mean.unwrap_or(0.0), sum.1 + it.requests)
        });
        (sum.1 > 0.0).then(|| sum.0 / sum.1)
    }
}

/// The metrics of a run that starts at window `first` of a load with windows of `window_ns`. Its clock starts there.
pub(crate) fn series(
    plan: &Deployment,
    outcome: &Outcome,
    (first, count): (u32, u32),
    window_ns: u64,
) -> BTreeMap<String, f64> {
    let stats = &outcome.stats;
    let windows = windows(outcome, (count - first) as usize, window_ns);
    let mut metrics = BTreeMap::new();
    for (number, window) in (first..).zip(&windows) {
        let figures = WINDOW_FIGURES.iter().zip(window.values());
        metrics.extend(figures.filter_map(|(name, value)| Some((metric(name, number), value?))));
    }
    let hours = s_from_ns(stats.makespan_ns.max(1)) / 3_600.0;
    let all_ns = f64::from(plan.instances) * stats.makespan_ns.max(1) as f64;
    metrics.insert(COST_PER_H.to_owned(), outcome.bill.total() / hours);
    metrics.insert(BUSY_SHARE.to_owned(), stats.busy_ns as f64 / all_ns);
    metrics.insert("rejected_requests".to_owned(), stats.rejected() as f64);
    metrics.insert("longest_request_tokens".to_owned(), f64::from(stats.longest_request_tokens));
    metrics
}

/// The name of a window's figure among the metrics of an evaluation. Windows are counted from 1 there.
fn metric(name: &str, number: u32) -> String {
    format!("{name}.{:03}", number + 1)
}

/// Sums of one window while requests are counted.
#[derive(Default)]
struct Sums {
    tokens: u64,
    admitted: u64,
    hits: u64,
    served: u64,
    queue_ns: u128,
    ttft_ns: Vec<u64>,
    last_ns: u64,
    /// Requests that begin to wait in the window, less those that end.
    waiting: i64,
}

fn windows(outcome: &Outcome, count: usize, window_ns: u64) -> Vec<Window> {
    let place = |ns: u64| usize::try_from(ns / window_ns).unwrap_or(usize::MAX);
    let mut sums: Vec<Sums> = (0..count).map(|_| Sums::default()).collect();
    for record in outcome.stats.served() {
        let (prompt, output) = (u64::from(record.prompt_tokens), u64::from(record.output_tokens));
        if let Some(arrived) = sums.get_mut(place(record.arrival_ns)) {
            arrived.tokens += prompt + output;
            arrived.queue_ns += u128::from(record.queue_ns());
            arrived.ttft_ns.push(record.ttft_ns());
            arrived.last_ns = arrived.last_ns.max(record.scheduled_ns);
            arrived.waiting += 1;
        }
        if let Some(admitted) = sums.get_mut(place(record.scheduled_ns)) {
            admitted.admitted += prompt;
            admitted.hits += u64::from(record.hit_hbm_tokens) + u64::from(record.hit_lower_tokens);
            admitted.waiting -= 1;
        }
        if let Some(served) = sums.get_mut(place(record.finish_ns)) {
            served.served += prompt + output;
        }
    }
    let mut waiting = 0;
    let mut window = |(number, mut sums): (u64, Sums)| {
        waiting += sums.waiting;
        sums.ttft_ns.sort_unstable();
        let requests = sums.ttft_ns.len();
        let mean_s = |sum_ns: u128| (requests > 0).then(|| sum_ns as f64 / requests as f64 / NS_PER_S as f64);
        Window {
            requests: requests as f64,
            arrived_tokens: sums.tokens as f64,
            admitted_tokens: sums.admitted as f64,
            hit_tokens: sums.hits as f64,
            waiting_requests: waiting as f64,
            served_tokens: sums.served as f64,
            drain_s: s_from_ns(sums.last_ns.saturating_sub((number + 1) * window_ns)),
            queue_s_mean: mean_s(sums.queue_ns),
            ttft_s_mean: mean_s(sums.ttft_ns.iter().map(|&ns| u128::from(ns)).sum()),
            ttft_s_p99: nearest_rank(&sums.ttft_ns, 0.99).map(s_from_ns),
        }
    };
    (0..).zip(sums).map(&mut window).collect()
}
