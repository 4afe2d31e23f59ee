//! The lease role: how long a block may idle in a tier before it is dropped. The Kareto paper calls it TTL.

use super::eviction::Access;

/// What a lease policy answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// The block stays until it is evicted.
    Unlimited,
    /// The block expires this long [ns] after now, unless it is used before.
    For(u64),
    /// The lease that it has goes on. On insertion, where there is none, this is [`Lease::Unlimited`].
    Unchanged,
    /// The block is not kept: dropped at once, or as soon as nothing uses it.
    Drop,
}

/// How long a block may idle. One instance serves one tier.
///
/// A block whose lease is `For(d)` from time t is found at t + d - 1 ns and not at t + d. Durations should come
/// from a small set (one per group, or buckets of a histogram): the simulator keeps one queue per duration.
pub trait LeasePolicy: Send {
    /// A block's copy was placed in the tier.
    fn on_insert(&mut self, access: &Access) -> Lease;
    /// A resident block was used.
    fn on_hit(&mut self, access: &Access) -> Lease;
}
