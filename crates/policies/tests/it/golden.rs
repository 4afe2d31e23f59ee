//! How many blocks does each policy hit? One table a trace, so that a change of behaviour shows.
//!
//! Usable hits: full prompt blocks resident when their request comes, with every block before them; blocks of the
//! request being played cannot leave. The last row is what a tier without bounds hits.

use crate::optimum::ceiling;
use crate::traces::{conversation, eviction, made};
use kv_core::policy::{Access, Role};
use kv_core::{Group, Trace};
use policies::registry;
use policies::testing::{Pins, Tier, Touch, replay};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use test_data::shared;

fn table(trace: &Trace, capacities: &[u32]) -> String {
    let head: String = capacities.iter().map(|capacity| format!("{capacity:>9}")).collect();
    let mut table = format!("{:<12}{head}\n", "blocks");
    for spec in registry().specs().iter().filter(|spec| spec.role() == Role::Eviction) {
        write!(table, "{:<12}", spec.name).expect("a string takes all");
        for &capacity in capacities {
            let policy = eviction(spec, trace, capacity).expect("an eviction policy");
            let hits = replay(trace, policy, capacity, Pins::Request);
            write!(table, "{:>9}", hits.usable).expect("a string takes all");
        }
        table.push('\n');
    }
    let most = ceiling(trace);
    let most: String = capacities.iter().map(|_| format!("{most:>9}")).collect();
    table + &format!("{:<12}{most}\n", "unbounded")
}

#[test]
fn made_trace() {
    insta::assert_snapshot!(table(&made(), &[50, 100, 200, 400, 800, 1600, 3200, 12_800]));
}

#[test]
fn conversation_trace() {
    let Some(trace) = conversation() else { return };
    let references: usize = trace.requests().map(|request| request.prompt_blocks.len()).sum();
    assert_eq!(references, 276_491, "the README says so");
    insta::assert_snapshot!(table(&trace, &[1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000]));
}

#[derive(Deserialize)]
struct Count {
    cap: u32,
    order: String,
    hit_blocks: u64,
}

/// LRU against counts made independently of this code: all ids, partial blocks too, nothing pinned.
///
/// Head to tail, the reference counts a block as it is touched; tail to head, it looks the whole request up first and
/// touches it after, as an engine does. (Counted as they are touched, both orders give the same.)
#[test]
fn lru_counts_exactly_as_the_reference() {
    let Some(counts) = shared("mooncake/golden_flat_lru.json") else { return };
    let text = std::fs::read_to_string(counts).expect("counts by trace");
    let Some(trace) = conversation() else { return };
    let counts: BTreeMap<String, Vec<Count>> = serde_json::from_str(&text).expect("counts by trace");
    let registry = registry();
    let spec = registry.find(Role::Eviction, "lru").expect("registered");
    for Count { cap, order, hit_blocks } in &counts["conversation"] {
        let mut tier = Tier::new(eviction(spec, &trace, *cap).expect("an eviction policy"), *cap);
        let (mut found, mut touched) = (0, 0);
        for (request, view) in trace.requests().enumerate() {
            found += view.references.iter().filter(|&&block| tier.slot(block).is_some()).count() as u64;
            let mut blocks: Vec<_> = (0..).zip(view.references).collect();
            if order == "tail_to_head" {
                blocks.reverse();
            }
            for (depth, &block) in blocks {
                let (request, now_ns) = (request as u32, view.arrival_ns);
                let access = Access { block, depth, group: Group::REST, request, now_ns };
                touched += u64::from(tier.touch(&access, &|_| true) == Touch::Hit);
            }
        }
        let hits = if order == "tail_to_head" { found } else { touched };
        assert_eq!(hits, *hit_blocks, "capacity {cap}, {order}");
    }
}
