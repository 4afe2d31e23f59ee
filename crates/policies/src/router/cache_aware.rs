//! Cache aware: the instance that can reuse the longest prefix of the prompt gets the request.
//!
//! An instance with more than 8 requests beyond twice the least load is left out: its queue would cost more than the hit
//! saves. Where no other instance holds a block of the prompt, the least loaded one gets the request.
//!
//! ```
//! use policies::testing::route;
//! // Instance 2 holds 5 blocks. With 30 requests it is beyond the limit of 2 * 1 + 8.
//! assert_eq!(route("cache-aware", &[(1, 0), (3, 2), (9, 5)], 1), [2]);
//! assert_eq!(route("cache-aware", &[(1, 0), (3, 2), (30, 5)], 1), [1]);
//! assert_eq!(route("cache-aware", &[(4, 0), (3, 0), (9, 0)], 1), [1]);
//! ```

use kv_core::RequestView;
use kv_core::policy::{Build, Fleet, Router, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "cache-aware",
    summary: "the instance with the longest cached prefix, unless it is much more loaded than the least",
    source: "after the cache-aware router of SGLang, 2024",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Router(|_, _| Box::new(CacheAware)),
};

/// Requests beyond twice the least load at which an instance is still taken.
const MOST_BEYOND: usize = 8;

struct CacheAware;

impl Router for CacheAware {
    fn choose(&mut self, _: &RequestView<'_>, fleet: &dyn Fleet) -> usize {
        let least = super::least_loaded(fleet);
        let limit = 2 * fleet.load(least) + MOST_BEYOND;
        let mut best = (0, least);
        for instance in 0..fleet.instances() {
            if fleet.load(instance) > limit {
                continue;
            }
            let cached = fleet.cached_blocks(instance);
            if cached > best.0 {
                best = (cached, instance);
            }
        }
        best.1
    }
}
