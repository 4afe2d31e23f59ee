//! Round robin: the instances take requests in turn.
//!
//! It knows neither loads nor caches. The first request goes to instance 0.
//!
//! ```
//! use policies::testing::route;
//! // Six requests on three instances. Loads and cached blocks do not matter.
//! assert_eq!(route("round-robin", &[(0, 0), (9, 0), (0, 5)], 6), [0, 1, 2, 0, 1, 2]);
//! ```

use kv_core::RequestView;
use kv_core::policy::{Build, Fleet, Router, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "round-robin",
    summary: "instances in turn",
    source: "the usual yardstick",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Router(|_, _| Box::new(RoundRobin { next: 0 })),
};

struct RoundRobin {
    next: usize,
}

impl Router for RoundRobin {
    fn choose(&mut self, _: &RequestView<'_>, fleet: &dyn Fleet) -> usize {
        let chosen = self.next;
        self.next = (chosen + 1) % fleet.instances();
        chosen
    }
}
