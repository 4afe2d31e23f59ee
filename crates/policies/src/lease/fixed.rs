//! One idle time for all: a block is dropped `ttl_s` after its last use.
//!
//! The first search of the Kareto paper has this disk TTL, and storage services offer it as object expiry. Each
//! use starts the lease anew. A TTL of 0 keeps a block only while something uses it.
//!
//! ```
//! use policies::testing::play_lease;
//! // The use at 9 s is still found, 10 s would not have been; at 30 s the block has been gone since 19 s.
//! assert_eq!(play_lease("fixed", &[("ttl_s", 10.0)], "a@0 a@9 a@30"), "a=10s a+=10s a=10s");
//! ```

use kv_core::policy::{Access, Build, Lease, LeasePolicy, ParamKind, ParamSpec, Spec};
use kv_core::units::ns_from_s;

pub(super) const SPEC: Spec = Spec {
    name: "fixed",
    summary: "a block is dropped when it has idled for ttl_s",
    source: "Kareto, arXiv 2603.08739 (fixed disk TTL)",
    params: &[ParamSpec {
        name: "ttl_s",
        unit: "s",
        kind: ParamKind::Real,
        default: None,
        min: 0.0,
        max: MAX_TTL_S,
        doc: "idle time after which a block is dropped",
    }],
    revision: crate::revision::of(module_path!()),
    build: Build::Lease(|params, _| Box::new(Fixed(for_seconds(params.get("ttl_s"))))),
};

/// Ten years in seconds: longer than any trace, and far from overflowing nanoseconds.
pub(super) const MAX_TTL_S: f64 = 315_360_000.0;

/// The lease of an idle time in seconds that has passed a spec's check; 0 is [`Lease::Drop`].
pub(super) fn for_seconds(seconds: f64) -> Lease {
    match ns_from_s(seconds).expect("the spec bounds it") {
        0 => Lease::Drop,
        ns => Lease::For(ns),
    }
}

struct Fixed(Lease);

impl LeasePolicy for Fixed {
    fn on_insert(&mut self, _: &Access) -> Lease {
        self.0
    }

    fn on_hit(&mut self, _: &Access) -> Lease {
        self.0
    }
}
