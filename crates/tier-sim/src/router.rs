//! Which instance a request goes to. Decided once, on arrival, from what the router could know then.

use crate::instance::Instance;
use crate::scenario::Router;
use crate::store::Found;
use crate::world::World;
use kv_core::RequestView;

/// A router and its state.
#[derive(Debug)]
pub(crate) struct Route {
    router: Router,
    turn: usize,
    random: u64,
}

impl Route {
    pub(crate) fn new(router: Router, seed: u64) -> Self {
        Self { router, turn: 0, random: seed }
    }

    /// The instance for a request.
    pub(crate) fn choose(
        &mut self,
        view: &RequestView<'_>,
        instances: &[Instance],
        world: &mut World<'_>,
    ) -> usize {
        let n = instances.len();
        if n == 1 {
            return 0;
        }
        match self.router {
            Router::RoundRobin => {
                self.turn += 1;
                (self.turn - 1) % n
            }
            Router::LeastLoaded => least_loaded(instances),
            Router::PowerOfTwo => {
                let first = self.draw(n);
                let second = (first + 1 + self.draw(n - 1)) % n;
                let (low, high) = (first.min(second), first.max(second));
                if instances[high].load() < instances[low].load() { high } else { low }
            }
            Router::CacheAware => cache_aware(view, instances, world),
        }
    }

    /// A number below `n` from a splitmix64 stream: reproducible, and good enough for a coin.
    fn draw(&mut self, n: usize) -> usize {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * n as u128) >> 64) as usize
    }
}

fn least_loaded(instances: &[Instance]) -> usize {
    let loads = instances.iter().map(Instance::load).enumerate();
    loads.min_by_key(|(_, load)| *load).map_or(0, |(index, _)| index)
}

/// The longest cached prefix wins, except on an instance with more than 8 requests beyond twice the least load:
/// there the queue would cost more than the hit saves.
fn cache_aware(view: &RequestView<'_>, instances: &[Instance], world: &mut World<'_>) -> usize {
    let least = least_loaded(instances);
    let limit = 2 * instances[least].load() + 8;
    let mut best = (0, least);
    for (index, instance) in instances.iter().enumerate() {
        if instance.load() > limit {
            continue;
        }
        let cached = view
            .prompt_blocks
            .iter()
            .take_while(|&&block| {
                instance.pool.find(block).is_some()
                    || (0..world.scenario.tiers.len())
                        .any(|tier| matches!(world.store(tier, instance.id).find(block), Found::Ready(_)))
            })
            .count();
        if cached > best.0 {
            best = (cached, index);
        }
    }
    best.1
}
