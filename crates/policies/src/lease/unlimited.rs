//! No lease: a block stays until it is evicted.
//!
//! Caches bounded by size do this. It is the default of every tier whose capacity is bought.
//!
//! ```
//! use policies::testing::play_lease;
//! // Each word is a block and the second it is used; `a+` found it, `=` gives the lease that it got.
//! assert_eq!(play_lease("unlimited", &[], "a@0 a@9000"), "a=unlimited a+=unlimited");
//! ```

use kv_core::policy::{Access, Build, Lease, LeasePolicy, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "unlimited",
    summary: "a block stays until it is evicted",
    source: "the usual cache bounded by size only",
    params: &[],
    revision: crate::revision::of(module_path!()),
    build: Build::Lease(|_, _| Box::new(Unlimited)),
};

struct Unlimited;

impl LeasePolicy for Unlimited {
    fn on_insert(&mut self, _: &Access) -> Lease {
        Lease::Unlimited
    }

    fn on_hit(&mut self, _: &Access) -> Lease {
        Lease::Unlimited
    }
}
