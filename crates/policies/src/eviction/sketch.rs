//! A count-min sketch of recent use: four 4-bit counters a block, the least of them counts.
//!
//! All four counters of a block lie in one 64-byte group, one per pair of words, so that a look-up touches one cache
//! line. After ten uses for each block that the tier holds, all counts are halved (the reset of TinyLFU).

use kv_core::BlockId;

const WORDS: usize = 8;
const HALVED: u64 = 0x7777_7777_7777_7777;

pub(super) struct Sketch {
    groups: Vec<[u64; WORDS]>,
    uses: u64,
    sample: u64,
}

impl Sketch {
    /// A sketch for a tier of that many blocks: a group of 8 words for each 8 of them, in a power of two.
    pub(super) fn for_blocks(blocks: u32) -> Self {
        let groups = (blocks as usize / WORDS).next_power_of_two();
        Self { groups: vec![[0; WORDS]; groups], uses: 0, sample: 10 * u64::from(blocks.max(1)) }
    }

    /// Counts a use.
    pub(super) fn add(&mut self, block: BlockId) {
        let (group, spread) = self.place(block);
        for row in 0..4 {
            let (word, shift) = counter(spread, row);
            let word = &mut self.groups[group][word];
            if (*word >> shift) & 15 < 15 {
                *word += 1 << shift;
            }
        }
        self.uses += 1;
        if self.uses >= self.sample {
            self.uses /= 2;
            self.groups.iter_mut().flatten().for_each(|word| *word = (*word >> 1) & HALVED);
        }
    }

    /// Recent uses of a block, 15 at most; may be too high where blocks share counters.
    pub(super) fn count(&self, block: BlockId) -> u8 {
        let (group, spread) = self.place(block);
        let counts = (0..4).map(|row| {
            let (word, shift) = counter(spread, row);
            (self.groups[group][word] >> shift) as u8 & 15
        });
        counts.min().unwrap_or(0)
    }

    /// The group of a block and the bits that pick its counters there.
    fn place(&self, block: BlockId) -> (usize, u64) {
        let mut mixed = (u64::from(block.0) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        ((mixed >> 32) as usize & (self.groups.len() - 1), mixed)
    }
}

/// Word and shift of a row's counter: two words a row, sixteen counters a word, so 5 bits a row.
fn counter(spread: u64, row: usize) -> (usize, u32) {
    let bits = spread >> (5 * row);
    (2 * row + (bits & 1) as usize, 4 * ((bits >> 1) & 15) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_up_to_15_and_halves() {
        let mut sketch = Sketch::for_blocks(10);
        (0..20).for_each(|_| sketch.add(BlockId(3)));
        assert_eq!(sketch.count(BlockId(3)), 15);
        // 10 blocks: all is halved at the 100th use.
        (0..80).for_each(|_| sketch.add(BlockId(3)));
        assert_eq!(sketch.count(BlockId(3)), 7);
    }

    #[test]
    fn few_blocks_are_counted_exactly() {
        let mut sketch = Sketch::for_blocks(1 << 16);
        for block in 0..1000 {
            (0..=block % 7).for_each(|_| sketch.add(BlockId(block)));
        }
        let exact =
            (0..1000).filter(|&block| u32::from(sketch.count(BlockId(block))) == block % 7 + 1).count();
        // 8192 groups: a block shares its group with 0.12 others on average, and all four counters with hardly any.
        assert!(exact >= 995, "{exact} of 1000");
    }
}
