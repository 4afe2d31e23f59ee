//! Least loaded: the instance with the fewest requests waiting or running gets the next one.
//!
//! The first of equals wins. Requests count alike, whatever their length, and caches do not count.
//!
//! ```
//! use policies::testing::route;
//! assert_eq!(route("least-loaded", &[(4, 0), (2, 0), (2, 5)], 1), [1]);
//! ```

use kv_core::RequestView;
use kv_core::policy::{Build, Fleet, Router, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "least-loaded",
    summary: "the instance with the fewest requests waiting or running",
    source: "join the shortest queue: Winston: Optimality of the shortest line discipline, J. Appl. Prob. 1977",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Router(|_, _| Box::new(LeastLoaded)),
};

struct LeastLoaded;

impl Router for LeastLoaded {
    fn choose(&mut self, _: &RequestView<'_>, fleet: &dyn Fleet) -> usize {
        super::least_loaded(fleet)
    }
}
