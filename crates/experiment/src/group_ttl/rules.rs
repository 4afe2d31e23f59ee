//! What group TTL is compared by, and what a comparison gives.

use kareto::ttl::{METHODS, Method};

/// TTLs of the grid in an octave: steps of 1.1 %.
pub(super) const STEPS_PER_OCTAVE: i32 = 64;
/// The shortest and the longest TTL of the grid, in octaves of a millisecond: 1 ms, and 12 days.
pub(super) const OCTAVES: i32 = 30;
/// The last place of the grid.
pub(crate) const GRID_PLACES: i64 = (OCTAVES * STEPS_PER_OCTAVE) as i64;

/// What is compared on every trace.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Contest {
    /// K.
    pub(crate) groups: usize,
    /// Budgets, as shares of the storage with which one TTL has every hit.
    pub(crate) storage_shares: Vec<f64>,
    /// Of the online tuner [ns].
    pub(crate) window_ns: u64,
    pub(crate) methods: Vec<Method>,
}

/// Which requests are simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Whole,
    SecondHalf,
}

/// What a tuner saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TunedOn {
    /// The requests that are simulated.
    InSample,
    /// The first half of the trace.
    FirstHalf,
    /// At every window's start, all that had arrived.
    Online,
}

/// What a simulation measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Measured {
    /// What the tier held over time [GiB-hours].
    pub(crate) storage_gib_hours: f64,
    /// Prompt tokens found in HBM or the tier, over all.
    pub(crate) reuse_ratio: f64,
    /// Those found in the tier.
    pub(crate) reuse_ratio_tier: f64,
    pub(crate) ttft_s_mean: f64,
    /// GPUs, and the tier at the most it held.
    pub(crate) cost: f64,
    pub(crate) peak_gib: f64,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) case: String,
    pub(crate) part: Part,
    pub(crate) tuned: TunedOn,
    pub(crate) method: &'static str,
    pub(crate) storage_share: f64,
    pub(crate) group_ttl: Measured,
    pub(crate) one_ttl: Measured,
    /// What the model says of the same TTLs: more hits of whole prefixes than with one TTL [%], at equal
    /// storage, no HBM, no queue.
    pub(crate) model_gain_percent: Option<f64>,
    /// The TTL of `one_ttl` [s].
    pub(crate) one_ttl_s: f64,
}

impl Row {
    /// More reuse than with one TTL [%].
    pub(crate) fn reuse_gain_percent(&self) -> Option<f64> {
        change_percent(self.one_ttl.reuse_ratio, self.group_ttl.reuse_ratio)
    }
}

/// Change [%]; none from 0.
pub(crate) fn change_percent(from: f64, to: f64) -> Option<f64> {
    // Adding 0 turns -0, which a table would show, into 0.
    (from != 0.0).then(|| 100.0 * (to - from) / from + 0.0)
}

/// The name of a method in files.
pub(crate) fn method_name(method: Method) -> &'static str {
    METHODS.iter().find(|(_, known)| *known == method).expect("a method with a name").0
}
