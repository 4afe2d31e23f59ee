//! FIFO with prefix-closed residency at one capacity.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use kv_core::{BlockId, Trace};

use super::Hits;

/// What a cache of so many blocks hits.
pub(super) fn hits(trace: &Trace, capacity: usize) -> Hits {
    let mut cache = Fifo::new(trace, capacity);
    let mut hits = Hits::default();
    for request in trace.requests() {
        let path = request.references;
        let leading = path.iter().take_while(|b| cache.blocks[b.index()].resident).count();
        hits.add(&request, leading as u64, trace.block_tokens());
        cache.admit(path, leading);
    }
    hits
}

#[derive(Debug, Clone, Copy, Default)]
struct Block {
    resident: bool,
    /// Its turn to leave came while it had children; it leaves as soon as it has none.
    overdue: bool,
    children: u32,
    /// When it came, as a running number.
    came: u64,
}

struct Fifo<'t> {
    trace: &'t Trace,
    capacity: usize,
    blocks: Vec<Block>,
    occupied: usize,
    arrivals: u64,
    /// By arrival; each resident block that is not overdue stands here once.
    queue: VecDeque<BlockId>,
    /// Overdue blocks that had no children when put here, earliest arrival first.
    leavers: BinaryHeap<Reverse<(u64, u32)>>,
}

impl<'t> Fifo<'t> {
    fn new(trace: &'t Trace, capacity: usize) -> Self {
        Self {
            trace,
            capacity,
            blocks: vec![Block::default(); trace.unique_blocks()],
            occupied: 0,
            arrivals: 0,
            queue: VecDeque::new(),
            leavers: BinaryHeap::new(),
        }
    }

    /// Makes a path resident, as much of its head as there is room for; its first `leading` blocks already are.
    fn admit(&mut self, path: &[BlockId], leading: usize) {
        let end = path.len().min(self.capacity);
        if leading >= end {
            return;
        }
        // The path's deepest resident block stays: it is about to get a child.
        let kept = leading.checked_sub(1).map(|index| path[index]);
        while self.occupied + (end - leading) > self.capacity {
            self.evict(kept);
        }
        for &block in path[leading..end].iter().rev() {
            self.arrivals += 1;
            let came = self.arrivals;
            let slot = &mut self.blocks[block.index()];
            (slot.resident, slot.overdue, slot.came) = (true, false, came);
            self.queue.push_back(block);
            if let Some(parent) = self.trace.parent(block) {
                self.blocks[parent.index()].children += 1;
            }
        }
        self.occupied += end - leading;
    }

    fn evict(&mut self, kept: Option<BlockId>) {
        let mut put_back = None;
        let victim = loop {
            let (block, from_queue) = match self.leavers.pop() {
                Some(Reverse((_, id))) => (BlockId(id), false),
                None => (self.queue.pop_front().expect("only the path being admitted is kept"), true),
            };
            if from_queue {
                self.blocks[block.index()].overdue = true;
            }
            if self.blocks[block.index()].children > 0 {
                continue; // comes back when its last child leaves
            }
            if Some(block) == kept {
                put_back = Some(Reverse((self.blocks[block.index()].came, block.0)));
                continue;
            }
            break block;
        };
        self.leavers.extend(put_back);
        self.blocks[victim.index()].resident = false;
        self.occupied -= 1;
        if let Some(parent) = self.trace.parent(victim) {
            let slot = &mut self.blocks[parent.index()];
            slot.children -= 1;
            if slot.overdue && slot.children == 0 {
                self.leavers.push(Reverse((slot.came, parent.0)));
            }
        }
    }
}
