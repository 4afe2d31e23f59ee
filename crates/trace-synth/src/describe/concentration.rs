//! How unevenly hits fall on blocks: which share of the blocks gives which share of the hits.

use kv_core::Trace;

use crate::numbers::ratio;

/// Which blocks of a trace are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Every block that a prompt names, a last partial one included: what `describe` counts.
    All,
    /// Full blocks alone: what an engine can reuse.
    Full,
    /// Blocks that are hit at least once.
    Reused,
}

/// The hits of an unlimited cache by block, the most used blocks first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concentration {
    /// Hits of the first n + 1 blocks together.
    given: Vec<u64>,
}

impl Concentration {
    /// Of a trace. A hit is a use of a block after its first.
    #[must_use]
    pub fn of(trace: &Trace, counted: Counted) -> Self {
        let mut uses = vec![0_u32; trace.unique_blocks()];
        for request in trace.requests() {
            let named = match counted {
                Counted::All | Counted::Reused => request.references,
                Counted::Full => request.prompt_blocks,
            };
            named.iter().for_each(|block| uses[block.index()] += 1);
        }
        let hits = uses.into_iter().filter(|&uses| uses > 0).map(|uses| uses - 1);
        let least = u32::from(counted == Counted::Reused);
        Self::of_hits(hits.filter(|&hits| hits >= least).collect())
    }

    /// From the hits of each block.
    pub(super) fn of_hits(mut hits: Vec<u32>) -> Self {
        hits.sort_unstable_by(|a, b| b.cmp(a));
        let mut sum = 0;
        let given = hits.into_iter().map(|hits| {
            sum += u64::from(hits);
            sum
        });
        Self { given: given.collect() }
    }

    /// The number of blocks.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.given.len()
    }

    /// All hits.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.given.last().copied().unwrap_or(0)
    }

    /// The smallest share of blocks that gives at least `percent` of the hits, 0 to 1; 0 where there are no hits.
    #[must_use]
    pub fn block_share_for(&self, percent: u8) -> f64 {
        let enough = |given: u64| u128::from(given) * 100 >= u128::from(self.hits()) * u128::from(percent);
        if self.hits() == 0 || percent == 0 {
            return 0.0;
        }
        let before = self.given.partition_point(|&given| !enough(given));
        ratio(before + 1, self.blocks())
    }

    /// The share of hits that a share of the blocks gives, the most used ones; the number of blocks is rounded down.
    #[must_use]
    pub fn hit_share_of(&self, block_share: f64) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count below 2^53; what is out of range saturates"
        )]
        let blocks = ((block_share * self.blocks() as f64) as usize).min(self.blocks());
        let given = blocks.checked_sub(1).map_or(0, |last| self.given[last]);
        #[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
        let share = given as f64 / self.hits().max(1) as f64;
        share
    }
}

#[cfg(test)]
mod tests {
    use kv_core::TraceBuilder;

    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
    }

    #[test]
    fn the_most_used_blocks_give_the_hits() {
        // The second block alone gives 9 of 10 hits.
        let found = Concentration::of_hits(vec![0, 9, 1, 0]);
        close(found.block_share_for(90), 0.25);
        close(found.block_share_for(91), 0.5);
        close(found.hit_share_of(0.25), 0.9);
        close(found.hit_share_of(0.24), 0.0);
        close(found.hit_share_of(1.0), 1.0);
        close(Concentration::of_hits(vec![0, 0]).block_share_for(90), 0.0);
        close(Concentration::of_hits(Vec::new()).hit_share_of(0.5), 0.0);
    }

    #[test]
    fn readings_differ_in_what_they_count() {
        let mut builder = TraceBuilder::new(4);
        // Block 1 is full and used three times; 2 and 3 are partial, and 2 is used twice; 4 is full and used once.
        for (tokens, ids) in [(6, vec![1, 2]), (6, vec![1, 2]), (11, vec![1, 4, 3])] {
            builder.push(0, tokens, 1, &ids, None).unwrap();
        }
        let trace = builder.finish();
        let of = |counted| {
            let found = Concentration::of(&trace, counted);
            (found.blocks(), found.hits())
        };
        assert_eq!([of(Counted::All), of(Counted::Full), of(Counted::Reused)], [(4, 3), (2, 2), (2, 3)]);
    }
}
