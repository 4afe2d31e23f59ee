//! Which code evaluates a point. An archive answers only for the same code.

use deployment::Deployment;
use kareto::{DesignSpace, Point};

use super::{PointEvaluator, TimelineEvaluator, VariedEvaluator, at_point};

/// The code of this crate that has a part in every evaluation.
const CODE: &str = env!("CODE_REVISION");

/// Names the code that evaluates a deployment here. `beside` names other code that has a part in the evaluation.
pub(crate) fn code_revision(deployment: &Deployment, beside: &[&str]) -> Option<String> {
    deployment.code_revision(&[&[CODE], beside].concat())
}

/// The parts of an evaluator on which the revision of a point depends.
struct Points {
    base: Deployment,
    space: DesignSpace,
}

impl Points {
    fn of(evaluator: &PointEvaluator<'_>) -> Self {
        let PointEvaluator { base, space, traces: _, objectives: _ } = evaluator;
        Self { base: (*base).clone(), space: (*space).clone() }
    }

    fn revision(&self, point: &Point, beside: &[&str]) -> Option<String> {
        let deployment = at_point(&self.base, &self.space, point).ok()?;
        code_revision(&deployment, beside)
    }
}

impl PointEvaluator<'_> {
    /// Names the code that evaluates each point.
    pub(crate) fn revision_of(&self) -> impl Fn(&Point) -> Option<String> + Send + Sync + use<> {
        let points = Points::of(self);
        move |point| points.revision(point, &[])
    }
}

impl VariedEvaluator<'_> {
    /// Names the code that evaluates each point with a variation in front. `trace-synth` makes the variations of the
    /// trace.
    pub(crate) fn revision_of(&self) -> impl Fn(&Point) -> Option<String> + Send + Sync + use<> {
        let points = Points::of(&self.of);
        move |varied| points.revision(&Point(varied.0[1..].to_vec()), &[trace_synth::REVISION])
    }
}

impl TimelineEvaluator<'_> {
    /// Names the code that evaluates each point with a run in front. `trace-synth` cuts the trace where a run starts.
    pub(crate) fn revision_of(&self) -> impl Fn(&Point) -> Option<String> + Send + Sync + use<> {
        let points = Points { base: self.base.clone(), space: self.space.clone() };
        move |point| points.revision(&Point(point.0[1..].to_vec()), &[trace_synth::REVISION])
    }
}
