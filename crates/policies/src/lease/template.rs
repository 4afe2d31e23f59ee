//! new-policy: say in one line how long a block may idle.
//!
//! Say in a paragraph why, and what it learns from. As it stands, a block is dropped `ttl_s` after its last use.
//!
//! ```
//! use policies::testing::play_lease;
//! // Each word is a block and the second of its use. `a+` was found; `=10s` is the lease that it got.
//! assert_eq!(play_lease("new-policy", &[("ttl_s", 10.0)], "a@0 a@9 a@30"), "a=10s a+=10s a=10s");
//! ```

use kv_core::policy::{Access, Build, Lease, LeasePolicy, ParamKind, ParamSpec, Spec};
use kv_core::units::ns_from_s;

pub(super) const SPEC: Spec = Spec {
    name: "new-policy",
    summary: "how long a block may idle",
    source: "Authors: Title, where and when",
    params: &[ParamSpec {
        name: "ttl_s",
        unit: "s",
        kind: ParamKind::Real,
        default: Some(600.0),
        min: 0.001,
        max: 315_360_000.0, // ten years
        doc: "idle time after which a block is dropped",
    }],
    revision: crate::revision::of(module_path!()),
    build: Build::Lease(|params, _| {
        let ttl_ns = ns_from_s(params.get("ttl_s")).expect("the spec bounds it");
        Box::new(NewPolicy { ttl_ns })
    }),
};

struct NewPolicy {
    ttl_ns: u64,
}

impl LeasePolicy for NewPolicy {
    fn on_insert(&mut self, _access: &Access) -> Lease {
        Lease::For(self.ttl_ns)
    }

    fn on_hit(&mut self, _access: &Access) -> Lease {
        Lease::For(self.ttl_ns)
    }
}
