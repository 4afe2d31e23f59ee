//! Which instance a request goes to: asks the scenario's router once, on arrival.

use crate::instance::Instance;
use crate::residency::Found;
use crate::scenario::Scenario;
use crate::world::World;
use kv_core::policy::{Build, Fleet, Router, RouterContext};
use kv_core::{BlockId, RequestView, Trace};

/// The router of a run.
pub(crate) struct Route {
    router: Box<dyn Router>,
}

impl Route {
    /// Builds the router of a scenario that has been checked.
    pub(crate) fn new(scenario: &Scenario, trace: &Trace) -> Self {
        let Build::Router(build) = scenario.router.spec.build else { unreachable!("checked") };
        let context = RouterContext { trace, instances: scenario.instances as usize, seed: scenario.seed };
        Self { router: build(&scenario.router.params, &context) }
    }

    /// The instance for a request.
    pub(crate) fn choose(
        &mut self,
        view: &RequestView<'_>,
        instances: &[Instance],
        world: &World<'_>,
    ) -> usize {
        if instances.len() == 1 {
            return 0;
        }
        let chosen = self.router.choose(view, &Now { prompt_blocks: view.prompt_blocks, instances, world });
        assert!(chosen < instances.len(), "a router chose instance {chosen} of {}", instances.len());
        chosen
    }
}

/// The instances at the moment of an arrival. What has expired has been dropped.
struct Now<'a, 'w> {
    prompt_blocks: &'a [BlockId],
    instances: &'a [Instance],
    world: &'a World<'w>,
}

impl Fleet for Now<'_, '_> {
    fn instances(&self) -> usize {
        self.instances.len()
    }

    fn load(&self, instance: usize) -> usize {
        self.instances[instance].load()
    }

    fn cached_blocks(&self, instance: usize) -> usize {
        let Instance { id, pool, .. } = &self.instances[instance];
        let tiers = 0..self.world.scenario.tiers.len();
        let in_tier = |tier, block| {
            matches!(
                self.world.residencies[self.world.residency_index(tier, *id)].find(block),
                Found::Ready(_)
            )
        };
        let blocks = self.prompt_blocks.iter();
        let cached = |block| pool.find(block).is_some() || tiers.clone().any(|tier| in_tier(tier, block));
        blocks.take_while(|&&block| cached(block)).count()
    }
}
