//! Ski rental: keeps a block until keeping it has cost as much as computing it again.
//!
//! Nobody knows when the block is used next, so this is the question whether to rent skis or to buy them.
//! Renting until the rent equals the price never costs more than twice what a prophet would have paid, and no
//! fixed rule has a better bound. The break-even idle time is block_compute_s * gpu_price_per_h / (block_gib *
//! price_per_gib_h). It grows with depth as the cost of attention does. The cost counted is storage plus
//! computing, the first computation included, of a block on its own. Where depths are told apart their costs
//! are rounded down by up to 1/9, and the bound is 2.125 instead of 2.
//!
//! ```
//! use policies::testing::play_lease;
//! // 0.1 s of GPU at 36 per hour against 0.01 GiB at 36 per GiB-hour: even after 10 s.
//! let params = [
//!     ("block_compute_s", 0.1), ("gpu_price_per_h", 36.0), ("block_gib", 0.01), ("price_per_gib_h", 36.0),
//! ];
//! assert_eq!(play_lease("ski-rental", &params, "a@0 a@9 a@30"), "a=10s a+=10s a=10s");
//! ```

use super::prices::{PARAMS, Prices};
use kv_core::policy::{Access, Build, Lease, LeasePolicy, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "ski-rental",
    summary: "keeps a block until its storage has cost as much as computing it again",
    source: "Karlin, Manasse, Rudolph, Sleator: Competitive snoopy caching, Algorithmica 1988",
    params: &PARAMS,
    revision: crate::revision::of(module_path!()),
    build: Build::Lease(|params, _| Box::new(SkiRental(Prices::new(params)))),
};

struct SkiRental(Prices);

impl LeasePolicy for SkiRental {
    fn on_insert(&mut self, access: &Access) -> Lease {
        Lease::For(self.0.break_even_ns(access.depth))
    }

    fn on_hit(&mut self, access: &Access) -> Lease {
        Lease::For(self.0.break_even_ns(access.depth))
    }
}
