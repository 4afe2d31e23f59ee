//! Random numbers in named streams: one root seed, a child per name and number.
//!
//! A stream's numbers depend on the seed, its name and its number only. So a part of a recipe that draws more,
//! or a new part with a stream of its own, leaves what the others draw as it was.

use std::hash::Hasher;

use fnv::FnvHasher;
use rand::{Rng, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};

/// 2^64 over the golden ratio: the constant that SplitMix64 adds to its state.
pub(crate) const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// What every part draws from.
pub(crate) type Stream = Xoshiro256PlusPlus;

/// The root of all streams of one synthesis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seed(pub(crate) u64);

impl Seed {
    /// The stream of a name, such as `gap`, and a number, such as the session's.
    pub(crate) fn stream(self, name: &str, number: u64) -> Stream {
        let mut named = FnvHasher::default();
        named.write(name.as_bytes());
        let word = mix(mix(self.0 ^ GOLDEN) ^ named.finish()) ^ number;
        Stream::seed_from_u64(mix(word))
    }
}

/// Spreads every bit of a word over all bits of another; no two words give the same one.
///
/// It is the output function of SplitMix64 (G. Steele et al., OOPSLA 2014), which that generator applies to its state
/// after it has added its constant.
pub(crate) fn mix(word: u64) -> u64 {
    SplitMix64::seed_from_u64(word.wrapping_sub(GOLDEN)).next_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_words_are_mixed_as_published() {
        // FNV-1a of "foobar" by the authors' table, and the first number of SplitMix64 from state 0.
        let mut named = FnvHasher::default();
        named.write(b"foobar");
        assert_eq!(named.finish(), 0x8594_4171_f739_67e8);
        assert_eq!(mix(GOLDEN), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mix(0), 0);
    }

    #[test]
    fn streams_differ_by_seed_name_and_number_and_by_nothing_else() {
        let first = |seed, name, number| Seed(seed).stream(name, number).next_u64();
        assert_eq!(first(1, "gap", 0), first(1, "gap", 0));
        let all = [first(1, "gap", 0), first(2, "gap", 0), first(1, "turns", 0), first(1, "gap", 1)];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}
