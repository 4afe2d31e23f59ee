//! Items (slots) by rank, the greatest first: a heap of four children a node that knows where each item stands.
//!
//! Setting, changing and removing an item's rank is O(log n), and allocates only where an array grows. Among
//! equal ranks the least item comes first. Memory: 20 bytes an item.

use crate::grow::grown;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const CHILDREN: usize = 4;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Heap {
    /// No entry is less than one of its children, those at `4 i + 1` to `4 i + 4`.
    entries: Vec<Entry>,
    /// Where an item stands, plus one; 0 for nowhere.
    place: Vec<u32>,
    /// What a search has yet to look at; empty between searches.
    front: BinaryHeap<(Entry, usize)>,
}

/// Rank and item.
type Entry = (u64, Reverse<u32>);

impl Heap {
    /// The rank of an item, if it is in the heap.
    pub(crate) fn rank(&self, item: u32) -> Option<u64> {
        let at = self.place.get(item as usize)?.checked_sub(1)?;
        Some(self.entries[at as usize].0)
    }

    /// Adds an item, or changes its rank.
    pub(crate) fn set(&mut self, item: u32, rank: u64) {
        let entry = (rank, Reverse(item));
        let at = match grown(&mut self.place, item as usize).checked_sub(1) {
            Some(at) => at as usize,
            None => {
                self.entries.push(entry);
                self.entries.len() - 1
            }
        };
        self.settle(at, entry);
    }

    /// Takes an item out; nothing if it is not there.
    pub(crate) fn remove(&mut self, item: u32) {
        let Some(at) = std::mem::take(&mut self.place[item as usize]).checked_sub(1) else { return };
        let last = self.entries.pop().expect("the item is there");
        if last.1 != Reverse(item) {
            self.settle(at as usize, last);
        }
    }

    /// The greatest of the items that are wanted.
    pub(crate) fn greatest(&mut self, wanted: impl Fn(u32) -> bool) -> Option<u32> {
        self.front.clear();
        self.front.extend(self.entries.first().map(|&first| (first, 0)));
        while let Some(((_, Reverse(item)), at)) = self.front.pop() {
            if wanted(item) {
                return Some(item);
            }
            let children = CHILDREN * at + 1..(CHILDREN * (at + 1) + 1).min(self.entries.len());
            self.front.extend(children.map(|child| (self.entries[child], child)));
        }
        None
    }

    /// Puts an entry where a hole is, or above or below it.
    fn settle(&mut self, hole: usize, entry: Entry) {
        let mut at = hole;
        while let Some(parent) = at.checked_sub(1).map(|at| at / CHILDREN)
            && self.entries[parent] < entry
        {
            self.put(at, self.entries[parent]);
            at = parent;
        }
        while at >= hole
            && let Some(greatest) = (CHILDREN * at + 1..(CHILDREN * (at + 1) + 1).min(self.entries.len()))
                .max_by_key(|&child| self.entries[child])
            && self.entries[greatest] > entry
        {
            self.put(at, self.entries[greatest]);
            at = greatest;
        }
        self.put(at, entry);
    }

    fn put(&mut self, at: usize, entry: Entry) {
        self.entries[at] = entry;
        self.place[entry.1.0 as usize] = at as u32 + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        /// Says what a scan of all items would say.
        #[test]
        fn as_the_plain_twin(steps in prop::collection::vec((0_u32..40, 0_u64..9, 0..4_u8), 1..200)) {
            let (mut heap, mut twin) = (Heap::default(), BTreeMap::new());
            for (item, rank, what) in steps {
                if what == 0 && twin.remove(&item).is_some() {
                    heap.remove(item);
                } else {
                    heap.set(item, rank);
                    twin.insert(item, rank);
                }
                prop_assert_eq!(heap.rank(item), twin.get(&item).copied());
                for odd in [0, 1] {
                    let wanted = |&item: &u32| item % 2 >= odd;
                    let greatest = twin.keys().copied().filter(wanted).max_by_key(|item| (twin[item], Reverse(*item)));
                    prop_assert_eq!(heap.greatest(|item| wanted(&item)), greatest);
                }
            }
        }
    }
}
