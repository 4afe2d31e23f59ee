//! The online tuner: TTLs chosen anew at the start of every window, from what was seen until then.
//!
//! Heads differ from window to window. A block's group is the nearest of *all* windows' heads above it, so that
//! it never changes, and each window says what TTL that group has under the window's own heads.

use kv_core::{BlockId, Trace};

use super::curve::{TailCharge, curves};
use super::groups::{Groups, Head};
use super::reuse::Reuse;
use super::seen::Seen;
use super::{Method, TtlError, tune};

/// How to re-tune.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retuning {
    /// Groups of a window, the rest not counted.
    pub groups: usize,
    /// Length of a window [ns].
    pub window_ns: u64,
    /// What is charged after a block's last use.
    pub charge: TailCharge,
    /// How TTLs are chosen.
    pub method: Method,
    /// Blocks that may be held on average.
    pub mean_blocks: f64,
}

/// TTLs by window and group.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The groups, the same in all windows.
    pub groups: Groups,
    /// When the first window begins [ns].
    pub from_ns: u64,
    /// Length of a window [ns]; the last one has no end.
    pub window_ns: u64,
    /// By window, the TTL of each group [ns].
    pub ttl_ns: Vec<Vec<u64>>,
}

/// What is decided for one window.
struct Decision {
    heads: Vec<Head>,
    /// By group, the rest first.
    ttl_ns: Vec<u64>,
}

impl Schedule {
    /// Re-tunes a trace from a time [ns] on: the first window begins there, and sees what arrived before.
    ///
    /// A window that has seen nothing keeps every block for a window's length.
    ///
    /// # Errors
    /// [`TtlError::Groups`], also if the windows together have more heads than ids, and [`TtlError::Window`].
    pub fn retuned(trace: &Trace, from_ns: u64, how: &Retuning) -> Result<Self, TtlError> {
        if how.window_ns == 0 {
            return Err(TtlError::Window);
        }
        let end_ns = Seen::from(trace).end_ns();
        let starts = (0..).map(|window| from_ns + window * how.window_ns);
        let starts = starts.take_while(|&start_ns| start_ns <= end_ns.max(from_ns));
        let decided: Vec<Decision> =
            starts.map(|start_ns| decide(trace, start_ns, how)).collect::<Result<_, _>>()?;
        let mut heads: Vec<Head> = Vec::new();
        let mut is_head = vec![false; trace.unique_blocks()];
        for head in decided.iter().flat_map(|decision| &decision.heads) {
            if !std::mem::replace(&mut is_head[head.block.index()], true) {
                heads.push(*head);
            }
        }
        if heads.len() > usize::from(u16::MAX) {
            return Err(TtlError::Groups { groups: heads.len() });
        }
        let groups = Groups::below(trace, heads);
        let ttl_ns = decided.iter().map(|decision| decision.by_group(trace, &groups)).collect();
        Ok(Self { groups, from_ns, window_ns: how.window_ns, ttl_ns })
    }

    /// The TTL [ns] that a block gets with a use at a time [ns].
    #[must_use]
    pub fn ttl_ns_at(&self, block: BlockId, now_ns: u64) -> u64 {
        let window =
            usize::try_from(now_ns.saturating_sub(self.from_ns) / self.window_ns).unwrap_or(usize::MAX);
        self.ttl_ns[window.min(self.ttl_ns.len() - 1)][usize::from(self.groups.of(block).0)]
    }
}

fn decide(trace: &Trace, start_ns: u64, how: &Retuning) -> Result<Decision, TtlError> {
    let seen = Seen::before(trace, start_ns);
    let groups = Groups::most_frequent(seen.clone(), how.groups)?;
    if seen.requests().next().is_none() {
        return Ok(Decision { heads: Vec::new(), ttl_ns: vec![how.window_ns] });
    }
    let budget_block_ns = (how.mean_blocks * start_ns as f64) as u128;
    let tuned = tune(&curves(&Reuse::of(seen, &groups), how.charge), budget_block_ns, how.method);
    Ok(Decision { heads: groups.heads().to_vec(), ttl_ns: tuned.ttl_ns })
}

impl Decision {
    /// The TTL of each group of all windows: that of the nearest head of this window at or above the group's
    /// own.
    fn by_group(&self, trace: &Trace, groups: &Groups) -> Vec<u64> {
        let mine = Groups::below(trace, self.heads.clone());
        let ttl = |block: BlockId| self.ttl_ns[usize::from(mine.of(block).0)];
        std::iter::once(self.ttl_ns[0]).chain(groups.heads().iter().map(|head| ttl(head.block))).collect()
    }
}
