//! When blocks are used again: the paper's reuse intervals, by group.
//!
//! A use is a full block of a prompt, at the request's arrival. A block that a request generates begins its
//! life there if it is new. How long requests wait and run is not known here.

use kv_core::Group;

use super::curve::TailCharge;
use super::groups::Groups;
use super::seen::Seen;

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
    /// Those of them that end in a hit if the block is kept, increasing: all, unless prefixes are looked at.
    pub hit_intervals_ns: Vec<u64>,
    /// Uses of its blocks in prompts, first uses included.
    pub uses: u64,
    /// For each block, the time from its last use to the last arrival [ns], increasing: B_g is their number.
    pub tails_ns: Vec<u64>,
}

impl GroupReuse {
    /// Storage with a TTL [block-ns]: C_g(t).
    #[must_use]
    pub fn storage_block_ns(&self, ttl_ns: u64, charge: TailCharge) -> u128 {
        let up_to =
            |times_ns: &[u64]| times_ns.iter().map(|&time| u128::from(time.min(ttl_ns))).sum::<u128>();
        let after = match charge {
            TailCharge::WholeTtl => u128::from(ttl_ns) * self.tails_ns.len() as u128,
            TailCharge::UntilTraceEnd => up_to(&self.tails_ns),
        };
        up_to(&self.intervals_ns) + after
    }
}

impl Reuse {
    /// Reads the uses off requests, as the paper counts them: every use of a kept block is a hit.
    #[must_use]
    pub fn of<'a>(seen: impl Into<Seen<'a>>, groups: &Groups) -> Self {
        Self::read(&seen.into(), groups, None)
    }

    /// The same, but a use counts only if the blocks of *other* groups before it in the prompt are alive under the given
    /// TTLs [ns]. (Those of its own group are: they were used whenever it was, and are kept as long.)
    ///
    /// # Panics
    /// If there are fewer TTLs than groups.
    #[must_use]
    pub fn with_whole_prefixes<'a>(seen: impl Into<Seen<'a>>, groups: &Groups, ttl_ns: &[u64]) -> Self {
        assert!(ttl_ns.len() >= groups.len(), "{} TTLs for {} groups", ttl_ns.len(), groups.len());
        Self::read(&seen.into(), groups, Some(ttl_ns))
    }

    fn read(seen: &Seen<'_>, groups: &Groups, ttl_ns: Option<&[u64]>) -> Self {
        let mut reuse = vec![GroupReuse::default(); groups.len()];
        let used = seen.used();
        let mut last_use: Vec<Option<u64>> = vec![None; used.len()];
        for request in seen.requests() {
            let mut path = Path::default();
            for &block in request.prompt_blocks {
                let group = groups.of(block);
                let before = last_use[block.index()].replace(request.arrival_ns);
                let interval = before.map(|before| request.arrival_ns - before);
                let alive =
                    interval.is_some_and(|it| ttl_ns.is_none_or(|ttl| it <= ttl[usize::from(group.0)]));
                let others_alive = path.step(group, alive);
                let reuse = &mut reuse[usize::from(group.0)];
                reuse.uses += 1;
                if let Some(interval) = interval {
                    reuse.intervals_ns.push(interval);
                    if others_alive {
                        reuse.hit_intervals_ns.push(interval);
                    }
                }
            }
            for &block in request.output_blocks.iter().filter(|block| used[block.index()]) {
                last_use[block.index()].get_or_insert(request.arrival_ns);
            }
        }
        let end = seen.end_ns();
        for (block, last_use) in last_use.into_iter().enumerate() {
            if let Some(last_use) = last_use {
                reuse[usize::from(groups.of_blocks()[block].0)].tails_ns.push(end - last_use);
            }
        }
        for group in &mut reuse {
            group.intervals_ns.sort_unstable();
            group.hit_intervals_ns.sort_unstable();
            group.tails_ns.sort_unstable();
        }
        Self { groups: reuse }
    }
}

/// A walk down a prompt. Each group is one stretch of it, for a block inherits its parent's group until the
/// next head.
#[derive(Debug)]
struct Path {
    group: Option<Group>,
    before_alive: bool,
    stretch_alive: bool,
}

impl Default for Path {
    fn default() -> Self {
        Self { group: None, before_alive: true, stretch_alive: true }
    }
}

impl Path {
    /// Goes to the next block; whether all blocks of the groups before its own are alive.
    fn step(&mut self, group: Group, alive: bool) -> bool {
        if self.group != Some(group) {
            self.group = Some(group);
            self.before_alive &= self.stretch_alive;
            self.stretch_alive = true;
        }
        self.stretch_alive &= alive;
        self.before_alive
    }
}
