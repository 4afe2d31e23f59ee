//! The router role: choose the instance that serves an arriving request.

use crate::trace::{RequestView, Trace};

/// What a router may know when it is built.
#[derive(Clone, Copy)]
pub struct RouterContext<'a> {
    /// The trace to be replayed. Only offline routers may look at what is yet to come.
    pub trace: &'a Trace,
    /// Number of instances. With one instance no router is asked.
    pub instances: usize,
    /// Seed of the router's own stream of random numbers.
    pub seed: u64,
}

/// The instances as they are when a request arrives. Instances are numbered from 0.
///
/// Every method takes `&self` and changes nothing, so a router may ask in any order and as often as it likes.
pub trait Fleet {
    /// Number of instances, at least 2.
    fn instances(&self) -> usize;

    /// Requests that wait or run at an instance \[requests\].
    fn load(&self, instance: usize) -> usize;

    /// Leading blocks of the arriving prompt that an instance can reuse \[blocks\]: each of them is in its HBM or in a
    /// tier that it can read. This walks the prompt, so it costs time in proportion to the answer.
    fn cached_blocks(&self, instance: usize) -> usize;
}

/// Who serves a request. One router serves the whole fleet; it decides once, on arrival.
///
/// Contract:
/// - `choose` returns a number below `fleet.instances()`.
/// - Nothing but the arguments and earlier calls may influence the answer: no clock, no environment, no iteration
///   order of a hash map. Randomness comes from the seed in the build context.
/// - An online router does not look at the output of `request`: a real one could not know it.
pub trait Router: Send {
    /// The instance for an arriving request.
    fn choose(&mut self, request: &RequestView<'_>, fleet: &dyn Fleet) -> usize;
}
