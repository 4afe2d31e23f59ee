//! Power of two: two different instances are drawn at random, and the less loaded of them gets the request.
//!
//! It asks for two loads only, and is nearly as even as asking for all. The lower number of equals wins.
//!
//! ```
//! use policies::testing::route;
//! // With two instances both are drawn each time.
//! assert_eq!(route("power-of-two", &[(3, 0), (1, 0)], 3), [1, 1, 1]);
//! ```

use kv_core::RequestView;
use kv_core::policy::{Build, Fleet, Router, Spec};
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

pub(super) const SPEC: Spec = Spec {
    name: "power-of-two",
    summary: "the less loaded of two instances drawn at random",
    source: "Mitzenmacher: The power of two choices in randomized load balancing, IEEE TPDS 2001",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Router(|_, context| {
        Box::new(PowerOfTwo { numbers: SplitMix64::seed_from_u64(context.seed) })
    }),
};

struct PowerOfTwo {
    numbers: SplitMix64,
}

impl PowerOfTwo {
    /// A number below `n`, which is not 0. The bias is below 2^-64 of `n`.
    fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.numbers.next_u64()) * n as u128) >> 64) as usize
    }
}

impl Router for PowerOfTwo {
    fn choose(&mut self, _: &RequestView<'_>, fleet: &dyn Fleet) -> usize {
        let n = fleet.instances();
        let first = self.below(n);
        let second = (first + 1 + self.below(n - 1)) % n;
        let (low, high) = (first.min(second), first.max(second));
        if fleet.load(high) < fleet.load(low) { high } else { low }
    }
}
