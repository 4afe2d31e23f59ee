//! LRU at all capacities in one pass: Mattson's stack distances, counted in a Fenwick tree.
//!
//! R. L. Mattson et al., "Evaluation techniques for storage hierarchies", IBM Systems Journal 9(2), 1970. LRU
//! caches of all sizes hold the first entries of one recency stack. So the depth of a block in the stack is the
//! capacity that it needs to be hit.

use kv_core::Trace;

use super::Hits;

/// In which order a request uses its blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TouchOrder {
    /// The deepest block last, so that it is the most recent. Plain LRU then drops roots before their extensions;
    /// here for comparison with caches that do so.
    HeadToTail,
    /// The first block last: a prefix outlives its extensions, and residency is prefix-closed.
    TailToHead,
}

/// Hits of LRU by capacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LruCurve {
    /// Entry c: what a cache of c blocks hits. The last entry stands for everything larger.
    hits: Vec<Hits>,
}

impl LruCurve {
    /// Walks the trace once; n log n in its references.
    #[must_use]
    pub fn of(trace: &Trace, order: TouchOrder) -> Self {
        let mut stack = RecencyStack::new(trace);
        // needs[c]: blocks and tokens that are hit from capacity c on.
        let mut needs = vec![Hits::default(); trace.unique_blocks() + 1];
        let block_tokens = trace.block_tokens();
        for request in trace.requests() {
            let mut needed = 0;
            let mut tokens_left = request.prompt_tokens;
            for block in request.references {
                let Some(depth) = stack.depth(block.index()) else { break };
                // A leading run needs room for each of its blocks.
                needed = needed.max(depth);
                let tokens = tokens_left.min(block_tokens);
                tokens_left -= tokens;
                needs[needed].blocks += 1;
                needs[needed].tokens += u64::from(tokens);
            }
            stack.make_room(request.references.len());
            match order {
                TouchOrder::HeadToTail => request.references.iter().for_each(|b| stack.touch(b.index())),
                TouchOrder::TailToHead => {
                    request.references.iter().rev().for_each(|b| stack.touch(b.index()))
                }
            }
        }
        let mut sum = Hits::default();
        for entry in &mut needs {
            sum = Hits { blocks: sum.blocks + entry.blocks, tokens: sum.tokens + entry.tokens };
            *entry = sum;
        }
        Self { hits: needs }
    }

    /// What a cache of so many blocks hits.
    #[must_use]
    pub fn at(&self, capacity_blocks: usize) -> Hits {
        self.hits[capacity_blocks.min(self.hits.len() - 1)]
    }
}

/// Blocks by recency: a mark per block at the position of its last use, counted in a Fenwick tree.
struct RecencyStack {
    /// Position of a block's last use plus one; 0 for a block not used yet.
    last_plus_one: Vec<u32>,
    /// The block marked at a position, as its index plus one; 0 for none.
    marked_plus_one: Vec<u32>,
    /// Fenwick tree over the marks.
    tree: Vec<u32>,
    next: usize,
    marks: u32,
}

impl RecencyStack {
    fn new(trace: &Trace) -> Self {
        let longest = trace.requests().map(|r| r.references.len()).max().unwrap_or(0);
        // Room for every block and as much again before positions must be renumbered.
        let positions = 2 * trace.unique_blocks() + longest;
        Self {
            last_plus_one: vec![0; trace.unique_blocks()],
            marked_plus_one: vec![0; positions],
            tree: vec![0; positions + 1],
            next: 0,
            marks: 0,
        }
    }

    /// How many blocks were used no earlier than this one, itself included.
    fn depth(&self, block: usize) -> Option<usize> {
        let position_plus_one = self.last_plus_one[block];
        if position_plus_one == 0 {
            return None;
        }
        let mut at_or_before = 0;
        let mut node = position_plus_one as usize;
        while node > 0 {
            at_or_before += self.tree[node];
            node &= node - 1;
        }
        Some((self.marks - at_or_before + 1) as usize)
    }

    fn touch(&mut self, block: usize) {
        let old = self.last_plus_one[block] as usize;
        if old > 0 {
            self.marked_plus_one[old - 1] = 0;
            self.change(old, u32::MAX);
        } else {
            self.marks += 1;
        }
        let position = self.next;
        self.next += 1;
        self.marked_plus_one[position] = u32::try_from(block + 1).expect("blocks are u32");
        self.last_plus_one[block] =
            u32::try_from(position + 1).expect("positions are at most twice the blocks");
        self.change(position + 1, 1);
    }

    /// Adds to a node and those above it; `u32::MAX` takes one away.
    fn change(&mut self, mut node: usize, amount: u32) {
        while node < self.tree.len() {
            self.tree[node] = self.tree[node].wrapping_add(amount);
            node += node & node.wrapping_neg();
        }
    }

    /// Renumbers positions without gaps if fewer than `touches` are left.
    fn make_room(&mut self, touches: usize) {
        if self.next + touches <= self.marked_plus_one.len() {
            return;
        }
        let mut next = 0;
        for position in 0..self.next {
            let block_plus_one = std::mem::take(&mut self.marked_plus_one[position]);
            if block_plus_one > 0 {
                self.marked_plus_one[next] = block_plus_one;
                next += 1;
                self.last_plus_one[block_plus_one as usize - 1] =
                    u32::try_from(next).expect("fewer than before");
            }
        }
        self.next = next;
        self.tree.fill(0);
        for node in 1..self.tree.len() {
            self.tree[node] += u32::from(node <= next);
            let above = node + (node & node.wrapping_neg());
            if above < self.tree.len() {
                self.tree[above] += self.tree[node];
            }
        }
    }
}
