//! The bridge from a point of the design space to an evaluation of it.

use kareto::search::KnownCost;
use kareto::{DesignSpace, Evaluate, EvaluateError, Evaluation, Objectives, Point};
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
}

/// What of the cost is known before simulating: the rate of GPUs and of every tier with a given size, by place of the
/// space, and what ties throughput to the makespan. `None` where points replay several traces.
pub(crate) fn known_cost(
    base: &SystemPlan,
    space: &DesignSpace,
    traces: &Traces,
    registry: &Registry,
) -> Result<Option<KnownCost>, String> {
    let [(_, trace)] = traces.all.as_slice() else { return Ok(None) };
    let per_s = space.points().map(|point| {
        let plan = at_point(base, space, &point, registry)?;
        let given = given_bytes(&plan).map_err(|error| error.to_string())?;
        Ok(Bill::new(&plan, NS_PER_S, &given).total())
    });
    // An engine generates a token also where a trace says 0.
    let tokens = |r: kv_core::RequestView<'_>| u64::from(r.prompt_tokens) + u64::from(r.output_tokens.max(1));
    Ok(Some(KnownCost {
        tokens: trace.requests().map(tokens).sum::<u64>() as f64,
        arriving_s: s_from_ns(trace.arrivals_ns().last().copied().unwrap_or(0)),
        per_s: per_s.collect::<Result<_, String>>()?,
    }))
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
