//! The bridge from a point of the design space to an evaluation of it.

use std::sync::Arc;

use kareto::search::KnownCost;
use kareto::{DesignSpace, Evaluate, EvaluateError, Evaluation, ObjectiveSet, Objectives, Point};
use kv_core::Trace;
use kv_core::policy::Registry;
use kv_core::units::{NS_PER_S, s_from_ns};

use super::settle::given_bytes;
use super::{Bill, EvaluationError, evaluate, metrics};
use crate::experiment::cases::{Traces, chooses_trace};
use crate::experiment::setting::Setting;
use crate::experiment::system::SystemPlan;
use crate::experiment::wire::SettingValue;

/// Evaluates points of one experiment.
pub(crate) struct PointEvaluator<'a> {
    pub(crate) base: &'a SystemPlan,
    pub(crate) space: &'a DesignSpace,
    pub(crate) traces: &'a Traces,
    pub(crate) registry: &'a Registry,
    /// What a search optimises.
    pub(crate) objectives: ObjectiveSet,
}

impl PointEvaluator<'_> {
    fn evaluation(&self, point: &Point) -> Result<Evaluation, EvaluationError> {
        let plan = at_point(self.base, self.space, point, self.registry).map_err(EvaluationError::Setting)?;
        evaluation(&plan, self.traces.of(point))
    }
}

/// A system and a trace, evaluated.
pub(super) fn evaluation(plan: &SystemPlan, trace: &Trace) -> Result<Evaluation, EvaluationError> {
    let outcome = evaluate(plan, trace)?;
    let objectives = Objectives::new(
        outcome.stats.ttft_s().mean,
        outcome.stats.throughput_tokens_per_s(),
        outcome.bill.total(),
    )?;
    Ok(Evaluation { objectives, metrics: metrics(plan, &outcome) })
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
    base: SystemPlan,
    space: DesignSpace,
    registry: Registry,
    trace: Arc<Trace>,
}

impl CostBeforehand {
    /// None where points replay several traces.
    pub(crate) fn of(
        base: &SystemPlan,
        space: &DesignSpace,
        traces: &Traces,
        registry: &Registry,
    ) -> Option<Arc<dyn KnownCost>> {
        let [(_, trace)] = traces.all.as_slice() else { return None };
        let (base, space, registry) = (base.clone(), space.clone(), registry.clone());
        Some(Arc::new(Self { base, space, registry, trace: Arc::clone(trace) }))
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
        let plan = at_point(&self.base, &self.space, point, &self.registry);
        // A point that cannot be built cannot be evaluated either: nothing is known of its cost.
        let given = plan.and_then(|plan| {
            let given = given_bytes(&plan).map_err(|error| error.to_string())?;
            Ok(Bill::new(&plan, NS_PER_S, &given).total())
        });
        given.unwrap_or(0.0)
    }
}

/// The system of one point.
pub(crate) fn at_point(
    base: &SystemPlan,
    space: &DesignSpace,
    point: &Point,
    registry: &Registry,
) -> Result<SystemPlan, String> {
    let mut plan = base.clone();
    let settings =
        space.axes().iter().zip(space.values(point)).filter(|(axis, _)| !chooses_trace(&axis.name));
    for (axis, value) in settings {
        let value = match value {
            kareto::space::AxisValue::Integer(value) => SettingValue::Integer(value),
            kareto::space::AxisValue::Category(name) => SettingValue::Name(name.to_owned()),
        };
        Setting::find(&axis.name, base)?.apply(&axis.name, &value, &mut plan, registry)?;
    }
    plan.tiers.iter().filter(|tier| tier.exists()).try_for_each(|tier| tier.bought().map(drop))?;
    Ok(plan)
}
