//! The rules of the comparison of group TTL, and its results.

use kareto::ttl::{METHODS, Method};

/// TTLs of the grid in an octave. One step is 1.1 %.
pub(super) const STEPS_PER_OCTAVE: i32 = 64;
/// The shortest and the longest TTL of the grid, in octaves of a millisecond: 1 ms, and 12 days.
pub(super) const OCTAVES: i32 = 30;
/// The last place of the grid.
pub(crate) const GRID_PLACES: i64 = (OCTAVES * STEPS_PER_OCTAVE) as i64;

/// The comparison that is made on every trace.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Contest {
    /// K.
    pub(crate) groups: usize,
    /// Budgets, as shares of the storage with which one TTL has every hit.
    pub(crate) storage_shares: Vec<f64>,
    /// The window of the online tuner [ns].
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
    /// At the start of every window, all requests that had arrived.
    Online,
}

/// The measurements of a simulation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Measured {
    /// The storage that the tier held over time [GiB-hours].
    pub(crate) storage_gib_hours: f64,
    /// Prompt tokens found in HBM or the tier, over all prompt tokens.
    pub(crate) reuse_ratio: f64,
    /// Prompt tokens found in the tier, over all prompt tokens.
    pub(crate) reuse_ratio_tier: f64,
    pub(crate) ttft_s_mean: f64,
    /// The cost of the GPUs, and of the tier at its largest content.
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
    /// The gain of the same TTLs by the model: more hits of whole prefixes than with one TTL [%], at equal storage,
    /// without HBM and queue.
    pub(crate) model_gain_percent: Option<f64>,
    /// The TTL of `one_ttl` [s].
    pub(crate) one_ttl_s: f64,
}

impl Row {
    /// The gain in reuse over one TTL [%].
    pub(crate) fn reuse_gain_percent(&self) -> Option<f64> {
        change_percent(self.one_ttl.reuse_ratio, self.group_ttl.reuse_ratio)
    }
}

/// The change [%]. `None` where the base is 0.
pub(crate) fn change_percent(from: f64, to: f64) -> Option<f64> {
    // The sum with 0 turns -0 into 0; a table would show -0.
    (from != 0.0).then(|| 100.0 * (to - from) / from + 0.0)
}

/// The name of a method in files.
pub(crate) fn method_name(method: Method) -> &'static str {
    METHODS.iter().find(|(_, known)| *known == method).expect("a method with a name").0
}
