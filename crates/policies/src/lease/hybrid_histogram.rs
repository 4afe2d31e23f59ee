//! Hybrid histogram: keeps a block for as long as nearly all blocks of its group have idled until now.
//!
//! An idle time is the time between two uses of a block. For each group the policy counts idle times in bins of
//! `bin_s` up to `range_s`. The lease is the upper edge of the bin at which `tail_ratio` of the counts are
//! reached. While a group has fewer than `min_samples` idle times, or more than half of them were beyond the
//! range, its histogram says nothing, and the lease is the whole range. The paper also unloads for the head of
//! the histogram and loads again just in time. A lease cannot say that, so only the tail is used.
//!
//! The policy learns idle times also from blocks that had expired when they came again, because short leases
//! would hide long idle times. Memory: 8 bytes a block seen and 4 bytes a bin and group.
//!
//! ```
//! use policies::testing::play_lease;
//! // Bins of 10 s up to 60 s, trusted from two samples. a idles 5 s and 12 s: bins 0 and 1, so 20 s is the tail.
//! let params = [("bin_s", 10.0), ("range_s", 60.0), ("min_samples", 2.0)];
//! assert_eq!(play_lease("hybrid-histogram", &params, "a@0 a@5 a@17"), "a=60s a+=60s a+=20s");
//! ```

use crate::grow::grown;
use kv_core::policy::{Access, Build, Lease, LeasePolicy, ParamKind, ParamSpec, Params, Spec};
use kv_core::stats;
use kv_core::units::ns_from_s;

pub(super) const SPEC: Spec = Spec {
    name: "hybrid-histogram",
    summary: "learns the idle times of each group and keeps blocks for nearly all of them",
    source: "Shahrad et al.: Serverless in the wild, USENIX ATC 2020",
    params: &[
        ParamSpec {
            name: "bin_s",
            unit: "s",
            kind: ParamKind::Real,
            default: Some(60.0),
            min: 0.001,
            max: 86_400.0,
            doc: "width of a bin, and of the steps between leases",
        },
        ParamSpec {
            name: "range_s",
            unit: "s",
            kind: ParamKind::Real,
            default: Some(14_400.0),
            min: 0.001,
            max: super::fixed::MAX_TTL_S,
            doc: "longest idle time counted, and the lease where nothing was learned; 65,536 bins at most",
        },
        ParamSpec {
            name: "tail_ratio",
            unit: "1",
            kind: ParamKind::Real,
            default: Some(0.99),
            min: 0.01,
            max: 1.0,
            doc: "share of idle times that a lease covers",
        },
        ParamSpec {
            name: "min_samples",
            unit: "idle times",
            kind: ParamKind::Whole,
            default: Some(100.0),
            min: 1.0,
            max: 1e9,
            doc: "idle times from which a group's histogram is trusted",
        },
    ],
    revision: crate::revision::of(module_path!()),
    build: Build::Lease(|params, _| Box::new(HybridHistogram::new(params))),
};

const MOST_BINS: u64 = 1 << 16;

struct HybridHistogram {
    bin_ns: u64,
    bins: usize,
    tail_ratio: f64,
    min_samples: u64,
    groups: Vec<Histogram>,
    /// By block: one more than the time of its last use in ns, 0 before it.
    seen_at: Vec<u64>,
}

#[derive(Clone, Default)]
struct Histogram {
    counts: Vec<u32>,
    within: u64,
    beyond: u64,
    /// The bin at which the tail ratio is reached, and the counts below it.
    tail: usize,
    below_tail: u64,
}

impl HybridHistogram {
    fn new(params: &Params) -> Self {
        let ns = |name| ns_from_s(params.get(name)).expect("the spec bounds it").max(1);
        let bin_ns = ns("bin_s");
        Self {
            bin_ns,
            bins: ns("range_s").div_ceil(bin_ns).min(MOST_BINS) as usize,
            tail_ratio: params.get("tail_ratio"),
            min_samples: params.whole("min_samples"),
            groups: Vec::new(),
            seen_at: Vec::new(),
        }
    }

    fn learn(&mut self, access: &Access) -> Lease {
        let histogram = grown(&mut self.groups, access.group.0.into());
        if histogram.counts.is_empty() {
            histogram.counts = vec![0; self.bins];
        }
        let seen = grown(&mut self.seen_at, access.block.index());
        if let Some(before) = seen.checked_sub(1) {
            histogram.count(access.now_ns.saturating_sub(before) / self.bin_ns, self.tail_ratio);
        }
        *seen = access.now_ns.saturating_add(1);
        let trusted = histogram.within >= histogram.beyond
            && histogram.within + histogram.beyond >= self.min_samples
            && histogram.within > 0;
        let bins = if trusted { histogram.tail + 1 } else { self.bins };
        Lease::For(bins as u64 * self.bin_ns)
    }
}

impl Histogram {
    /// Counts an idle time and moves the tail, by a bin or so.
    fn count(&mut self, bin: u64, tail_ratio: f64) {
        let Some(count) = usize::try_from(bin).ok().and_then(|bin| self.counts.get_mut(bin)) else {
            self.beyond += 1;
            return;
        };
        *count += 1;
        self.within += 1;
        self.below_tail += u64::from((bin as usize) < self.tail);
        let goal = stats::rank(self.within, tail_ratio);
        while self.below_tail >= goal {
            self.tail -= 1;
            self.below_tail -= u64::from(self.counts[self.tail]);
        }
        while self.below_tail + u64::from(self.counts[self.tail]) < goal {
            self.below_tail += u64::from(self.counts[self.tail]);
            self.tail += 1;
        }
    }
}

impl LeasePolicy for HybridHistogram {
    fn on_insert(&mut self, access: &Access) -> Lease {
        self.learn(access)
    }

    fn on_hit(&mut self, access: &Access) -> Lease {
        self.learn(access)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// The tail that moves along is the quantile of the sorted samples.
        #[test]
        fn tail_is_the_quantile(samples in prop::collection::vec(0_u64..20, 1..60), ratio in 0.01..1.0) {
            let mut histogram = Histogram { counts: vec![0; 20], ..Histogram::default() };
            let mut sorted = Vec::new();
            for bin in samples {
                histogram.count(bin, ratio);
                sorted.push(bin);
                sorted.sort_unstable();
                prop_assert_eq!(Some(histogram.tail as u64), stats::nearest_rank(&sorted, ratio));
            }
        }
    }
}
