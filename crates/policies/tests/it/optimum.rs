//! Does anybody beat what cannot be beaten?
//!
//! The ceiling keeps everything. Belady is optimal for hits where every miss is inserted; its hits are all
//! usable, and usable hits of any policy are hits of blocks, so no policy has more usable hits than Belady has.

use crate::traces::{conversation, eviction, longest, made};
use kv_core::policy::{Access, Role};
use kv_core::{BlockId, Group, Trace, TraceBuilder};
use policies::registry;
use policies::testing::{Hits, Pins, Tier, replay};
use proptest::prelude::*;

fn hits(policy: &str, trace: &Trace, capacity: u32, pins: Pins) -> Hits {
    let registry = registry();
    let spec = registry.find(Role::Eviction, policy).expect("registered");
    replay(trace, eviction(spec, trace, capacity).expect("an eviction policy"), capacity, pins)
}

/// Blocks that are used again later: the hits of a tier that keeps everything.
pub(crate) fn ceiling(trace: &Trace) -> u64 {
    let mut seen = vec![false; trace.unique_blocks()];
    let blocks = trace.requests().flat_map(|request| request.prompt_blocks);
    blocks.filter(|block| std::mem::replace(&mut seen[block.index()], true)).count() as u64
}

fn nobody_beats_the_optimum(trace: &Trace, capacity: u32) {
    let optimum = hits("belady", trace, capacity, Pins::None);
    assert_eq!(optimum.usable, optimum.resident, "a prefix that is closed has no stranded blocks");
    assert!(optimum.usable <= ceiling(trace));
    for spec in registry().specs().iter().filter(|spec| spec.role() == Role::Eviction) {
        let usable = hits(spec.name, trace, capacity, Pins::Request).usable;
        assert!(usable <= optimum.usable, "{} at {capacity}: {usable} > {}", spec.name, optimum.usable);
    }
}

#[test]
fn nobody_beats_belady_on_the_made_trace() {
    let trace = made();
    for capacity in [longest(&trace), 200, 1000, 4000] {
        nobody_beats_the_optimum(&trace, capacity);
    }
}

#[test]
fn nobody_beats_belady_on_the_conversation_trace() {
    let Some(trace) = conversation() else { return };
    for capacity in [1000, 20_000] {
        nobody_beats_the_optimum(&trace, capacity);
    }
}

#[test]
fn with_room_for_all_everyone_is_at_the_ceiling() {
    let trace = made();
    let room = u32::try_from(trace.unique_blocks()).expect("a small trace");
    for spec in registry().specs().iter().filter(|spec| spec.role() == Role::Eviction) {
        assert_eq!(hits(spec.name, &trace, room, Pins::Request).usable, ceiling(&trace), "{}", spec.name);
    }
}

/// Requests of one block each.
fn single_blocks(blocks: &[u8]) -> Trace {
    let mut builder = TraceBuilder::new(1);
    for (second, &block) in (0..).zip(blocks) {
        builder.push(second * 1_000_000_000, 1, 1, &[u64::from(block)], None).expect("one block");
    }
    builder.finish()
}

/// The most hits that any choice of victims gives, by trying all of them; `held` is a set of blocks as bits.
fn most_hits(blocks: &[u8], held: u32, capacity: u32) -> u64 {
    let Some((&block, rest)) = blocks.split_first() else { return 0 };
    let bit = 1 << block;
    if held & bit != 0 {
        return 1 + most_hits(rest, held, capacity);
    }
    if held.count_ones() < capacity {
        return most_hits(rest, held | bit, capacity);
    }
    let victims = (0..8).map(|victim| 1 << victim).filter(|victim| held & victim != 0);
    victims.map(|victim| most_hits(rest, held & !victim | bit, capacity)).max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn belady_is_the_best_of_all_choices(blocks in prop::collection::vec(0_u8..6, 1..12), capacity in 1_u32..4) {
        let optimum = hits("belady", &single_blocks(&blocks), capacity, Pins::None);
        prop_assert_eq!(optimum.resident, most_hits(&blocks, 0, capacity));
    }

    /// The inclusion property of stack algorithms (Mattson et al.): what a tier holds, a larger one holds too.
    #[test]
    fn a_larger_lru_tier_holds_all_that_a_smaller_one_does(
        blocks in prop::collection::vec(0_u8..12, 1..100),
        capacity in 1_u32..8,
    ) {
        let trace = single_blocks(&blocks);
        let registry = registry();
        let spec = registry.find(Role::Eviction, "lru").expect("registered");
        let [mut small, mut large] = [capacity, capacity + 1]
            .map(|capacity| Tier::new(eviction(spec, &trace, capacity).expect("an eviction policy"), capacity));
        for (request, view) in trace.requests().enumerate() {
            let (request, now_ns) = (request as u32, view.arrival_ns);
            let access = Access { block: view.prompt_blocks[0], depth: 0, group: Group::REST, request, now_ns };
            small.touch(&access, &|_| true);
            large.touch(&access, &|_| true);
            for block in (0..trace.unique_blocks() as u32).map(BlockId) {
                prop_assert!(small.slot(block).is_none() || large.slot(block).is_some());
            }
        }
    }
}
