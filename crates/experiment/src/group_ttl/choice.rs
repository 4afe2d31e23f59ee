//! The TTLs that tuners choose for a trace or its second half, and their gain by the model.

use std::sync::Arc;

use kareto::ttl::{
    Groups, Method, Replayed, Retuning, Reuse, Schedule, Seen, TailCharge, TtlError, curves, replay,
    replay_with, tune, uniform,
};
use kv_core::{Group, Trace};

use super::leases::Assignment;
use super::rules::{Contest, Part, TunedOn, change_percent};

/// How long blocks are charged after their last use. A simulation ends with its trace too.
const CHARGE: TailCharge = TailCharge::UntilTraceEnd;

/// Chosen TTLs. The groups are of the whole trace's blocks.
pub(crate) enum Choice {
    Groups(Groups, Vec<u64>),
    Online(Schedule),
}

impl Choice {
    /// The TTLs as leases of a tier. `of_block` gives the group of each block that is simulated.
    pub(crate) fn leases(self, of_block: impl Fn(&Groups) -> Arc<[Group]>) -> Assignment {
        match self {
            Self::Groups(groups, ttl_ns) => Assignment::Groups(of_block(&groups), ttl_ns),
            Self::Online(Schedule { groups, window_ns, ttl_ns, .. }) => {
                Assignment::Windows { of_block: of_block(&groups), window_ns, ttl_ns }
            }
        }
    }

    fn replayed(&self, seen: Seen<'_>) -> Replayed {
        match self {
            Self::Groups(groups, ttl_ns) => replay(seen, groups, ttl_ns),
            Self::Online(schedule) => replay_with(seen, |block, now_ns| schedule.ttl_ns_at(block, now_ns)),
        }
    }
}

/// Tunes for one trace.
pub(crate) struct Tuner<'a> {
    whole: &'a Trace,
    contest: &'a Contest,
    /// Blocks held on average where one TTL has every hit.
    mean_blocks_for_all: f64,
}

impl<'a> Tuner<'a> {
    pub(crate) fn new(whole: &'a Trace, contest: &'a Contest) -> Self {
        let storage = uniform(&in_one_group(whole.into()), CHARGE, u128::MAX).storage_block_ns;
        let duration_ns = Seen::from(whole).end_ns().max(1);
        Self { whole, contest, mean_blocks_for_all: storage as f64 / duration_ns as f64 }
    }

    /// Where the second half begins [ns].
    pub(crate) fn middle_ns(&self) -> u64 {
        Seen::from(self.whole).end_ns().div_ceil(2)
    }

    /// The requests of a part, and the time in which they arrive [ns].
    fn part(&self, part: Part) -> (Seen<'a>, u64) {
        let end_ns = Seen::from(self.whole).end_ns();
        match part {
            Part::Whole => (self.whole.into(), end_ns),
            Part::SecondHalf => (Seen::since(self.whole, self.middle_ns()), end_ns - self.middle_ns()),
        }
    }

    /// TTLs for a part, chosen by a method from what the method may see, within a share of the storage for every hit.
    pub(crate) fn choice(
        &self,
        part: Part,
        tuned: TunedOn,
        method: Method,
        share: f64,
    ) -> Result<Choice, TtlError> {
        let mean_blocks = share * self.mean_blocks_for_all;
        let from = match tuned {
            TunedOn::Online => {
                let from_ns = if part == Part::Whole { 0 } else { self.middle_ns() };
                let (groups, window_ns) = (self.contest.groups, self.contest.window_ns);
                let how = Retuning { groups, window_ns, charge: CHARGE, method, mean_blocks };
                return Schedule::retuned(self.whole, from_ns, &how).map(Choice::Online);
            }
            TunedOn::InSample => self.part(part),
            TunedOn::FirstHalf => (Seen::before(self.whole, self.middle_ns()), self.middle_ns()),
        };
        let (seen, during_ns) = from;
        let groups = Groups::most_frequent(seen.clone(), self.contest.groups)?;
        let budget = (mean_blocks * during_ns as f64) as u128;
        let chosen = tune(&curves(&Reuse::of(seen, &groups), CHARGE), budget, method);
        Ok(Choice::Groups(groups, chosen.ttl_ns))
    }

    /// The one TTL of the model for a part, within a share of the storage for every hit [ns].
    pub(crate) fn one_ttl_ns(&self, part: Part, share: f64) -> u64 {
        let (seen, during_ns) = self.part(part);
        let budget = (share * self.mean_blocks_for_all * during_ns as f64) as u128;
        uniform(&in_one_group(seen), CHARGE, budget).ttl_ns[0]
    }

    /// The gain in hits of whole prefixes over one TTL at the same storage [%], by the model. `None` where one TTL has
    /// no hits.
    pub(crate) fn model_gain_percent(&self, part: Part, choice: &Choice) -> Option<f64> {
        let (seen, _) = self.part(part);
        let counted = choice.replayed(seen.clone());
        let one = uniform(&in_one_group(seen), CHARGE, counted.storage_block_ns);
        change_percent(one.hits as f64, counted.prefix_hits as f64)
    }
}

fn in_one_group(seen: Seen<'_>) -> Reuse {
    let groups = Groups::below(seen.trace(), Vec::new());
    Reuse::of(seen, &groups)
}
