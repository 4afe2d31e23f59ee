//! What HBM and the nearest tier have of a request's prefix.

use crate::instance::Instance;
use crate::request::{Promoted, block_at};
use crate::residency::Found;
use crate::scenario::Load;
use crate::world::World;
use kv_core::policy::Slot;

/// What the tiers below HBM hold for a request.
pub(crate) enum Lower {
    /// Blocks to load from the nearest tier, in order; possibly none.
    Blocks(Vec<Slot>),
    /// Something is on its way: ask again in a later step.
    Later,
}

/// The slots of the nearest tier from which blocking loads of one instance copy.
///
/// No slot is in it twice: a request that wants a block which is being loaded for another one is told to come again later.
#[derive(Debug, Default)]
pub(crate) struct Loading {
    /// One bit a slot, as far as any has been in it.
    words: Vec<u64>,
}

impl Loading {
    pub(crate) fn begins(&mut self, source: Slot) {
        let (word, bit) = Self::place(source);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        assert_eq!(self.words[word] & bit, 0, "loaded by one request at a time");
        self.words[word] |= bit;
    }

    pub(crate) fn ends(&mut self, source: Slot) {
        let (word, bit) = Self::place(source);
        self.words[word] &= !bit;
    }

    fn has(&self, source: Slot) -> bool {
        let (word, bit) = Self::place(source);
        self.words.get(word).is_some_and(|known| known & bit != 0)
    }

    fn place(source: Slot) -> (usize, u64) {
        (source.0 as usize / 64, 1 << (source.0 % 64))
    }
}

impl Instance {
    /// HBM slots of the leading blocks that are there, short of the last token.
    pub(crate) fn lookup_hbm(&self, world: &World<'_>, id: u32, hits: &mut Vec<u32>) {
        let live = &self.live[id as usize];
        let view = world.trace.request(live.index as usize);
        let most = ((live.known() - 1) / world.trace.block_tokens()) as usize;
        let own = view.prompt_blocks.len();
        hits.clear();
        for position in 0..most {
            let found = match block_at(&view, world.scenario.generated, position) {
                Some(block) => self.pool.find(block),
                None => {
                    let left = live.left.get(position - own);
                    left.filter(|(slot, stamp)| self.pool.stamp(*slot) == *stamp).map(|(slot, _)| *slot)
                }
            };
            match found {
                Some(slot) => hits.push(slot),
                None => break,
            }
        }
    }

    /// Blocks of the nearest tier that continue the prefix found in HBM.
    pub(crate) fn lookup_lower(
        &mut self,
        world: &mut World<'_>,
        id: u32,
        local: usize,
        now_ns: u64,
    ) -> Lower {
        let mut loads = Vec::new();
        let Some(nearest) = world.scenario.tiers.first() else { return Lower::Blocks(loads) };
        let live = &self.live[id as usize];
        if nearest.load == Load::Blocking && !live.jobs.is_empty() {
            return Lower::Later; // its own transfers come first
        }
        let view = world.trace.request(live.index as usize);
        let most = (live.known() / world.trace.block_tokens()) as usize;
        let promotes = world.scenario.promotes_when_scheduled() && live.promoted != Promoted::AtScheduling;
        let (mut later, mut far) = (false, Vec::new());
        for position in local..most {
            let Some(block) = block_at(&view, world.scenario.generated, position) else { break };
            match world.residency(0, self.id).find(block) {
                Found::Ready(slot) if far.is_empty() => loads.push(slot),
                Found::Ready(_) => {} // behind a block that would have to be promoted first
                Found::Incoming => later = true,
                Found::Absent if !promotes => break,
                Found::Absent => match self.find_far(world, block) {
                    Some((tier, source)) => far.push((tier, source, position as u32, block)),
                    None => break,
                },
            }
            if later && nearest.load == Load::Layerwise {
                break; // what is there is used, what is on its way is not waited for
            }
        }
        if !far.is_empty() && self.promote(world, id, &far, now_ns) {
            self.live[id as usize].promoted = Promoted::AtScheduling;
            return Lower::Later;
        }
        match (later, nearest.load) {
            (true, Load::Blocking) => Lower::Later,
            _ if loads.iter().any(|&source| self.loading.has(source)) => Lower::Later,
            _ => Lower::Blocks(loads),
        }
    }

    /// Says that a request waits for what the lower tiers tell.
    pub(crate) fn waits_for_tiers(&mut self, world: &mut World<'_>) {
        self.recheck.waits_for_tiers(world.residency(0, self.id).next_expiry_ns().is_some());
    }
}
