//! What keeping a block costs and what computing it again costs: shared by the leases that weigh them.

use kv_core::policy::{ParamKind, ParamSpec, Params};
use kv_core::units::NS_PER_S;

/// The parameters that [`Prices`] reads.
pub(super) const PARAMS: [ParamSpec; 5] = [
    ParamSpec {
        name: "block_compute_s",
        unit: "s",
        kind: ParamKind::Real,
        default: None,
        min: 1e-9,
        max: 1e4,
        doc: "GPU time to compute the first block of a prefix",
    },
    ParamSpec {
        name: "depth_doubling_blocks",
        unit: "blocks",
        kind: ParamKind::Real,
        default: Some(1e9),
        min: 1.0,
        max: 1e9,
        doc: "depth at which a block takes twice as long to compute as the first one",
    },
    ParamSpec {
        name: "gpu_price_per_h",
        unit: "currency/h",
        kind: ParamKind::Real,
        default: None,
        min: 1e-9,
        max: 1e6,
        doc: "price of the GPUs of an instance",
    },
    ParamSpec {
        name: "block_gib",
        unit: "GiB",
        kind: ParamKind::Real,
        default: None,
        min: 1e-9,
        max: 1e3,
        doc: "size of a block",
    },
    ParamSpec {
        name: "price_per_gib_h",
        unit: "currency/GiB/h",
        kind: ParamKind::Real,
        default: None,
        min: 1e-12,
        max: 1e6,
        doc: "price of the tier",
    },
];

/// Prices of a block, in one currency.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prices {
    /// Idle time after which keeping the first block of a prefix has cost as much as computing it again, in ns.
    break_even_ns: f64,
    depth_doubling_blocks: f64,
}

impl Prices {
    pub(super) fn new(params: &Params) -> Self {
        let compute = params.get("block_compute_s") * params.get("gpu_price_per_h");
        let keep_per_s = params.get("block_gib") * params.get("price_per_gib_h");
        let break_even_ns = compute / keep_per_s * NS_PER_S as f64;
        Self { break_even_ns, depth_doubling_blocks: params.get("depth_doubling_blocks") }
    }

    /// Idle time after which keeping a block has cost as much as computing it again, in ns; at least 1, and ten
    /// years at most.
    ///
    /// Deeper blocks are dearer; the cost is rounded down to one of eight steps an octave, so that there are few
    /// different leases.
    pub(super) fn break_even_ns(&self, depth: u32) -> u64 {
        let cost = 1.0 + f64::from(depth) / self.depth_doubling_blocks;
        let octave = cost.log2().floor().exp2();
        let step = (cost / octave * 8.0).floor() / 8.0 * octave;
        ((self.break_even_ns * step) as u64).clamp(1, MOST_NS)
    }
}

/// Ten years, in ns.
const MOST_NS: u64 = 315_360_000 * NS_PER_S;
