//! Leases of prefix groups that change from window to window. An online tuner sets such leases.
//!
//! The policy is `per-group` with more leases: the build context's `group_leases` hold one row of leases after
//! another, a row for each window of `window_s`. The first window begins with the trace, and the last one has
//! no end. A use takes the lease of the window it is in; a lease that was given before does not change. So a
//! replay shows a tuner at work: re-tuning changes the leases to come, not those that run.
//!
//! ```
//! use policies::testing::play_lease;
//! // No groups are set here, so nothing expires.
//! let params = [("window_s", 10.0), ("windows", 2.0)];
//! assert_eq!(play_lease("per-group-windows", &params, "a@0 a@9000"), "a=unlimited a+=unlimited");
//! ```

use kv_core::policy::{Access, Build, Lease, LeasePolicy, ParamKind, ParamSpec, Spec};
use kv_core::units::ns_from_s;

pub(super) const SPEC: Spec = Spec {
    name: "per-group-windows",
    summary: "the lease that the online tuner gave to the block's prefix group in this window",
    source: "Kareto, arXiv 2603.08739 (group TTL); ours for re-tuning",
    params: &[
        ParamSpec {
            name: "window_s",
            unit: "s",
            kind: ParamKind::Real,
            default: Some(300.0),
            min: 1e-9,
            max: super::fixed::MAX_TTL_S,
            doc: "length of a window",
        },
        ParamSpec {
            name: "windows",
            unit: "windows",
            kind: ParamKind::Whole,
            default: Some(1.0),
            min: 1.0,
            max: 1e6,
            doc: "how many windows the leases are for",
        },
    ],
    revision: crate::revision::of(module_path!()),
    build: Build::Lease(|params, context| {
        let windows = params.whole("windows") as usize;
        Box::new(PerGroupWindows {
            window_ns: ns_from_s(params.get("window_s")).expect("the spec bounds it").max(1),
            windows,
            groups: context.group_leases.len() / windows,
            leases: context.group_leases.to_vec(),
        })
    }),
};

struct PerGroupWindows {
    window_ns: u64,
    windows: usize,
    /// Groups in a window.
    groups: usize,
    /// By window, then by group.
    leases: Vec<Lease>,
}

impl PerGroupWindows {
    fn lease(&self, access: &Access) -> Lease {
        let window =
            usize::try_from(access.now_ns / self.window_ns).unwrap_or(usize::MAX).min(self.windows - 1);
        let group = usize::from(access.group.0);
        if group < self.groups { self.leases[window * self.groups + group] } else { Lease::Unlimited }
    }
}

impl LeasePolicy for PerGroupWindows {
    fn on_insert(&mut self, access: &Access) -> Lease {
        self.lease(access)
    }

    fn on_hit(&mut self, access: &Access) -> Lease {
        self.lease(access)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kv_core::{BlockId, Group};

    #[test]
    fn the_window_of_a_use_decides() {
        let leases = vec![Lease::Drop, Lease::For(60), Lease::For(7), Lease::Unlimited];
        let mut policy = PerGroupWindows { window_ns: 100, windows: 2, groups: 2, leases };
        let mut lease = |group, now_ns| {
            policy.on_hit(&Access { block: BlockId(0), depth: 0, group: Group(group), request: 0, now_ns })
        };
        assert_eq!([lease(0, 0), lease(1, 99)], [Lease::Drop, Lease::For(60)]);
        // The second window begins at 100 and never ends; there is no group 2.
        assert_eq!([lease(0, 100), lease(1, 900)], [Lease::For(7), Lease::Unlimited]);
        assert_eq!(lease(2, 0), Lease::Unlimited);
    }
}
