//! sticky: a prompt goes where the last one with the same first block went, whatever is cached or queued there.
//!
//! Conversations stay on one instance, and so do all that share a system prompt. A first block that is new goes to the
//! instance with the fewest requests.

use kv_core::policy::{Build, Fleet, Router, Spec};
use kv_core::{BlockId, RequestView};

/// The row for the registry.
pub const SPEC: Spec = Spec {
    name: "sticky",
    summary: "a prompt goes where the last one with the same first block went",
    source: "an example",
    params: &[],
    revision: kv_core::Revision::Unstated,
    build: Build::Router(|_, context| {
        Box::new(Sticky { instance_of: vec![None; context.trace.unique_blocks()] })
    }),
};

struct Sticky {
    /// The instance of each block that was the first of a prompt, by block id.
    instance_of: Vec<Option<usize>>,
}

impl Router for Sticky {
    fn choose(&mut self, request: &RequestView<'_>, fleet: &dyn Fleet) -> usize {
        let least_loaded =
            || (0..fleet.instances()).min_by_key(|&instance| fleet.load(instance)).unwrap_or_default();
        match request.prompt_blocks.first().copied().map(BlockId::index) {
            Some(block) => *self.instance_of[block].get_or_insert_with(least_loaded),
            None => least_loaded(), // a prompt shorter than a block
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use policies::testing::route_spec;

    #[test]
    fn prompts_without_a_common_block_go_to_the_least_loaded() {
        assert_eq!(route_spec(&SPEC, &[], &[(5, 0), (2, 9)], 2), [1, 1]);
    }
}
