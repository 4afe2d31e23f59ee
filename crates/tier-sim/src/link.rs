//! A link: moves transfers between two tiers in one direction, one after another or with equal shares.
//!
//! Work is measured in nanoseconds that a transfer would need alone, after its first-byte latency. Both ways of
//! sharing are exact in integers: FIFO adds whole spans, and fair share counts a common progress with its remainder
//! carried, so that no nanosecond is lost or invented. What waits is summed in 128 bits, since a slow link may have centuries
//! of work before it; a moment that the clock cannot tell is its last one.

mod fair;

use crate::clock::{clamped, later};
use crate::scenario::{LinkSpec, Sharing};
use fair::Fair;
use std::collections::VecDeque;

/// What a link has done.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LinkTotals {
    pub(crate) transfers: u64,
    pub(crate) bytes: u64,
    pub(crate) busy_ns: u64,
    pub(crate) queue_ns: u64,
}

/// A transfer on a link; ordered by when it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Job {
    /// Transfers that came before it. Of transfers that are done at the same time the first to come is the first to leave.
    number: u64,
    /// Names the transfer to the owner of the link.
    tag: u32,
    submit_ns: u64,
    /// Time alone after the latency \[ns\], at least 1 for any byte.
    work_ns: u64,
    blocks: u32,
    bytes: u64,
}

impl Job {
    /// Time that the transfer needs alone, the link's latency included \[ns\].
    fn span_ns(&self, latency_ns: u64) -> u64 {
        latency_ns.saturating_add(self.work_ns)
    }
}

/// A link and its transfers.
#[derive(Debug)]
pub(crate) struct Link {
    spec: LinkSpec,
    queue: Queue,
    submitted: u64,
    totals: LinkTotals,
    /// When the transfer that left last was submitted and first served \[ns\]; `None` if it never was served.
    last_served_ns: Option<(u64, u64)>,
}

#[derive(Debug)]
enum Queue {
    /// The front is under way since `since_ns`.
    Fifo {
        jobs: VecDeque<Job>,
        since_ns: u64,
        waiting_ns: u128,
    },
    Fair(Fair),
}

impl Link {
    pub(crate) fn new(spec: LinkSpec) -> Self {
        let queue = match spec.sharing {
            Sharing::Fifo => Queue::Fifo { jobs: VecDeque::new(), since_ns: 0, waiting_ns: 0 },
            Sharing::Fair => Queue::Fair(Fair::default()),
        };
        Self { spec, queue, submitted: 0, totals: LinkTotals::default(), last_served_ns: None }
    }

    pub(crate) fn totals(&self) -> LinkTotals {
        self.totals
    }

    /// When the transfer that left last was submitted and first served \[ns\]; `None` if it never was served.
    pub(crate) fn last_served_ns(&self) -> Option<(u64, u64)> {
        self.last_served_ns
    }

    /// Time that a transfer needs alone after the latency \[ns\].
    fn work_ns(&self, bytes: u64, blocks: u32) -> u64 {
        let ceil_ns = |amount: u64, per_s: u64| {
            let ns = (u128::from(amount) * 1_000_000_000).div_ceil(u128::from(per_s));
            u64::try_from(ns).unwrap_or(u64::MAX)
        };
        let by_bytes = ceil_ns(bytes, self.spec.bytes_per_s);
        let operations = u64::from(blocks).saturating_mul(self.spec.io_per_block);
        by_bytes.max(self.spec.io_per_s.map_or(0, |rate| ceil_ns(operations, rate)))
    }

    /// Starts a transfer of `blocks` blocks.
    pub(crate) fn submit(&mut self, now_ns: u64, tag: u32, bytes: u64, blocks: u32) {
        let (number, work_ns) = (self.submitted, self.work_ns(bytes, blocks));
        self.submitted += 1;
        let job = Job { number, tag, submit_ns: now_ns, work_ns, blocks, bytes };
        let span_ns = job.span_ns(self.spec.latency_ns);
        match &mut self.queue {
            Queue::Fifo { jobs, since_ns, waiting_ns } => {
                if jobs.is_empty() {
                    *since_ns = now_ns;
                } else {
                    *waiting_ns += u128::from(span_ns);
                }
                jobs.push_back(job);
            }
            Queue::Fair(fair) => {
                self.totals.busy_ns += fair.advance(now_ns);
                fair.starting.push_back((later(now_ns, self.spec.latency_ns), job));
            }
        }
    }

    /// When a transfer that is submitted now would be done, if no other one followed.
    pub(crate) fn estimate_ns(&self, now_ns: u64, bytes: u64, blocks: u32) -> u64 {
        let work = self.work_ns(bytes, blocks);
        match &self.queue {
            Queue::Fifo { .. } => {
                let own_ns = u128::from(self.spec.latency_ns) + u128::from(work);
                clamped(u128::from(now_ns) + self.fifo_backlog_ns(now_ns) + own_ns)
            }
            Queue::Fair(fair) => {
                let others = (fair.active.len() + fair.starting.len()) as u64;
                later(later(now_ns, self.spec.latency_ns), work.saturating_mul(others + 1))
            }
        }
    }

    /// How long a transfer that is submitted now would wait for those before it \[ns\]; 0 where they share the link.
    fn fifo_backlog_ns(&self, now_ns: u64) -> u128 {
        let Queue::Fifo { jobs, since_ns, waiting_ns } = &self.queue else { return 0 };
        let front = jobs.front().map_or(0, |job| {
            (u128::from(*since_ns) + u128::from(job.span_ns(self.spec.latency_ns)))
                .saturating_sub(u128::from(now_ns))
        });
        front + waiting_ns
    }

    /// When something next happens on the link.
    pub(crate) fn next_ns(&self) -> Option<u64> {
        match &self.queue {
            Queue::Fifo { jobs, since_ns, .. } => {
                jobs.front().map(|job| later(*since_ns, job.span_ns(self.spec.latency_ns)))
            }
            Queue::Fair(fair) => fair.next_ns(),
        }
    }

    /// Lets time pass to `now_ns`, which is not beyond [`Link::next_ns`]. Returns the tag of a transfer that is done.
    pub(crate) fn step(&mut self, now_ns: u64) -> Option<u32> {
        let done = match &mut self.queue {
            Queue::Fifo { jobs, since_ns, waiting_ns } => {
                let latency_ns = self.spec.latency_ns;
                let span_ns = jobs.front()?.span_ns(latency_ns);
                if later(*since_ns, span_ns) > now_ns {
                    return None;
                }
                let job = jobs.pop_front()?;
                self.totals.busy_ns += span_ns;
                self.last_served_ns = Some((job.submit_ns, *since_ns));
                *since_ns += span_ns;
                if let Some(next) = jobs.front() {
                    *waiting_ns -= u128::from(next.span_ns(latency_ns));
                }
                job
            }
            Queue::Fair(fair) => {
                self.totals.busy_ns += fair.advance(now_ns);
                let job = fair.pop_done()?;
                self.last_served_ns = Some((job.submit_ns, job.submit_ns));
                job
            }
        };
        self.totals.transfers += 1;
        self.totals.bytes = self.totals.bytes.saturating_add(done.bytes);
        let beyond_ns = now_ns - done.submit_ns - done.span_ns(self.spec.latency_ns);
        self.totals.queue_ns = self.totals.queue_ns.saturating_add(beyond_ns);
        Some(done.tag)
    }

    /// How long a new transfer would wait before its first byte moves \[ns\]. On a link with fair shares nobody waits: there
    /// it is the work that is left in all transfers.
    pub(crate) fn backlog_ns(&mut self, now_ns: u64) -> u64 {
        match &mut self.queue {
            Queue::Fifo { .. } => clamped(self.fifo_backlog_ns(now_ns)),
            Queue::Fair(fair) => {
                self.totals.busy_ns += fair.advance(now_ns);
                fair.remaining_ns()
            }
        }
    }

    /// When a transfer on the link will be done, if nothing else is submitted.
    pub(crate) fn done_estimate_ns(&mut self, now_ns: u64, tag: u32) -> Option<u64> {
        match &mut self.queue {
            Queue::Fifo { jobs, since_ns, .. } => {
                let place = jobs.iter().position(|job| job.tag == tag)?;
                let latency_ns = self.spec.latency_ns;
                let spans = jobs.iter().take(place + 1).map(|job| job.span_ns(latency_ns));
                Some(clamped(u128::from(*since_ns) + spans.map(u128::from).sum::<u128>()))
            }
            Queue::Fair(fair) => {
                self.totals.busy_ns += fair.advance(now_ns);
                fair.done_estimate_ns(tag, self.spec.latency_ns)
            }
        }
    }

    /// Blocks of a transfer that have arrived by now.
    pub(crate) fn arrived_blocks(&mut self, now_ns: u64, tag: u32) -> u32 {
        let latency_ns = self.spec.latency_ns;
        let (job, served_ns) = match &mut self.queue {
            Queue::Fifo { jobs, since_ns, .. } => match jobs.front() {
                Some(job) if job.tag == tag => (*job, now_ns.saturating_sub(later(*since_ns, latency_ns))),
                _ => return 0,
            },
            Queue::Fair(fair) => {
                self.totals.busy_ns += fair.advance(now_ns);
                match fair.active.iter().find(|(_, job)| job.tag == tag) {
                    Some(&(finish, job)) => {
                        (job, job.work_ns - clamped(finish - fair.progress).min(job.work_ns))
                    }
                    None => return 0,
                }
            }
        };
        (u128::from(served_ns.min(job.work_ns)) * u128::from(job.blocks) / u128::from(job.work_ns.max(1)))
            as u32
    }

    /// Takes a transfer off the link; what it has moved counts. Returns the blocks that had arrived.
    pub(crate) fn cancel(&mut self, now_ns: u64, tag: u32) -> u32 {
        let arrived = self.arrived_blocks(now_ns, tag);
        let job = match &mut self.queue {
            Queue::Fifo { jobs, since_ns, waiting_ns } => {
                let Some(place) = jobs.iter().position(|job| job.tag == tag) else { return 0 };
                let job = jobs.remove(place).expect("its place was just found");
                self.last_served_ns = Some((job.submit_ns, *since_ns)).filter(|_| place == 0);
                if place == 0 {
                    self.totals.busy_ns += now_ns - *since_ns;
                    *since_ns = now_ns;
                    if let Some(next) = jobs.front() {
                        *waiting_ns -= u128::from(next.span_ns(self.spec.latency_ns));
                    }
                } else {
                    *waiting_ns -= u128::from(job.span_ns(self.spec.latency_ns));
                }
                job
            }
            Queue::Fair(fair) => match fair.remove(tag) {
                Some(job) => {
                    self.last_served_ns = Some((job.submit_ns, job.submit_ns));
                    job
                }
                None => return 0,
            },
        };
        if arrived > 0 {
            self.totals.transfers += 1;
            let bytes = job.bytes / u64::from(job.blocks) * u64::from(arrived);
            self.totals.bytes = self.totals.bytes.saturating_add(bytes);
        }
        arrived
    }
}

#[cfg(test)]
mod tests;
