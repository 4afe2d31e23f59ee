//! Evaluates points by windows: one load from one of its windows on.

use std::sync::Arc;

use deployment::Deployment;
use deployment::Problem;
use kareto::objectives::NAMES;
use kareto::{DesignSpace, Evaluate, EvaluateError, Evaluation, Objectives, Point};
use kv_core::Trace;
use trace_synth::resolve_outputs;
use trace_synth::transform::window;

use super::at_point;
use crate::timeline::series;

/// The axis of runs. It stands before the archive's other axes.
pub(crate) const RUN: &str = "run";

/// A load that starts at one of its windows, with empty caches.
pub(crate) struct Started {
    pub(crate) name: String,
    /// Its clock starts at the window.
    pub(crate) trace: Arc<Trace>,
    /// The window, counted from 0.
    pub(crate) first: u32,
}

impl Started {
    /// The part of a load from a window on. `None` where nothing arrives from there on.
    pub(crate) fn new(name: String, whole: &Arc<Trace>, first: u32, window_ns: u64) -> Option<Self> {
        let trace = match first {
            0 => Arc::clone(whole),
            _ => {
                let part = window(whole, u64::from(first) * window_ns, u64::MAX).ok()?;
                Arc::new(resolve_outputs(part))
            }
        };
        Some(Self { name, trace, first })
    }
}

/// Evaluates points of the space with a run in front.
pub(crate) struct TimelineEvaluator<'a> {
    pub(crate) base: &'a Deployment,
    pub(crate) space: &'a DesignSpace,
    /// The runs, in the order of their axis.
    pub(crate) runs: &'a [Started],
    /// The windows of the load.
    pub(crate) windows: u32,
    /// The length of a window \[ns\].
    pub(crate) window_ns: u64,
}

impl TimelineEvaluator<'_> {
    fn evaluation(&self, point: &Point) -> Result<Evaluation, Problem> {
        let run = &self.runs[point.0[0] as usize];
        let configuration = Point(point.0[1..].to_vec());
        let deployment = at_point(self.base, self.space, &configuration).map_err(Problem::user)?;
        let outcome = deployment.evaluate(&run.trace)?;
        let mut figures = deployment.figures(&outcome);
        let [ttft, throughput, cost] =
            NAMES.map(|name| figures.remove(name).expect("every deployment has the objectives"));
        let objectives = Objectives::new(ttft, throughput, cost).map_err(Problem::user)?;
        let metrics = series(&deployment, &outcome, (run.first, self.windows), self.window_ns);
        Ok(Evaluation { objectives, metrics })
    }
}

impl Evaluate for TimelineEvaluator<'_> {
    fn evaluate(&self, point: &Point) -> Result<Evaluation, EvaluateError> {
        self.evaluation(point).map_err(EvaluateError::new)
    }
}
