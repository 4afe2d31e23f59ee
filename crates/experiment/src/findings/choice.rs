//! What to buy, and all that is known of that choice.

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
    /// Against the baseline, where there is another one.
    pub against_baseline: Option<Change>,
    /// What the choice means under each scenario.
    pub alone: Vec<Alone>,
    /// What more money would buy.
    pub next_step: Option<Step>,
    /// The steps from the cheapest configuration to the fastest.
    pub steps: Vec<Step>,
    /// Which price it hangs on.
    pub prices: Option<PriceSensitivity>,
    /// Which other assumption it hangs on.
    pub assumptions: Option<AssumptionEffects>,
    /// How much of it may be noise.
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
