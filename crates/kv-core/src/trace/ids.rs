//! Numbers raw block ids densely, in order of first appearance.
//!
//! Most traces number their blocks from 0, some name them by 64-bit hashes. Small ids are looked up in a table indexed by
//! the id itself, which needs no hashing and lies in the cache as the prompt does; the others in a hash table that
//! holds dense numbers only, a quarter of the bytes of a map of ids. What counts as small grows with the number of
//! ids, so that neither kind of trace takes much more room than its ids.

/// The direct table has at least so many entries for each id known, the hash table for each id in it.
const ENTRIES_PER_ID: usize = 4;
const SLOTS_PER_ID: usize = 2;

/// Their sizes from the start: small, because most builders are small.
const FIRST_ENTRIES: usize = 1 << 10;

/// Raw ids and their dense numbers.
#[derive(Debug)]
pub(super) struct Ids {
    /// Dense number plus one of the raw ids below its length; 0 for none.
    direct: Vec<u32>,
    /// Entries of `direct` that are not 0.
    in_direct: usize,
    /// Dense numbers plus one of the other raw ids, 0 for none; each in the first free place from where its hash says.
    hashed: Vec<u32>,
    /// Entries of `hashed` that are not 0. Some may have become small since: they are not looked up here any more.
    in_hashed: usize,
    /// The raw id of each dense number.
    raw_of: Vec<u64>,
}

impl Ids {
    pub(super) fn new() -> Self {
        Self { direct: Vec::new(), in_direct: 0, hashed: Vec::new(), in_hashed: 0, raw_of: Vec::new() }
    }

    /// How many are known.
    pub(super) fn len(&self) -> usize {
        self.raw_of.len()
    }

    /// The raw id of a dense number that was given.
    pub(super) fn raw(&self, dense: u32) -> u64 {
        self.raw_of[dense as usize]
    }

    /// The dense number of a raw id: [`Ids::len`] as it was before where the id is new. `None` where 2^32 - 1 ids
    /// are known and this is another.
    #[inline]
    pub(super) fn number(&mut self, raw: u64) -> Option<u32> {
        let next_plus_one = u32::try_from(self.raw_of.len() + 1).ok()?;
        let small = usize::try_from(raw).ok().and_then(|raw| self.direct.get_mut(raw));
        if let Some(entry) = small {
            if let Some(dense) = entry.checked_sub(1) {
                return Some(dense);
            }
            *entry = next_plus_one;
            self.in_direct += 1;
        } else {
            if (self.in_hashed + 1) * SLOTS_PER_ID > self.hashed.len() {
                self.grow_hashed();
            }
            let slot = slot(&self.hashed, &self.raw_of, raw);
            if let Some(dense) = self.hashed[slot].checked_sub(1) {
                return Some(dense);
            }
            self.hashed[slot] = next_plus_one;
            self.in_hashed += 1;
        }
        self.raw_of.push(raw);
        if self.raw_of.len() * ENTRIES_PER_ID > self.direct.len() {
            self.grow_direct();
        }
        Some(next_plus_one - 1)
    }

    /// Doubles the direct table and enters the ids that are small now.
    #[cold]
    fn grow_direct(&mut self) {
        let before = self.direct.len();
        let after = (2 * before).max(FIRST_ENTRIES);
        // Fresh zeroed memory takes no room until it is written: where ids are hashes, the table costs nothing.
        let old = std::mem::replace(&mut self.direct, vec![0; after]);
        if self.in_direct > 0 {
            self.direct[..before].copy_from_slice(&old);
        }
        if self.in_hashed == 0 {
            return;
        }
        for (dense_plus_one, &raw) in (1..).zip(&self.raw_of) {
            let place = usize::try_from(raw).ok().filter(|place| (before..after).contains(place));
            if let Some(place) = place {
                self.direct[place] = dense_plus_one;
                self.in_direct += 1;
            }
        }
    }

    /// Makes a hash table with room for twice as many, of the ids that are not small.
    #[cold]
    fn grow_hashed(&mut self) {
        let small = self.direct.len() as u64;
        let large = || (1..).zip(&self.raw_of).filter(|(_, raw)| **raw >= small);
        self.in_hashed = large().count();
        let slots = (2 * SLOTS_PER_ID * (self.in_hashed + 1)).next_power_of_two().max(FIRST_ENTRIES);
        let mut hashed = vec![0; slots];
        for (dense_plus_one, &raw) in large() {
            let slot = slot(&hashed, &self.raw_of, raw);
            hashed[slot] = dense_plus_one;
        }
        self.hashed = hashed;
    }
}

/// Where a raw id stands in a hash table, or would: from its hash on, past others. The table has a free slot.
fn slot(hashed: &[u32], raw_of: &[u64], raw: u64) -> usize {
    let mut slot = first_slot(hashed.len(), raw);
    while let Some(dense) = hashed[slot].checked_sub(1) {
        if raw_of[dense as usize] == raw {
            break;
        }
        slot = (slot + 1) & (hashed.len() - 1);
    }
    slot
}

/// The slot that a hash says, of a power of two of them.
fn first_slot(slots: usize, raw: u64) -> usize {
    // Fibonacci hashing: the high bits of a product with 2^64 over the golden ratio spread runs of numbers evenly.
    let hash = raw.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - slots.trailing_zeros());
    #[expect(clippy::cast_possible_truncation, reason = "below the number of slots")]
    let slot = hash as usize;
    slot
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn ids_move_into_the_direct_table_as_it_grows() {
        let mut ids = Ids::new();
        // Far ids first, downwards: hashed until 4 entries for each id reach them.
        let raw = || (0..5_000_u64).rev();
        assert!(raw().zip(0..).all(|(raw, dense)| ids.number(raw) == Some(dense)));
        assert!(raw().zip(0..).all(|(raw, dense)| ids.number(raw) == Some(dense)));
        // 5,000 ids take 20,000 entries: 1,024 doubled 5 times. At 4,096 entries, 1,024 ids from 4,999 down were hashed.
        assert_eq!((ids.direct.len(), ids.in_direct), (32_768, 5_000));
        assert!(ids.in_hashed >= 900 && ids.in_hashed < 1_100, "{}", ids.in_hashed);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]
        /// Small, middling and huge ids in any order are numbered as an ordered map numbers them.
        #[test]
        fn as_the_plain_twin(raws in prop::collection::vec(
            prop_oneof![0..50_u64, 900..20_000_u64, any::<u64>()], 0..4_000))
        {
            let mut ids = Ids::new();
            let mut twin = BTreeMap::new();
            for raw in raws {
                let next = u32::try_from(twin.len()).unwrap();
                let expected = *twin.entry(raw).or_insert(next);
                prop_assert_eq!(ids.number(raw), Some(expected));
                prop_assert_eq!(ids.raw(expected), raw);
            }
            prop_assert_eq!(ids.len(), twin.len());
        }
    }
}
