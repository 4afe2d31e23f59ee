//! Hits and storage of one group as functions of its TTL.
//!
//! H(t) = the hit intervals of at most t; C(t) = the sum over intervals of min(t, interval), plus t (or what is left of the
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
        let (mut between, mut after) = (Charged::default(), Charged::default());
        let hit_intervals = &reuse.hit_intervals_ns;
        let mut hits = 0;
        while let Some(&ttl_ns) = hit_intervals.get(hits) {
            hits += hit_intervals[hits..].iter().take_while(|&&interval| interval == ttl_ns).count();
            let storage_block_ns = between.at(&reuse.intervals_ns, ttl_ns)
                + match charge {
                    TailCharge::WholeTtl => u128::from(ttl_ns) * reuse.tails_ns.len() as u128,
                    TailCharge::UntilTraceEnd => after.at(&reuse.tails_ns, ttl_ns),
                };
            let step = Step { ttl_ns, hits: hits as u64, storage_block_ns };
            match steps.last_mut() {
                // Reuse at the same instant costs nothing: it replaces the choice of no TTL.
                Some(last) if last.storage_block_ns == storage_block_ns => *last = step,
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

/// The sum of min(t, time) over increasing times, for t that only grows.
#[derive(Debug, Default)]
struct Charged {
    /// Times of at most t, and their sum.
    whole: usize,
    sum: u128,
}

impl Charged {
    fn at(&mut self, times_ns: &[u64], ttl_ns: u64) -> u128 {
        while let Some(&time) = times_ns.get(self.whole).filter(|&&time| time <= ttl_ns) {
            self.sum += u128::from(time);
            self.whole += 1;
        }
        self.sum + u128::from(ttl_ns) * (times_ns.len() - self.whole) as u128
    }
}

/// The curve of every group.
#[must_use]
pub fn curves(reuse: &Reuse, charge: TailCharge) -> Vec<Curve> {
    reuse.groups.iter().map(|group| Curve::of(group, charge)).collect()
}
