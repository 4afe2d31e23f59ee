//! Numbers raw block ids densely, in order of first appearance.
//!
//! Most traces number their blocks from 0; some name them by 64-bit hashes. Small ids are looked up in a table
//! that is indexed by the id itself. That needs no hashing, and neighbouring ids lie on one cache line. All
//! other ids are looked up in a hash table ([`super::hashed`]), many at a time, because each of them misses the
//! cache. The limit of what counts as small grows with the number of ids while most ids are small. So neither
//! kind of trace takes much more room than its ids.

use super::BlockId;
use super::hashed::{AT_ONCE, Hashed, Place};

/// The direct table has at least so many entries for each id known.
const ENTRIES_PER_ID: usize = 4;

/// Its size from the start: small, because most builders are small.
const FIRST_ENTRIES: usize = 1 << 10;

/// Raw ids and their dense numbers.
#[derive(Debug)]
pub(super) struct Ids {
    /// Dense number plus one of the raw ids below its length; 0 for none.
    direct: Vec<u32>,
    /// Known ids at which it is next asked whether `direct` should grow.
    grow_direct_at: usize,
    /// The other raw ids, and some that have become small since: they are not looked up there any more.
    hashed: Hashed,
    /// The raw id of each dense number.
    raw_of: Vec<u64>,
}

impl Ids {
    pub(super) fn new() -> Self {
        Self {
            direct: vec![0; FIRST_ENTRIES],
            grow_direct_at: FIRST_ENTRIES / ENTRIES_PER_ID,
            hashed: Hashed::default(),
            raw_of: Vec::new(),
        }
    }

    /// The raw id of a dense number that was given.
    pub(super) fn raw(&self, dense: u32) -> u64 {
        self.raw_of[dense as usize]
    }

    /// Appends the dense numbers of raw ids. A new id's number is the count of ids known before. `None` where
    /// an id is new and 2^32 - 1 are known.
    pub(super) fn number(&mut self, raws: &[u64], into: &mut Vec<BlockId>) -> Option<()> {
        into.reserve(raws.len());
        for raws in raws.chunks(AT_ONCE) {
            if self.hashed.is_empty() {
                for &raw in raws {
                    into.push(BlockId(self.number_one(raw)?));
                }
                continue;
            }
            let raws = self.after_the_last(raws, into);
            for (&raw, likely) in raws.iter().zip(self.likely(raws)) {
                let dense = match likely {
                    Some(dense) => dense,
                    None => self.number_one(raw)?,
                };
                into.push(BlockId(dense));
            }
        }
        Some(())
    }

    /// Appends the numbers of the first ids, as far as they follow the last number in `into` as they did when
    /// they were new. That needs no table, and most of a prompt that was seen before is numbers in a row.
    /// Returns the other ids.
    fn after_the_last<'r>(&self, raws: &'r [u64], into: &mut Vec<BlockId>) -> &'r [u64] {
        let Some(&BlockId(last)) = into.last() else { return raws };
        let following = &self.raw_of[last as usize + 1..];
        let known = raws.iter().zip(following).take_while(|(raw, following)| raw == following).count();
        into.extend((last + 1..).take(known).map(BlockId));
        &raws[known..]
    }

    /// The dense numbers of ids at the places where they most likely stand. No lookup waits for another, so all
    /// cache misses are under way at once, and [`Ids::number_one`] then finds the lines in the cache.
    fn likely(&self, raws: &[u64]) -> [Option<u32>; AT_ONCE] {
        let mut found = [None; AT_ONCE];
        for (found, &raw) in found.iter_mut().zip(raws) {
            *found = match self.small(raw) {
                Some(place) => self.direct[place].checked_sub(1),
                None => self.hashed.likely(raw),
            };
        }
        for (found, &raw) in found.iter_mut().zip(raws) {
            *found = found.filter(|&dense| self.raw(dense) == raw);
        }
        found
    }

    /// Where a small id stands in the direct table.
    fn small(&self, raw: u64) -> Option<usize> {
        usize::try_from(raw).ok().filter(|&place| place < self.direct.len())
    }

    #[inline(always)]
    fn number_one(&mut self, raw: u64) -> Option<u32> {
        let known = self.raw_of.len();
        if let Some(place) = self.small(raw) {
            if let Some(dense) = self.direct[place].checked_sub(1) {
                return Some(dense);
            }
            self.direct[place] = u32::try_from(known + 1).ok()?;
        } else {
            if self.hashed.is_full(known) {
                self.grow_hashed();
            }
            match self.hashed.find(raw, &self.raw_of) {
                Place::Known(dense) => return Some(dense),
                Place::Free(at) => self.hashed.enter(at, raw, u32::try_from(known + 1).ok()? - 1),
            }
        }
        self.raw_of.push(raw);
        if known + 1 >= self.grow_direct_at {
            self.grow_direct();
        }
        u32::try_from(known).ok()
    }

    /// Gives the direct table room for twice the ids known, if at least half of them lie in it then.
    #[cold]
    fn grow_direct(&mut self) {
        self.grow_direct_at *= 2;
        let entries = self.grow_direct_at * ENTRIES_PER_ID;
        let small = self.raw_of.iter().filter(|&&raw| raw < entries as u64).count();
        if 2 * small < self.raw_of.len() {
            return;
        }
        self.direct = Vec::new(); // gives its room back before the new one takes more
        // Fresh zeroed memory takes no room until it is written.
        self.direct = vec![0; entries];
        for (dense_plus_one, &raw) in (1..).zip(&self.raw_of) {
            if let Some(place) = self.small(raw) {
                self.direct[place] = dense_plus_one;
            }
        }
        if small == self.raw_of.len() {
            self.hashed = Hashed::default();
        }
    }

    #[cold]
    fn grow_hashed(&mut self) {
        let small = self.direct.len() as u64;
        let large = || (0..).zip(self.raw_of.iter().copied()).filter(|&(_, raw)| raw >= small);
        self.hashed.rebuild(large(), large().count(), self.raw_of.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn number_each(ids: &mut Ids, raws: impl Iterator<Item = u64>) -> Vec<u32> {
        let mut numbers = Vec::new();
        ids.number(&raws.collect::<Vec<_>>(), &mut numbers).unwrap();
        numbers.into_iter().map(|block| block.0).collect()
    }

    #[test]
    fn ids_move_into_the_direct_table_as_it_grows() {
        let mut ids = Ids::new();
        // Far ids first, downwards: hashed until 4 entries for each id reach them.
        let raw = || (0..5_000_u64).rev();
        assert!(number_each(&mut ids, raw()).into_iter().eq(0..5_000));
        assert!(number_each(&mut ids, raw()).into_iter().eq(0..5_000));
        // Asked at 256 ids and at each doubling: of 4,096, those below 32,768 are small, which all are.
        assert_eq!(ids.direct.len(), 32_768);
        assert!(ids.hashed.is_empty());
    }

    #[test]
    fn hashes_take_no_direct_table() {
        let mut ids = Ids::new();
        let raws = |from: u64| (from..from + 5_000).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 << 40);
        assert!(number_each(&mut ids, raws(0)).into_iter().eq(0..5_000));
        assert_eq!(ids.direct.len(), FIRST_ENTRIES);
        // Of the first 16,384, more than half are small: now it is worth its room.
        assert!(number_each(&mut ids, 0..15_000).into_iter().eq(5_000..20_000));
        assert_eq!((ids.direct.len(), ids.hashed.is_empty()), (131_072, false));
        assert!(number_each(&mut ids, raws(0)).into_iter().eq(0..5_000));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]
        /// Small, middling and huge ids, in any order and in prompts of any length, get the numbers that an
        /// ordered map gives them.
        #[test]
        fn as_the_plain_twin(raws in prop::collection::vec(
            prop_oneof![0..50_u64, 900..20_000_u64, any::<u64>()], 0..4_000), prompt in 1..100_usize)
        {
            let mut ids = Ids::new();
            let mut twin = BTreeMap::new();
            // Twice, so that what is known follows as it did before.
            for raws in [&raws[..], &raws[..]].into_iter().flat_map(|raws| raws.chunks(prompt)) {
                let found = number_each(&mut ids, raws.iter().copied());
                for (&raw, found) in raws.iter().zip(found) {
                    let next = u32::try_from(twin.len()).unwrap();
                    prop_assert_eq!(found, *twin.entry(raw).or_insert(next));
                    prop_assert_eq!(ids.raw(found), raw);
                }
            }
        }
    }
}
