//! Blocks that left a tier and are remembered for a while: `N` lists of block ids, a block in at most one.
//!
//! Memory: 9 bytes for every block id up to the largest seen, whatever the lists hold; a look-up is one array access.

use crate::grow::grown;
use crate::lists::Lists;
use kv_core::BlockId;

/// `N` lists of blocks that are gone.
#[derive(Debug)]
pub(crate) struct Ghosts<const N: usize> {
    lists: Lists<N>,
    /// By block: 0, or 1 and the list that it is in.
    place: Vec<u8>,
}

impl<const N: usize> Ghosts<N> {
    pub(crate) fn new() -> Self {
        Self { lists: Lists::new(), place: Vec::new() }
    }

    /// Forgets a block, and says which list it was in.
    pub(crate) fn take(&mut self, block: BlockId) -> Option<usize> {
        let place = self.place.get_mut(block.index())?;
        let list = usize::from(place.checked_sub(1)?);
        *place = 0;
        self.lists.remove(list, block.0);
        Some(list)
    }

    /// Remembers a block as the latest of a list.
    ///
    /// A victim is chosen before the newcomer is known, so policies [`trim`](Ghosts::trim) on insertion, after they
    /// have looked the newcomer up: else the oldest ghost would be forgotten just before it comes back.
    pub(crate) fn remember(&mut self, list: usize, block: BlockId) {
        self.take(block);
        *grown(&mut self.place, block.index()) = list as u8 + 1;
        self.lists.push_front(list, block.0);
    }

    /// Forgets the oldest of a list until at most `most` are left.
    pub(crate) fn trim(&mut self, list: usize, most: u32) {
        while self.lists.len(list) > most {
            let oldest = self.lists.back(list).expect("it is not empty");
            self.take(BlockId(oldest));
        }
    }

    pub(crate) fn len(&self, list: usize) -> u32 {
        self.lists.len(list)
    }

    /// Blocks of a list, oldest first.
    #[cfg(test)]
    pub(crate) fn oldest_first(&self, list: usize) -> impl Iterator<Item = BlockId> + '_ {
        self.lists.back_to_front(list).map(BlockId)
    }
}
