//! Which code evaluates a point: an archive answers only for the same.
//!
//! Named are the simulator's code, that of this crate which makes a scenario, a bill and figures, and that of the policies
//! of the point. What the code is given, such as prices, is in the archive's fingerprint.

use std::hash::Hasher as _;

use kareto::{DesignSpace, Point};
use kv_core::Revision;
use kv_core::policy::Registry;
use siphasher::sip::SipHasher13;

use super::{PointEvaluator, VariedEvaluator, at_point};
use crate::experiment::system::SystemPlan;

/// The code that every evaluation is made by.
const CODE: [&str; 3] = [kv_core::REVISION, tier_sim::REVISION, env!("CODE_REVISION")];

/// Names the code that evaluates a plan, 16 hexadecimal digits; `beside` is what else has a part in it. None where a
/// policy of the plan states no revision.
pub(crate) fn code_revision(plan: &SystemPlan, beside: &[&str]) -> Option<String> {
    let mut names = [&CODE, beside].concat();
    for tier in plan.tiers.iter().filter(|tier| tier.exists()) {
        for policy in [&tier.eviction, &tier.lease] {
            match policy.spec.revision {
                Revision::Code(code) => names.extend(code),
                Revision::Unstated => return None,
            }
        }
    }
    let mut hasher = SipHasher13::new();
    hasher.write(names.join(" ").as_bytes());
    Some(format!("{:016x}", hasher.finish()))
}

/// The parts of a point's evaluator that decide by which code it is evaluated.
struct Points {
    base: SystemPlan,
    space: DesignSpace,
    registry: Registry,
}

impl Points {
    fn of(evaluator: &PointEvaluator<'_>) -> Self {
        let PointEvaluator { base, space, traces: _, registry } = *evaluator;
        Self { base: base.clone(), space: space.clone(), registry: registry.clone() }
    }

    fn revision(&self, point: &Point, beside: &[&str]) -> Option<String> {
        let plan = at_point(&self.base, &self.space, point, &self.registry).ok()?;
        code_revision(&plan, beside)
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
    /// The same, for points with a variation in front; variations of the trace are made by `trace-synth`.
    pub(crate) fn revision_of(&self) -> impl Fn(&Point) -> Option<String> + Send + Sync + use<> {
        let points = Points::of(&self.of);
        move |varied| points.revision(&Point(varied.0[1..].to_vec()), &[trace_synth::REVISION])
    }
}
