//! Evaluates a point of the design space.

use std::sync::Arc;

use deployment::{Deployment, Problem, SettingValue};
use kareto::objectives::NAMES;
use kareto::search::KnownCost;
use kareto::{DesignSpace, Evaluate, EvaluateError, Evaluation, ObjectiveSet, Objectives, Point};
use kv_core::Trace;
use kv_core::units::s_from_ns;

use super::traces::{Traces, chooses_trace};

/// Evaluates points of one experiment.
pub(crate) struct PointEvaluator<'a> {
    pub(crate) base: &'a Deployment,
    pub(crate) space: &'a DesignSpace,
    pub(crate) traces: &'a Traces,
    /// What a search optimises.
    pub(crate) objectives: ObjectiveSet,
}

impl PointEvaluator<'_> {
    fn evaluation(&self, point: &Point) -> Result<Evaluation, Problem> {
        let deployment = at_point(self.base, self.space, point).map_err(Problem::user)?;
        evaluation(&deployment, self.traces.of(point))
    }
}

/// The evaluation of a deployment on a trace.
pub(super) fn evaluation(deployment: &Deployment, trace: &Trace) -> Result<Evaluation, Problem> {
    let outcome = deployment.evaluate(trace)?;
    let mut figures = deployment.figures(&outcome);
    let [ttft, throughput, cost] =
        NAMES.map(|name| figures.remove(name).expect("every deployment has the objectives"));
    let objectives = Objectives::new(ttft, throughput, cost).map_err(Problem::user)?;
    Ok(Evaluation { objectives, metrics: figures })
}

/// All figures that evaluations of a deployment have, objectives first.
pub(crate) fn figure_names(deployment: &Deployment) -> Vec<String> {
    let others = deployment.figure_names().into_iter().filter(|name| !NAMES.contains(&name.as_str()));
    NAMES.into_iter().map(str::to_owned).chain(others).collect()
}

impl Evaluate for PointEvaluator<'_> {
    fn evaluate(&self, point: &Point) -> Result<Evaluation, EvaluateError> {
        self.evaluation(point).map_err(EvaluateError::new)
    }

    fn objectives(&self) -> ObjectiveSet {
        self.objectives.clone()
    }
}

/// What of the cost is known before simulating: the rate of GPUs and of every tier with a given size, and what ties
/// throughput to the makespan. Each rate is computed when a search asks for it.
pub(crate) struct CostBeforehand {
    base: Deployment,
    space: DesignSpace,
    trace: Arc<Trace>,
}

impl CostBeforehand {
    /// None where points replay several traces.
    pub(crate) fn of(base: &Deployment, space: &DesignSpace, traces: &Traces) -> Option<Arc<dyn KnownCost>> {
        let [(_, trace)] = traces.all.as_slice() else { return None };
        Some(Arc::new(Self { base: base.clone(), space: space.clone(), trace: Arc::clone(trace) }))
    }
}

impl KnownCost for CostBeforehand {
    fn tokens(&self) -> f64 {
        // An engine generates a token also where a trace says 0.
        let tokens =
            |r: kv_core::RequestView<'_>| u64::from(r.prompt_tokens) + u64::from(r.output_tokens.max(1));
        self.trace.requests().map(tokens).sum::<u64>() as f64
    }

    fn arriving_s(&self) -> f64 {
        s_from_ns(self.trace.arrivals_ns().last().copied().unwrap_or(0))
    }

    fn per_s(&self, point: &Point) -> f64 {
        let deployment = at_point(&self.base, &self.space, point).ok();
        // A point that cannot be built cannot be evaluated either: nothing is known of its cost.
        deployment.and_then(|it| it.known_cost_per_s().ok()).unwrap_or(0.0)
    }
}

/// The deployment of one point.
pub(crate) fn at_point(base: &Deployment, space: &DesignSpace, point: &Point) -> Result<Deployment, String> {
    let mut deployment = base.clone();
    let settings =
        space.axes().iter().zip(space.values(point)).filter(|(axis, _)| !chooses_trace(&axis.name));
    for (axis, value) in settings {
        let value = match value {
            kareto::space::AxisValue::Integer(value) => SettingValue::Integer(value),
            kareto::space::AxisValue::Category(name) => SettingValue::Name(name.to_owned()),
        };
        deployment.set(&axis.name, &value)?;
    }
    deployment.tiers.iter().filter(|tier| tier.exists()).try_for_each(|tier| tier.bought().map(drop))?;
    Ok(deployment)
}
