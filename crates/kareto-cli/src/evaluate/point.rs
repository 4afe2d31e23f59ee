//! The bridge from a point of the design space to an evaluation of it.

use kareto::{DesignSpace, Evaluate, EvaluateError, Evaluation, Objectives, Point};
use kv_core::policy::Registry;

use super::settle::given_bytes;
use super::{Bill, EvaluationError, evaluate, metrics};
use crate::experiment::cases::{TRACE, Traces};
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
        let outcome = evaluate(&plan, self.traces.of(point))?;
        let objectives = Objectives::new(
            outcome.stats.ttft_s().mean,
            outcome.stats.throughput_tokens_per_s(),
            outcome.bill.total(),
        )?;
        Ok(Evaluation { objectives, metrics: metrics(&plan, &outcome) })
    }
}

impl Evaluate for PointEvaluator<'_> {
    fn evaluate(&self, point: &Point) -> Result<Evaluation, EvaluateError> {
        self.evaluation(point).map_err(EvaluateError::new)
    }
}

/// By place of the space: what a point's storage of a given size costs at least, for as long as requests arrive.
pub(crate) fn known_costs(
    base: &SystemPlan,
    space: &DesignSpace,
    traces: &Traces,
    registry: &Registry,
) -> Result<Vec<f64>, String> {
    let known = space.points().map(|point| {
        let plan = at_point(base, space, &point, registry)?;
        let arriving_ns = traces.of(&point).arrivals_ns().last().copied().unwrap_or(0);
        let given = given_bytes(&plan).map_err(|error| error.to_string())?;
        Ok(Bill::new(&plan, arriving_ns, &given).storage())
    });
    known.collect()
}

/// The system of one point.
pub(crate) fn at_point(
    base: &SystemPlan,
    space: &DesignSpace,
    point: &Point,
    registry: &Registry,
) -> Result<SystemPlan, String> {
    let mut plan = base.clone();
    let settings = space.axes().iter().zip(space.values(point)).filter(|(axis, _)| axis.name != TRACE);
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
