//! A link: moves transfers between two tiers in one direction, one after another or with equal shares.
//!
//! Work is measured in nanoseconds that a transfer would need alone, after its first-byte latency. Both ways of
//! sharing are exact in integers: FIFO adds whole spans, and fair share counts a common progress with its remainder
//! carried, so that no nanosecond is lost or invented.

mod fair;

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
        waiting_ns: u64,
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
        let operations = u64::from(blocks) * u64::from(self.spec.io_per_block);
        by_bytes.max(self.spec.io_per_s.map_or(0, |rate| ceil_ns(operations, rate)))
    }

    /// Starts a transfer of `blocks` blocks.
    pub(crate) fn submit(&mut self, now_ns: u64, tag: u32, bytes: u64, blocks: u32) {
        let (number, work_ns) = (self.submitted, self.work_ns(bytes, blocks));
        self.submitted += 1;
        let job = Job { number, tag, submit_ns: now_ns, work_ns, blocks, bytes };
        match &mut self.queue {
            Queue::Fifo { jobs, since_ns, waiting_ns } => {
                if jobs.is_empty() {
                    *since_ns = now_ns;
                } else {
                    *waiting_ns += self.spec.latency_ns + job.work_ns;
                }
                jobs.push_back(job);
            }
            Queue::Fair(fair) => {
                self.totals.busy_ns += fair.advance(now_ns);
                fair.starting.push_back((now_ns + self.spec.latency_ns, job));
            }
        }
    }

    /// When a transfer that is submitted now would be done, if no other one followed.
    pub(crate) fn estimate_ns(&self, now_ns: u64, bytes: u64, blocks: u32) -> u64 {
        let work = self.work_ns(bytes, blocks);
        match &self.queue {
            Queue::Fifo { jobs, since_ns, waiting_ns } => {
                let free_ns =
                    jobs.front().map_or(now_ns, |job| since_ns + self.spec.latency_ns + job.work_ns);
                free_ns.max(now_ns) + waiting_ns + self.spec.latency_ns + work
            }
            Queue::Fair(fair) => {
                let others = (fair.active.len() + fair.starting.len()) as u64;
                now_ns + self.spec.latency_ns + work.saturating_mul(others + 1)
            }
        }
    }

    /// When something next happens on the link.
    pub(crate) fn next_ns(&self) -> Option<u64> {
        match &self.queue {
            Queue::Fifo { jobs, since_ns, .. } => {
                jobs.front().map(|job| since_ns + self.spec.latency_ns + job.work_ns)
            }
            Queue::Fair(fair) => fair.next_ns(),
        }
    }

    /// Lets time pass to `now_ns`, which is not beyond [`Link::next_ns`]. Returns the tag of a transfer that is done.
    pub(crate) fn step(&mut self, now_ns: u64) -> Option<u32> {
        let done = match &mut self.queue {
            Queue::Fifo { jobs, since_ns, waiting_ns } => {
                let span_ns = self.spec.latency_ns + jobs.front()?.work_ns;
                if *since_ns + span_ns > now_ns {
                    return None;
                }
                let job = jobs.pop_front()?;
                self.totals.busy_ns += span_ns;
                self.last_served_ns = Some((job.submit_ns, *since_ns));
                *since_ns += span_ns;
                if let Some(next) = jobs.front() {
                    *waiting_ns -= self.spec.latency_ns + next.work_ns;
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
        self.totals.bytes += done.bytes;
        self.totals.queue_ns += now_ns - done.submit_ns - (self.spec.latency_ns + done.work_ns);
        Some(done.tag)
    }

    /// How long a new transfer would wait before its first byte moves \[ns\]. On a link with fair shares nobody waits: there
    /// it is the work that is left in all transfers.
    pub(crate) fn backlog_ns(&mut self, now_ns: u64) -> u64 {
        match &mut self.queue {
            Queue::Fifo { .. } => self.estimate_ns(now_ns, 0, 0) - now_ns - self.spec.latency_ns,
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
                let spans = jobs.iter().take(place + 1).map(|job| self.spec.latency_ns + job.work_ns);
                Some(*since_ns + spans.sum::<u64>())
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
                Some(job) if job.tag == tag => (*job, now_ns.saturating_sub(*since_ns + latency_ns)),
                _ => return 0,
            },
            Queue::Fair(fair) => {
                self.totals.busy_ns += fair.advance(now_ns);
                match fair.active.iter().find(|(_, job)| job.tag == tag) {
                    Some(&(finish, job)) => (job, job.work_ns - (finish - fair.progress)),
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
                        *waiting_ns -= self.spec.latency_ns + next.work_ns;
                    }
                } else {
                    *waiting_ns -= self.spec.latency_ns + job.work_ns;
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
            self.totals.bytes += job.bytes / u64::from(job.blocks) * u64::from(arrived);
        }
        arrived
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(sharing: Sharing, latency_ns: u64) -> Link {
        // One byte per ns.
        let bytes_per_s = 1_000_000_000;
        Link::new(LinkSpec { bytes_per_s, latency_ns, io_per_s: None, io_per_block: 1, sharing })
    }

    /// (time, tag) of every completion.
    fn drain(link: &mut Link) -> Vec<(u64, u32)> {
        let mut done = Vec::new();
        while let Some(now) = link.next_ns() {
            done.extend(link.step(now).map(|tag| (now, tag)));
        }
        done
    }

    #[test]
    fn a_transfer_alone_takes_latency_and_bytes() {
        for sharing in [Sharing::Fifo, Sharing::Fair] {
            let mut link = link(sharing, 7);
            link.submit(100, 1, 1000, 4);
            assert_eq!(link.step(1106), None);
            assert_eq!(drain(&mut link), [(1107, 1)]);
            assert_eq!(link.totals().queue_ns, 0);
            assert_eq!(link.totals().busy_ns, 1007);
        }
    }

    #[test]
    fn two_equal_ones_under_fair_share_take_twice() {
        let mut link = link(Sharing::Fair, 0);
        link.submit(0, 1, 1000, 1);
        link.submit(0, 2, 1000, 1);
        assert_eq!(drain(&mut link), [(2000, 1), (2000, 2)]);
    }

    #[test]
    fn fifo_serves_in_order() {
        let mut link = link(Sharing::Fifo, 5);
        link.submit(0, 1, 1000, 1);
        link.submit(0, 2, 10, 1);
        assert_eq!(link.estimate_ns(0, 1, 1), 1005 + 15 + 6);
        assert_eq!(drain(&mut link), [(1005, 1), (1020, 2)]);
        assert_eq!(link.totals().queue_ns, 1005);
    }

    #[test]
    fn a_late_short_transfer_overtakes_under_fair_share() {
        let mut link = link(Sharing::Fair, 0);
        link.submit(0, 1, 1000, 1);
        link.submit(500, 2, 100, 1);
        // From 500 on each gets half: the short one needs 200 ns, then 400 ns of the long one remain alone.
        assert_eq!(drain(&mut link), [(700, 2), (1100, 1)]);
    }

    #[test]
    fn operations_can_be_the_limit() {
        let spec = LinkSpec {
            bytes_per_s: 1_000_000_000,
            latency_ns: 0,
            io_per_s: Some(1000),
            io_per_block: 2,
            sharing: Sharing::Fifo,
        };
        let mut link = Link::new(spec);
        link.submit(0, 1, 1000, 3);
        // 6 operations at 1000 a second are 6 ms; the bytes alone 1 us.
        assert_eq!(link.next_ns(), Some(6_000_000));
    }

    #[test]
    fn cancelling_frees_the_link_and_keeps_what_arrived() {
        for sharing in [Sharing::Fifo, Sharing::Fair] {
            let mut link = link(sharing, 0);
            link.submit(0, 1, 1000, 10);
            assert_eq!(link.cancel(350, 1), 3);
            link.submit(350, 2, 100, 1);
            assert_eq!(drain(&mut link), [(450, 2)]);
            assert_eq!(link.totals().bytes, 300 + 100);
        }
    }

    #[test]
    fn what_could_not_be_shared_out_is_not_left_behind() {
        let mut link = link(Sharing::Fair, 0);
        (1..=3).for_each(|tag| link.submit(0, tag, 100, 1));
        // 5 ns are one for each and two to carry; with two gone, the last may not have more than it was served.
        assert_eq!(link.cancel(5, 1), 0);
        assert_eq!(link.cancel(5, 2), 0);
        assert_eq!(drain(&mut link), [(104, 3)]);
    }

    #[test]
    fn of_equals_the_first_is_done_first() {
        let mut link = link(Sharing::Fair, 3);
        [9, 2, 5].into_iter().for_each(|tag| link.submit(0, tag, 10, 1));
        assert_eq!(drain(&mut link).iter().map(|(_, tag)| *tag).collect::<Vec<_>>(), [9, 2, 5]);
    }

    #[test]
    fn a_backlog_shrinks_while_nothing_happens() {
        for sharing in [Sharing::Fifo, Sharing::Fair] {
            let mut link = link(sharing, 0);
            link.submit(0, 1, 1000, 1);
            assert_eq!(link.backlog_ns(400), 600);
            assert_eq!(link.done_estimate_ns(400, 1), Some(1000));
        }
    }

    #[test]
    fn a_queued_transfer_can_be_cancelled() {
        let mut link = link(Sharing::Fifo, 1);
        (1..=3).for_each(|tag| link.submit(0, tag, 99, 1));
        assert_eq!(link.cancel(50, 2), 0);
        assert_eq!(drain(&mut link), [(100, 1), (200, 3)]);
    }
}
