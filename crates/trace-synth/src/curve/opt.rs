//! The best that any prefix-closed choice can do at one capacity, exactly.
//!
//! Keeping a block from one use to its next is an interval over requests. The cache can keep a limited number
//! of intervals at a time, and a hit is an interval kept to its end. When there are too many, dropping the one
//! that ends last keeps the most intervals (L. A. Belady, IBM Systems Journal 5(2), 1966, with bypassing).
//! Blocks that are not used again take no room.
//!
//! The count does not depend on which of the blocks with the same next use is dropped. Dropping the deepest
//! makes the choice prefix-closed, because a parent's next use is never after its child's. Hence only counts
//! are kept. Hit blocks are exact. Hit tokens are those of the same choice; other best choices differ from it
//! only by partial blocks.

use kv_core::Trace;

use super::Hits;

/// For each reference, the request that uses the block next.
pub(super) struct NextUses {
    /// Request index, `u32::MAX` for none.
    next: Vec<u32>,
}

impl NextUses {
    pub(super) fn of(trace: &Trace) -> Self {
        let mut upcoming = vec![u32::MAX; trace.unique_blocks()];
        let mut next = vec![u32::MAX; trace.references()];
        let mut end = next.len();
        for index in (0..trace.len()).rev() {
            let references = trace.request(index).references;
            let start = end - references.len();
            for (slot, block) in next[start..end].iter_mut().zip(references) {
                let here = u32::try_from(index).expect("fewer requests than 2^32");
                *slot = std::mem::replace(&mut upcoming[block.index()], here);
            }
            end = start;
        }
        Self { next }
    }
}

/// What a cache of so many blocks hits at best.
pub(super) fn hits(trace: &Trace, next_uses: &NextUses, capacity: usize) -> Hits {
    let mut kept = KeptByEnd::new(trace.len());
    let mut hits = Hits::default();
    let mut start = 0;
    for (index, request) in trace.requests().enumerate() {
        let end = start + request.references.len();
        hits.add(&request, kept.take(index), trace.block_tokens());
        for &next in next_uses.next[start..end].iter().filter(|&&next| next != u32::MAX) {
            kept.add(next as usize);
        }
        while kept.total > capacity {
            kept.drop_latest(kept.total - capacity);
        }
        start = end;
    }
    hits
}

/// How many kept intervals end at each request, with a two-level bitmap to find the last one.
struct KeptByEnd {
    count: Vec<u32>,
    /// Bit i of word w: request 64 w + i has a count.
    words: Vec<u64>,
    /// Bit i of word w: `words[64 w + i]` is not 0.
    summary: Vec<u64>,
    /// No summary word after this one has a bit.
    top: usize,
    total: usize,
}

impl KeptByEnd {
    fn new(requests: usize) -> Self {
        let words = requests.div_ceil(64);
        Self {
            count: vec![0; requests],
            words: vec![0; words],
            summary: vec![0; words.div_ceil(64)],
            top: 0,
            total: 0,
        }
    }

    fn add(&mut self, end: usize) {
        self.count[end] += 1;
        self.total += 1;
        self.words[end / 64] |= 1 << (end % 64);
        self.summary[end / 4096] |= 1 << (end / 64 % 64);
        self.top = self.top.max(end / 4096);
    }

    /// Takes out all that end at a request.
    fn take(&mut self, end: usize) -> u64 {
        let count = std::mem::take(&mut self.count[end]);
        self.total -= count as usize;
        self.clear(end);
        u64::from(count)
    }

    /// Drops at most so many of those that end last.
    fn drop_latest(&mut self, surplus: usize) {
        while self.summary[self.top] == 0 {
            self.top -= 1;
        }
        let word = self.top * 64 + highest(self.summary[self.top]);
        let end = word * 64 + highest(self.words[word]);
        let dropped = surplus.min(self.count[end] as usize);
        self.count[end] -= u32::try_from(dropped).expect("at most the count");
        self.total -= dropped;
        if self.count[end] == 0 {
            self.clear(end);
        }
    }

    fn clear(&mut self, end: usize) {
        self.words[end / 64] &= !(1 << (end % 64));
        if self.words[end / 64] == 0 {
            self.summary[end / 4096] &= !(1 << (end / 64 % 64));
        }
    }
}

fn highest(bits: u64) -> usize {
    bits.ilog2() as usize
}
