//! A link as a list of transfers, each with the nanoseconds it has been served.

use tier_sim::{LinkSpec, Sharing};

#[derive(Debug, Clone, Copy)]
struct Job {
    id: u64,
    submit_ns: u64,
    /// When it may be served: under fair share its latency is then over.
    ready_ns: u64,
    /// What it needs alone, under FIFO with its latency.
    work_ns: u64,
    served_ns: u64,
    blocks: u64,
    bytes: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Link {
    spec: LinkSpec,
    jobs: Vec<Job>,
    now_ns: u64,
    /// Served time that is less than a nanosecond for each transfer.
    carry_ns: u64,
    pub(super) transfers: u64,
    pub(super) bytes: u64,
    pub(super) busy_ns: u64,
    pub(super) queue_ns: u64,
}

impl Link {
    pub(super) fn new(spec: LinkSpec) -> Self {
        Self {
            spec,
            jobs: Vec::new(),
            now_ns: 0,
            carry_ns: 0,
            transfers: 0,
            bytes: 0,
            busy_ns: 0,
            queue_ns: 0,
        }
    }

    fn is_fifo(&self) -> bool {
        self.spec.sharing == Sharing::Fifo
    }

    /// Time of a transfer alone after its latency: bytes or operations, whichever takes longer.
    fn work_ns(&self, bytes: u64, blocks: u64) -> u64 {
        let up = |n: u64, per_s: u64| (u128::from(n) * 1_000_000_000).div_ceil(u128::from(per_s)) as u64;
        let operations = blocks * self.spec.io_per_block;
        up(bytes, self.spec.bytes_per_s).max(self.spec.io_per_s.map_or(0, |rate| up(operations, rate)))
    }

    pub(super) fn submit(&mut self, now_ns: u64, id: u64, bytes: u64, blocks: u64) {
        self.advance(now_ns);
        let (work_ns, latency) = (self.work_ns(bytes, blocks), self.spec.latency_ns);
        let (ready_ns, work_ns) =
            if self.is_fifo() { (now_ns, latency + work_ns) } else { (now_ns + latency, work_ns) };
        self.jobs.push(Job { id, submit_ns: now_ns, ready_ns, work_ns, served_ns: 0, blocks, bytes });
    }

    /// Positions of the transfers that are served now.
    fn active(&self) -> Vec<usize> {
        let ready = (0..self.jobs.len()).filter(|&j| self.jobs[j].ready_ns <= self.now_ns);
        ready.take(if self.is_fifo() { 1 } else { usize::MAX }).collect()
    }

    /// When the first transfer is done.
    pub(super) fn next_ns(&self) -> Option<u64> {
        let mut link = self.clone();
        while !link.jobs.is_empty() {
            let active = link.active();
            let left = active.iter().map(|&j| link.jobs[j].work_ns - link.jobs[j].served_ns).min();
            let span = left.map(|left| (left * active.len() as u64).saturating_sub(link.carry_ns));
            let done = span.map(|span| link.now_ns + span);
            match (done, link.next_ready_ns()) {
                (Some(done), ready) if ready.is_none_or(|ready| done <= ready) => return Some(done),
                (_, ready) => link.advance(ready.expect("a transfer that is not served will be")),
            }
        }
        None
    }

    fn next_ready_ns(&self) -> Option<u64> {
        self.jobs.iter().map(|job| job.ready_ns).filter(|&ns| ns > self.now_ns).min()
    }

    /// Serves until `now_ns`, at most to the first completion.
    pub(super) fn advance(&mut self, now_ns: u64) {
        while self.now_ns < now_ns {
            let until = self.next_ready_ns().map_or(now_ns, |ns| ns.min(now_ns));
            let span = until - self.now_ns;
            self.busy_ns += if self.jobs.is_empty() { 0 } else { span };
            let active = self.active();
            if !active.is_empty() {
                let shares = active.len() as u64;
                self.carry_ns += span;
                active.iter().for_each(|&j| self.jobs[j].served_ns += self.carry_ns / shares);
                self.carry_ns %= shares;
            }
            self.now_ns = until;
        }
    }

    /// The transfer that is done at `now_ns`, the first submitted of equals.
    pub(super) fn pop_done(&mut self, now_ns: u64) -> Option<u64> {
        self.advance(now_ns);
        let j = self.active().into_iter().find(|&j| self.jobs[j].served_ns >= self.jobs[j].work_ns)?;
        let job = self.jobs.remove(j);
        if self.active().is_empty() {
            self.carry_ns = 0;
        }
        self.transfers += 1;
        self.bytes += job.bytes;
        let latency = if self.is_fifo() { 0 } else { self.spec.latency_ns };
        self.queue_ns += now_ns - job.submit_ns - (latency + job.work_ns);
        Some(job.id)
    }

    /// When a transfer submitted now would be done, if nothing followed it.
    pub(super) fn estimate_ns(&self, now_ns: u64, bytes: u64, blocks: u64) -> u64 {
        let work = self.work_ns(bytes, blocks);
        if self.is_fifo() {
            now_ns + self.left_ns(now_ns) + self.spec.latency_ns + work
        } else {
            now_ns + self.spec.latency_ns + work * (self.jobs.len() as u64 + 1)
        }
    }

    /// Work, with the latencies of FIFO, that is left in all transfers.
    pub(super) fn left_ns(&self, now_ns: u64) -> u64 {
        let mut link = self.clone();
        link.advance(now_ns);
        link.jobs.iter().map(|job| job.work_ns - job.served_ns).sum()
    }

    /// When a transfer will be done, if all that share the link go on to do so.
    pub(super) fn done_estimate_ns(&self, now_ns: u64, id: u64) -> u64 {
        let mut link = self.clone();
        link.advance(now_ns);
        let place = link.jobs.iter().position(|job| job.id == id).expect("it is on the link");
        if link.is_fifo() {
            let left = link.jobs[..=place].iter().map(|job| job.work_ns - job.served_ns);
            return now_ns + left.sum::<u64>();
        }
        let job = link.jobs[place];
        now_ns.max(job.ready_ns) + (job.work_ns - job.served_ns) * link.jobs.len() as u64
    }

    /// Takes a transfer off the link; the blocks of it that have arrived.
    pub(super) fn cancel(&mut self, now_ns: u64, id: u64) -> usize {
        self.advance(now_ns);
        let active = self.active();
        let place = self.jobs.iter().position(|job| job.id == id).expect("it is on the link");
        let job = self.jobs.remove(place);
        if active.contains(&place) {
            // Its part of a nanosecond that could not be shared out goes with it.
            self.carry_ns = self.carry_ns * (active.len() as u64 - 1) / active.len() as u64;
        }
        let latency = if self.is_fifo() { self.spec.latency_ns } else { 0 };
        let moved_ns = job.served_ns.saturating_sub(latency);
        let arrived = moved_ns * job.blocks / (job.work_ns - latency);
        if arrived > 0 {
            self.transfers += 1;
            self.bytes += job.bytes / job.blocks * arrived;
        }
        arrived as usize
    }
}
