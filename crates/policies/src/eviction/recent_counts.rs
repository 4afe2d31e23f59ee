//! How often each block was used lately. W-TinyLFU asks this of its sketch.
//!
//! The paper counts in a count-min sketch because its keys are arbitrary. Block ids here are dense, so one word
//! a block is exact, and the blocks of a prompt share cache lines. After ten uses for each block that the tier
//! holds, all counts are halved (the paper's reset). A block's count is brought up to date when it is looked
//! at, not all at once.

use crate::grow::grown;
use kv_core::BlockId;

/// Counts stop here, as in a sketch of four bits.
const MOST: u32 = 15;
const COUNT_BITS: u32 = 4;

pub(super) struct RecentCounts {
    /// By block: its count in the low bits, and above them the number of halvings when it was last brought up
    /// to date.
    words: Vec<u32>,
    halvings: u32,
    uses: u64,
    sample: u64,
}

impl RecentCounts {
    /// Counts for a tier of that many blocks.
    pub(super) fn for_blocks(blocks: u32) -> Self {
        Self { words: Vec::new(), halvings: 0, uses: 0, sample: 10 * u64::from(blocks.max(1)) }
    }

    /// Counts a use.
    pub(super) fn add(&mut self, block: BlockId) {
        let halvings = self.halvings;
        let word = grown(&mut self.words, block.index());
        *word = (halvings << COUNT_BITS) | (at(*word, halvings) + 1).min(MOST);
        self.uses += 1;
        if self.uses >= self.sample {
            self.uses /= 2;
            self.halvings = (self.halvings + 1) & (u32::MAX >> COUNT_BITS);
        }
    }

    /// Recent uses of a block, 15 at most.
    pub(super) fn count(&self, block: BlockId) -> u32 {
        self.words.get(block.index()).map_or(0, |&word| at(word, self.halvings))
    }
}

/// The count of a word after so many halvings in all.
fn at(word: u32, halvings: u32) -> u32 {
    let since = halvings.wrapping_sub(word >> COUNT_BITS) & (u32::MAX >> COUNT_BITS);
    (word & MOST) >> since.min(COUNT_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_up_to_15_and_halves() {
        let mut counts = RecentCounts::for_blocks(10);
        (0..20).for_each(|_| counts.add(BlockId(3)));
        assert_eq!(
            (counts.count(BlockId(3)), counts.count(BlockId(2)), counts.count(BlockId(9))),
            (15, 0, 0)
        );
        // 10 blocks: all is halved at the 100th use, then after 50 more, as the counted uses are halved too.
        (0..79).for_each(|_| counts.add(BlockId(4)));
        counts.add(BlockId(5));
        assert_eq!((counts.count(BlockId(3)), counts.count(BlockId(4)), counts.count(BlockId(5))), (7, 7, 0));
        (0..50).for_each(|_| counts.add(BlockId(6)));
        assert_eq!((counts.count(BlockId(3)), counts.count(BlockId(6))), (3, 7));
    }
}
