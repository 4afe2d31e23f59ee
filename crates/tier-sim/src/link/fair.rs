//! Fair share: a common progress, so that nothing is touched per transfer as time passes.

use super::Job;
use crate::clock::{clamped, later};
use std::collections::{BTreeSet, VecDeque};

/// Equal shares: every active transfer has progressed equally since it became active.
#[derive(Debug, Default)]
pub(super) struct Fair {
    now_ns: u64,
    /// Work \[ns\] that a transfer active since the start of the current busy period would have been served.
    pub(super) progress: u128,
    /// Nanoseconds not yet turned into progress, fewer than there are active transfers.
    carry: u64,
    /// (progress at which it is done, transfer)
    pub(super) active: BTreeSet<(u128, Job)>,
    /// (when its latency is over, transfer), in that order
    pub(super) starting: VecDeque<(u64, Job)>,
}

impl Fair {
    pub(super) fn next_ns(&self) -> Option<u64> {
        let done = self.active.first().map(|(finish, _)| {
            let missing = (finish - self.progress) * self.active.len() as u128;
            later(self.now_ns, clamped(missing.saturating_sub(u128::from(self.carry))))
        });
        let start = self.starting.front().map(|(ns, _)| *ns);
        done.into_iter().chain(start).min()
    }

    /// Lets time pass, not beyond the next completion. Returns how long the link was busy \[ns\].
    pub(super) fn advance(&mut self, now_ns: u64) -> u64 {
        let mut busy = 0;
        while self.now_ns < now_ns || self.starting.front().is_some_and(|(ns, _)| *ns <= now_ns) {
            let until = self.starting.front().map_or(now_ns, |(ns, _)| (*ns).min(now_ns));
            let span = until - self.now_ns;
            if !self.active.is_empty() {
                let total = span.saturating_add(self.carry);
                let shares = self.active.len() as u64;
                self.progress += u128::from(total / shares);
                self.carry = total % shares;
            }
            if !self.active.is_empty() || !self.starting.is_empty() {
                busy += span;
            }
            self.now_ns = until;
            while let Some(&(_, job)) = self.starting.front().filter(|(ns, _)| *ns <= until) {
                self.starting.pop_front();
                self.active.insert((self.progress + u128::from(job.work_ns), job));
            }
        }
        busy
    }

    /// When a transfer is done, if all that share the link with it now do so until then. It is never too early. Time has
    /// passed to now.
    pub(super) fn done_estimate_ns(&self, tag: u32, latency_ns: u64) -> Option<u64> {
        let shares = (self.active.len() + self.starting.len()) as u128;
        if let Some((finish, _)) = self.active.iter().find(|(_, job)| job.tag == tag) {
            return Some(clamped(u128::from(self.now_ns) + (finish - self.progress) * shares));
        }
        let (_, job) = self.starting.iter().find(|(_, job)| job.tag == tag)?;
        let begins_ns = u128::from(job.submit_ns) + u128::from(latency_ns);
        Some(clamped(begins_ns + u128::from(job.work_ns) * shares))
    }

    /// The work \[ns\] that all transfers together have left. Time has passed to now.
    pub(super) fn remaining_ns(&self) -> u64 {
        let active = self.active.iter().map(|(finish, _)| finish - self.progress);
        clamped(active.chain(self.starting.iter().map(|(_, job)| u128::from(job.work_ns))).sum())
    }

    pub(super) fn pop_done(&mut self) -> Option<Job> {
        self.active.first().filter(|(finish, _)| *finish <= self.progress)?;
        let (_, job) = self.active.pop_first()?;
        if self.active.is_empty() {
            self.carry = 0;
        }
        Some(job)
    }

    pub(super) fn remove(&mut self, tag: u32) -> Option<Job> {
        if let Some(place) = self.starting.iter().position(|(_, job)| job.tag == tag) {
            return self.starting.remove(place).map(|(_, job)| job);
        }
        let found = *self.active.iter().find(|(_, job)| job.tag == tag)?;
        // Its part of what could not be shared out goes with it, or the rest would have too much.
        let shares = self.active.len() as u64;
        self.carry = self.carry * (shares - 1) / shares;
        self.active.remove(&found);
        Some(found.1)
    }
}
