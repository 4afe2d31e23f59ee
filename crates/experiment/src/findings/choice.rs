//! The recommended configuration, and everything that is known of it.

use kareto::Archive;
use kareto::picks::{Change, Pick};
use kareto::recommend::{Step, next_step, steps};

use super::prices::price_sensitivity;
use super::{Alone, Assumed, AssumptionEffects, Found, Listed, Noise, PriceSensitivity};

/// The recommended configuration.
pub struct Choice {
    /// The configuration.
    pub pick: Pick,
    /// Whether it is the baseline itself.
    pub is_baseline: bool,
    /// The change against the baseline, where the baseline is another configuration.
    pub against_baseline: Option<Change>,
    /// The meaning of the choice under each scenario.
    pub alone: Vec<Alone>,
    /// What more money would buy.
    pub next_step: Option<Step>,
    /// The steps from the cheapest configuration to the fastest.
    pub steps: Vec<Step>,
    /// The price on which the choice depends.
    pub prices: Option<PriceSensitivity>,
    /// The assumptions on which the choice depends.
    pub assumptions: Option<AssumptionEffects>,
    /// How much of the choice may be noise.
    pub noise: Option<Noise>,
}

impl Choice {
    pub(super) fn new(
        found: &Found,
        choices: &Archive,
        listed: &[Listed],
        assumed: &[Assumed],
        pick: Pick,
    ) -> Self {
        let baseline = found.baseline();
        let is_baseline = baseline.is_some_and(|(point, _)| *point == pick.point);
        let against = baseline.filter(|_| !is_baseline);
        let uncertainty = found.uncertainty.as_ref();
        Self {
            is_baseline,
            against_baseline: against
                .map(|(_, base)| Change::between(&base.objectives, &pick.evaluation.objectives)),
            alone: found.scenarios.as_ref().map_or_else(Vec::new, |it| it.alone(choices, &pick)),
            next_step: next_step(choices, &pick.point),
            steps: steps(choices),
            prices: price_sensitivity(found, choices, &pick),
            assumptions: uncertainty.and_then(|_| AssumptionEffects::of(assumed, &pick)),
            noise: uncertainty.and_then(|it| it.noise(listed, &pick)),
            pick,
        }
    }
}
