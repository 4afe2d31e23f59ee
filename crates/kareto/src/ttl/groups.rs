//! Prefix groups: the most frequent subtrees of the prefix tree, and the rest.
//!
//! A subtree is named by its first block, its head; a block belongs to the nearest head above it. Heads are
//! taken by the number of requests that pass through them, leaving out those that nearly all requests of the
//! head above pass through too: they are the same subtree, one block deeper.

use kv_core::{BlockId, Group, Trace};

use super::TtlError;
use super::seen::Seen;

/// A head through which more than this share of the requests of the head above pass is that head again.
const SAME_SUBTREE: f64 = 0.9;

/// The head of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// First block of the subtree.
    pub block: BlockId,
    /// Position of that block in a prompt, from 0.
    pub depth: u32,
    /// Requests whose prompts pass through it.
    pub requests: u32,
}

/// Which group every block is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    heads: Vec<Head>,
    of_block: Vec<Group>,
}

impl Groups {
    /// The `count` most frequent subtrees with at least two requests; fewer if the requests have fewer. Those of a
    /// smaller count come first. Every block of the trace gets a group, also those that the requests do not use.
    ///
    /// # Errors
    /// [`TtlError::Groups`] for no groups or more than ids.
    pub fn most_frequent<'a>(seen: impl Into<Seen<'a>>, count: usize) -> Result<Self, TtlError> {
        let seen = seen.into();
        let trace = seen.trace();
        if count == 0 || count > usize::from(u16::MAX) {
            return Err(TtlError::Groups { groups: count });
        }
        let mut requests = vec![0_u32; trace.unique_blocks()];
        let mut depth = vec![0_u32; trace.unique_blocks()];
        for request in seen.requests() {
            for (position, block) in request.prompt_blocks.iter().enumerate() {
                requests[block.index()] += 1;
                depth[block.index()] = position as u32;
            }
        }
        let mut candidates: Vec<usize> = (0..requests.len()).filter(|&block| requests[block] >= 2).collect();
        candidates.sort_by(|&a, &b| requests[b].cmp(&requests[a]).then(a.cmp(&b)));
        let mut is_head = vec![false; requests.len()];
        let mut heads = Vec::new();
        for block in candidates {
            if heads.len() == count {
                break;
            }
            let block = BlockId(block as u32);
            let above = std::iter::successors(trace.parent(block), |&it| trace.parent(it))
                .find(|it| is_head[it.index()]);
            let shared = above.map_or(f64::INFINITY, |head| f64::from(requests[head.index()]));
            let passes = f64::from(requests[block.index()]);
            if shared.is_infinite() || passes <= SAME_SUBTREE * shared {
                is_head[block.index()] = true;
                heads.push(Head { block, depth: depth[block.index()], requests: requests[block.index()] });
            }
        }
        Ok(Self::below(trace, heads))
    }

    /// The subtrees below given heads, which are distinct blocks of the trace, and the rest.
    ///
    /// # Panics
    /// If there are more heads than ids of groups.
    #[must_use]
    pub fn below(trace: &Trace, heads: Vec<Head>) -> Self {
        assert!(
            heads.len() <= usize::from(u16::MAX),
            "{} heads; groups are numbered in 16 bits",
            heads.len()
        );
        Self { of_block: assign(trace, &heads), heads }
    }

    /// As many of the first heads, with the subtrees below them.
    #[must_use]
    pub fn first(&self, trace: &Trace, count: usize) -> Self {
        Self::below(trace, self.heads[..count.min(self.heads.len())].to_vec())
    }

    /// The heads, most requests first; head i is of group i + 1, and group 0 is the rest.
    #[must_use]
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// Number of groups, the rest included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heads.len() + 1
    }

    /// Never: there is always the rest.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The group of a block.
    #[must_use]
    pub fn of(&self, block: BlockId) -> Group {
        self.of_block[block.index()]
    }

    /// The group of every block, by block id.
    #[must_use]
    pub fn of_blocks(&self) -> &[Group] {
        &self.of_block
    }
}

/// Each block's group: its own if it is a head, else its parent's. Parents have lower ids than their children.
fn assign(trace: &Trace, heads: &[Head]) -> Vec<Group> {
    let mut groups = vec![None; trace.unique_blocks()];
    for (index, head) in heads.iter().enumerate() {
        groups[head.block.index()] = Some(Group(index as u16 + 1));
    }
    let mut assigned: Vec<Group> = Vec::with_capacity(groups.len());
    for (block, own) in groups.into_iter().enumerate() {
        let parent = trace.parent(BlockId(block as u32));
        let inherited = parent.map_or(Group::REST, |parent| assigned[parent.index()]);
        assigned.push(own.unwrap_or(inherited));
    }
    assigned
}
