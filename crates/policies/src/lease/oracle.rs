//! Oracle: keeps a block exactly where that is cheaper than computing it again, because it knows the next use.
//!
//! The policy is offline: the next use of a block is the arrival of the next request of the trace that names it
//! among its full prompt blocks. If keeping the block until then costs no more than computing it (`ski-rental`
//! has the prices), it stays; else it is dropped at once. The lease is the time to the next use plus `slack_s`,
//! rounded up to a power of two of nanoseconds, so that there are few different leases. The rounding costs
//! nothing, because the use comes before the lease ends. It also leaves room for the wait of the request that
//! uses the block.
//!
//! Memory: 8 bytes a reference and 8 bytes a block of the trace.
//!
//! ```
//! use policies::testing::play_lease;
//! // Even after 10 s, as in `ski-rental`: worth keeping for 9 s, not for 21 s, and not after the last use.
//! let params = [
//!     ("block_compute_s", 0.1), ("gpu_price_per_h", 36.0), ("block_gib", 0.01), ("price_per_gib_h", 36.0),
//!     ("slack_s", 0.0),
//! ];
//! assert_eq!(play_lease("oracle", &params, "a@0 a@9 a@30"), "a=17.179869184s a+=drop a=drop");
//! ```

use super::prices::{PARAMS, Prices};
use crate::uses::{Rows, prompt_blocks};
use kv_core::Trace;
use kv_core::policy::{Access, Build, Lease, LeasePolicy, ParamKind, ParamSpec, Params, Spec};
use kv_core::units::ns_from_s;

pub(super) const SPEC: Spec = Spec {
    name: "oracle",
    summary: "offline: keeps a block exactly where that is cheaper than computing it again",
    source: "the offline optimum of ski rental (see ski-rental)",
    params: &[
        PARAMS[0],
        PARAMS[1],
        PARAMS[2],
        PARAMS[3],
        PARAMS[4],
        ParamSpec {
            name: "slack_s",
            unit: "s",
            kind: ParamKind::Real,
            default: Some(60.0),
            min: 0.0,
            max: super::fixed::MAX_TTL_S,
            doc: "time that a request may wait between its arrival and its use of the block",
        },
    ],
    revision: crate::revision::of(module_path!()),
    build: Build::Lease(|params, context| Box::new(Oracle::new(params, context.trace))),
};

struct Oracle {
    prices: Prices,
    slack_ns: u64,
    /// Requests that use each block.
    uses_of: Rows,
    arrival_ns: Vec<u64>,
}

impl Oracle {
    fn new(params: &Params, trace: &Trace) -> Self {
        Self {
            prices: Prices::new(params),
            slack_ns: ns_from_s(params.get("slack_s")).expect("the spec bounds it"),
            uses_of: prompt_blocks(trace).transposed(trace.unique_blocks()),
            arrival_ns: trace.arrivals_ns().to_vec(),
        }
    }

    fn lease(&self, access: &Access) -> Lease {
        let Some(next) = self.uses_of.first_from(access.block.0, access.request + 1) else {
            return Lease::Drop;
        };
        let idle_ns = self.arrival_ns[next as usize].saturating_sub(access.now_ns);
        if idle_ns > self.prices.break_even_ns(access.depth) {
            return Lease::Drop;
        }
        Lease::For((idle_ns + self.slack_ns + 1).next_power_of_two())
    }
}

impl LeasePolicy for Oracle {
    fn on_insert(&mut self, access: &Access) -> Lease {
        self.lease(access)
    }

    fn on_hit(&mut self, access: &Access) -> Lease {
        self.lease(access)
    }
}
