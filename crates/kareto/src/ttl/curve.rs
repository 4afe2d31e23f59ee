//! Hits and storage of one group as functions of its TTL.
//!
//! H(t) = the intervals of at most t; C(t) = the sum over intervals of min(t, interval), plus t (or what is left of the
//! trace) after each block's last use. Between two intervals H stands still and C grows, so the steps at intervals are the
//! only choices worth making.

use super::reuse::{GroupReuse, Reuse};

/// What is charged after a block's last use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TailCharge {
    /// The whole TTL, as the paper has it, also where the trace ends before.
    WholeTtl,
    /// At most what is left of the trace.
    UntilTraceEnd,
}

/// One choice of TTL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The TTL [ns].
    pub ttl_ns: u64,
    /// Block hits over the trace with it.
    pub hits: u64,
    /// Storage over the trace [block-ns].
    pub storage_block_ns: u128,
}

/// The choices of one group, hits and TTL strictly increasing, storage never decreasing; the first is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Curve {
    steps: Vec<Step>,
}

impl Curve {
    /// The curve of a group.
    #[must_use]
    pub fn of(reuse: &GroupReuse, charge: TailCharge) -> Self {
        let mut steps = vec![Step { ttl_ns: 0, hits: 0, storage_block_ns: 0 }];
        let (mut hits, mut tails_over) = (0_usize, 0_usize);
        let (mut done, mut tail_done) = (0_u128, 0_u128);
        let intervals = &reuse.intervals_ns;
        while hits < intervals.len() {
            let ttl_ns = intervals[hits];
            while hits < intervals.len() && intervals[hits] == ttl_ns {
                done += u128::from(ttl_ns);
                hits += 1;
            }
            let mut storage = done + u128::from(ttl_ns) * (intervals.len() - hits) as u128;
            match charge {
                TailCharge::WholeTtl => storage += u128::from(ttl_ns) * reuse.tails_ns.len() as u128,
                TailCharge::UntilTraceEnd => {
                    while tails_over < reuse.tails_ns.len() && reuse.tails_ns[tails_over] <= ttl_ns {
                        tail_done += u128::from(reuse.tails_ns[tails_over]);
                        tails_over += 1;
                    }
                    storage += tail_done + u128::from(ttl_ns) * (reuse.tails_ns.len() - tails_over) as u128;
                }
            }
            let step = Step { ttl_ns, hits: hits as u64, storage_block_ns: storage };
            match steps.last_mut() {
                // Reuse at the same instant costs nothing: it replaces the choice of no TTL.
                Some(last) if last.storage_block_ns == storage => *last = step,
                _ => steps.push(step),
            }
        }
        Self { steps }
    }

    /// A curve from its steps.
    ///
    /// # Panics
    /// Unless there is a first step of no storage, and hits and storage increase strictly.
    #[must_use]
    pub fn from_steps(steps: Vec<Step>) -> Self {
        assert!(steps.first().is_some_and(|first| first.storage_block_ns == 0), "the first choice is free");
        let increase = |pair: &[Step]| {
            pair[0].hits < pair[1].hits && pair[0].storage_block_ns < pair[1].storage_block_ns
        };
        assert!(steps.windows(2).all(increase), "hits and storage increase");
        Self { steps }
    }

    /// The choices; never empty.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The last choice within a TTL.
    pub(super) fn step_at_ttl(&self, ttl_ns: u64) -> usize {
        self.steps.partition_point(|step| step.ttl_ns <= ttl_ns).saturating_sub(1)
    }

    /// The last choice within an amount of storage.
    pub(super) fn step_at_storage(&self, storage_block_ns: u128) -> usize {
        self.steps.partition_point(|step| step.storage_block_ns <= storage_block_ns) - 1
    }
}

/// The curve of every group.
#[must_use]
pub fn curves(reuse: &Reuse, charge: TailCharge) -> Vec<Curve> {
    reuse.groups.iter().map(|group| Curve::of(group, charge)).collect()
}
