//! Random numbers in named streams: one root seed, a child per name and number.
//!
//! A stream's numbers depend on the seed, its name and its number only. So a part of a recipe that draws more, or a new
//! part with a stream of its own, leaves what the others draw as it was.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// What every part draws from.
pub(super) type Stream = Xoshiro256PlusPlus;

/// The root of all streams of one synthesis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seed(pub(super) u64);

impl Seed {
    /// The stream of a name, such as `gap`, and a number, such as the session's.
    pub(super) fn stream(self, name: &str, number: u64) -> Stream {
        // FNV-1a over the name, then a multiply-xorshift per word; the generator mixes the rest (SplitMix64).
        let named = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let word = mix(mix(self.0 ^ 0x9e37_79b9_7f4a_7c15) ^ named) ^ number;
        Stream::seed_from_u64(mix(word))
    }
}

/// A bijection that spreads every bit (the finaliser of SplitMix64, G. Steele et al., OOPSLA 2014).
fn mix(word: u64) -> u64 {
    let word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ word >> 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn streams_differ_by_seed_name_and_number_and_by_nothing_else() {
        let first = |seed, name, number| Seed(seed).stream(name, number).next_u64();
        assert_eq!(first(1, "gap", 0), first(1, "gap", 0));
        let all = [first(1, "gap", 0), first(2, "gap", 0), first(1, "turns", 0), first(1, "gap", 1)];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}
