//! One tier of a fixed number of blocks that asks a policy whom to evict, and checks its answers.

use kv_core::BlockId;
use kv_core::policy::{Access, EvictionPolicy, Removal, Slot};

/// Residency of one tier under an eviction policy.
pub struct Tier<P: EvictionPolicy + ?Sized = dyn EvictionPolicy> {
    policy: Box<P>,
    capacity: u32,
    /// Slot of each block that is resident, by block id.
    slot_of: Vec<Option<Slot>>,
    /// Block in each slot.
    block_in: Vec<Option<BlockId>>,
    /// Empty slots; the last is used next.
    free: Vec<Slot>,
}

/// What became of one use of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// It was resident.
    Hit,
    /// It was not, and is now; another block left for it if the tier was full.
    Inserted {
        /// The block that left.
        evicted: Option<BlockId>,
    },
    /// It was not, and no block was eligible to leave for it.
    Refused,
}

impl<P: EvictionPolicy + ?Sized> Tier<P> {
    /// An empty tier of `capacity` blocks.
    #[must_use]
    pub fn new(policy: Box<P>, capacity: u32) -> Self {
        Self { policy, capacity, slot_of: Vec::new(), block_in: Vec::new(), free: Vec::new() }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &P {
        &self.policy
    }

    /// Where a block is.
    #[must_use]
    pub fn slot(&self, block: BlockId) -> Option<Slot> {
        self.slot_of.get(block.index()).copied().flatten()
    }

    /// The block in a slot.
    #[must_use]
    pub fn block(&self, slot: Slot) -> Option<BlockId> {
        self.block_in.get(slot.index()).copied().flatten()
    }

    /// Blocks resident.
    #[must_use]
    pub fn len(&self) -> usize {
        self.block_in.len() - self.free.len()
    }

    /// Whether no block is resident.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Uses a block: a hit if it is resident, else it is inserted, evicting one for which `eligible` is true if the
    /// tier is full.
    ///
    /// # Panics
    /// If the policy breaks its contract.
    pub fn touch(&mut self, access: &Access, eligible: &dyn Fn(BlockId) -> bool) -> Touch {
        if let Some(slot) = self.slot(access.block) {
            self.policy.on_hit(slot, access);
            return Touch::Hit;
        }
        let mut evicted = None;
        if self.len() >= self.capacity as usize {
            let Some(victim) = self.victim(access.now_ns, eligible) else { return Touch::Refused };
            evicted = Some(victim);
            self.remove(victim, Removal::Evicted);
        }
        self.insert(access);
        Touch::Inserted { evicted }
    }

    /// Takes a block out.
    ///
    /// # Panics
    /// If it is not resident.
    pub fn remove(&mut self, block: BlockId, why: Removal) {
        let slot = self.slot(block).expect("the block is resident");
        self.slot_of[block.index()] = None;
        self.block_in[slot.index()] = None;
        self.free.push(slot);
        self.policy.on_remove(slot, why);
    }

    /// The block that the policy would evict.
    ///
    /// # Panics
    /// If it is not resident or not eligible, or if the policy finds none though there is one.
    pub fn victim(&mut self, now_ns: u64, eligible: &dyn Fn(BlockId) -> bool) -> Option<BlockId> {
        let block_in = &self.block_in;
        let may_leave = |slot: Slot| block_in.get(slot.index()).copied().flatten().is_some_and(eligible);
        let Some(slot) = self.policy.choose_victim(now_ns, &may_leave) else {
            let left = self.block_in.iter().flatten().find(|&&block| eligible(block));
            assert_eq!(left, None, "the policy found no victim although this block is eligible");
            return None;
        };
        let block = self.block(slot);
        assert!(
            block.is_some_and(eligible),
            "the policy chose {slot:?}, which holds {block:?}: not eligible"
        );
        block
    }

    fn insert(&mut self, access: &Access) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.block_in.push(None);
            Slot(u32::try_from(self.block_in.len() - 1).expect("fewer than 2^32 slots"))
        });
        if access.block.index() >= self.slot_of.len() {
            self.slot_of.resize(access.block.index() + 1, None);
        }
        self.slot_of[access.block.index()] = Some(slot);
        self.block_in[slot.index()] = Some(access.block);
        self.policy.on_insert(slot, access);
    }
}
