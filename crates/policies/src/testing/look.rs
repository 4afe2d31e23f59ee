//! Looking into a policy's queues after a script, so that tests assert order and not only hits.

use super::Tier;
use super::script::{read, run};
use kv_core::policy::{EvictionPolicy, Slot};
use kv_core::{BlockId, Trace};

/// A policy after a script.
pub(crate) struct Look<P: EvictionPolicy> {
    pub(crate) tier: Tier<P>,
    letters: Vec<char>,
}

impl<P: EvictionPolicy> Look<P> {
    /// Plays `script` (see [`play`](super::play)) against the policy that `make` builds for its trace.
    pub(crate) fn after(script: &str, capacity: u32, make: impl FnOnce(&Trace) -> P) -> Self {
        let (trace, letters) = read(script);
        let mut tier = Tier::new(Box::new(make(&trace)), capacity);
        run(&trace, &letters, &mut tier);
        Self { tier, letters }
    }

    /// The blocks in slots, as letters.
    pub(crate) fn slots(&self, slots: impl IntoIterator<Item = u32>) -> String {
        let block = |slot| self.tier.block(Slot(slot)).expect("a queue holds only slots that hold a block");
        self.blocks(slots.into_iter().map(block))
    }

    /// Blocks as letters.
    pub(crate) fn blocks(&self, blocks: impl IntoIterator<Item = BlockId>) -> String {
        blocks.into_iter().map(|block| self.letters[block.index()]).collect()
    }
}
