//! The eviction role: given what happened in a tier, name the next block to leave it.

use crate::trace::{BlockId, Group};

/// Where a resident block lives in its tier: dense, from 0, reused after the block leaves.
///
/// Policies keep their state in arrays indexed by slot, so it stays as small as the tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

impl Slot {
    /// The slot as an array index.
    #[must_use]
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One use of a block, as a policy sees it.
#[derive(Debug, Clone, Copy)]
pub struct Access {
    /// Which block. Its id names the whole prefix up to its end.
    pub block: BlockId,
    /// Blocks before it in its prefix: 0 for the first. Recomputing a block costs more the deeper it is.
    pub depth: u32,
    /// The prefix group it belongs to; [`Group::REST`] where no groups are set.
    pub group: Group,
    /// The request that uses it, by position in the trace.
    pub request: u32,
    /// Simulated time [ns].
    pub now_ns: u64,
}

/// Why a block left a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// The policy chose it and it was dropped to make room.
    Evicted,
    /// Its lease ran out.
    Expired,
    /// The simulator withdrew it, for example because a copy in flight was dropped.
    Withdrawn,
}

/// Who leaves next. One instance serves one tier.
///
/// Contract, held by the simulator and by the suite that every registered policy must pass:
/// - `on_insert` is called once for a slot that holds no block; `on_hit` and `on_remove` only for a slot that
///   holds one. Blocks of one request are reported deepest first, so that in a recency order a prefix outlives
///   its extensions.
/// - `choose_victim` returns a slot that holds a block and for which `eligible` is true, or `None` only if there
///   is none. It MUST NOT forget the slot: the simulator confirms with `on_remove(slot, Removal::Evicted)`.
/// - `eligible` is a filter only (a pinned block is not eligible); it has no side effects and may be asked often.
/// - Nothing but the arguments may influence the answers: no clock, no environment, no iteration order of a hash
///   map. Randomness comes from the seed in the build context.
pub trait EvictionPolicy: Send {
    /// A block now resides in `slot`.
    fn on_insert(&mut self, slot: Slot, access: &Access);
    /// The block in `slot` was used.
    fn on_hit(&mut self, slot: Slot, access: &Access);
    /// The block in `slot` is gone, and why.
    fn on_remove(&mut self, slot: Slot, why: Removal);
    /// The slot to empty next, among those that are eligible.
    fn choose_victim(&mut self, now_ns: u64, eligible: &dyn Fn(Slot) -> bool) -> Option<Slot>;
}
