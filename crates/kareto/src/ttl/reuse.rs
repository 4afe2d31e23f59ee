//! When blocks are used again: the paper's reuse intervals, by group.
//!
//! A use is a full block of a prompt, at the request's arrival. A block that a request generates begins its life there
//! if it is new. How long requests wait and run is not known here.

use kv_core::Trace;

use super::groups::Groups;

/// Reuse of the blocks of every group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reuse {
    /// By group, the rest first.
    pub groups: Vec<GroupReuse>,
}

/// Reuse within one group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupReuse {
    /// Times between consecutive uses of a block [ns], increasing: Delta_g.
    pub intervals_ns: Vec<u64>,
    /// For each block, the time from its last use to the last arrival [ns], increasing: B_g is their number.
    pub tails_ns: Vec<u64>,
}

impl Reuse {
    /// Reads the uses off a trace.
    #[must_use]
    pub fn of(trace: &Trace, groups: &Groups) -> Self {
        let mut reuse = vec![GroupReuse::default(); groups.len()];
        let mut last_use: Vec<Option<u64>> = vec![None; trace.unique_blocks()];
        for request in trace.requests() {
            for &block in request.prompt_blocks {
                if let Some(before) = last_use[block.index()].replace(request.arrival_ns) {
                    reuse[usize::from(groups.of(block).0)].intervals_ns.push(request.arrival_ns - before);
                }
            }
            for &block in request.output_blocks {
                last_use[block.index()].get_or_insert(request.arrival_ns);
            }
        }
        let end = trace.arrivals_ns().last().copied().unwrap_or(0);
        for (block, last_use) in last_use.into_iter().enumerate() {
            if let Some(last_use) = last_use {
                reuse[usize::from(groups.of_blocks()[block].0)].tails_ns.push(end - last_use);
            }
        }
        for group in &mut reuse {
            group.intervals_ns.sort_unstable();
            group.tails_ns.sort_unstable();
        }
        Self { groups: reuse }
    }
}
