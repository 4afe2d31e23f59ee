//! How many bytes does a policy take for each block, and does it allocate while it runs?
//!
//! A binary of its own with a single test: it counts what the whole process allocates.

use kv_core::policy::{Access, Build, Context, EvictionPolicy, Removal, Role, Slot, Spec};
use kv_core::{BlockId, Group, Trace, TraceBuilder};
use policies::registry;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::fmt::Write;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Blocks resident: little less than a power of two, so that arrays that double are nearly full.
const RESIDENT: u32 = (1 << 16) - 100;

/// One request for each of so many blocks.
fn trace(distinct: u32) -> Trace {
    let mut builder = TraceBuilder::new(1);
    (0..u64::from(distinct)).for_each(|id| builder.push(id, 1, 1, &[id], None).expect("one block"));
    builder.finish()
}

fn access(block: u32) -> Access {
    Access { block: BlockId(block), depth: 0, group: Group::REST, request: block, now_ns: block.into() }
}

/// What is where, kept outside of what is measured.
struct Residency {
    block_in: Vec<u32>,
    resident: Vec<bool>,
}

impl Residency {
    /// Evicts one and puts `block` in its place.
    fn replace(&mut self, policy: &mut dyn EvictionPolicy, block: u32) {
        let victim = policy.choose_victim(0, &|_| true).expect("all are eligible");
        policy.on_remove(victim, Removal::Evicted);
        policy.on_insert(victim, &access(block));
        let left = std::mem::replace(&mut self.block_in[victim.index()], block);
        self.resident[left as usize] = false;
        self.resident[block as usize] = true;
    }
}

/// Bytes that a policy takes when `distinct` blocks have passed through a tier of `RESIDENT`.
fn bytes(spec: &Spec, distinct: u32) -> f64 {
    let trace = trace(distinct);
    let Build::Eviction(build) = spec.build else { unreachable!("filtered by role") };
    let params = spec.params(&[]).expect("defaults");
    let context = Context { trace: &trace, capacity_blocks: Some(RESIDENT), seed: 1, group_leases: &[] };
    let mut tier = Residency {
        block_in: (0..RESIDENT).collect(),
        resident: (0..distinct).map(|block| block < RESIDENT).collect(),
    };
    let region = Region::new(ALLOCATOR);
    let mut policy = build(&params, &context);
    (0..RESIDENT).for_each(|slot| policy.on_insert(Slot(slot), &access(slot)));
    (RESIDENT..distinct).for_each(|block| tier.replace(policy.as_mut(), block));
    let taken = region.change();
    // Every block has been seen: from here on nothing may grow.
    let region = Region::new(ALLOCATOR);
    for block in (0..distinct).step_by(3) {
        if !tier.resident[block as usize] {
            tier.replace(policy.as_mut(), block);
        }
        let slot = block % RESIDENT;
        policy.on_hit(Slot(slot), &access(tier.block_in[slot as usize]));
    }
    let allocations = region.change().allocations;
    assert!(allocations == 0 || spec.name == "belady", "{}: {allocations} allocations", spec.name);
    (taken.bytes_allocated - taken.bytes_deallocated) as f64
}

#[test]
fn bytes_a_block() {
    let mut table = format!("{:<12}{:>12}{:>12}\n", "bytes", "resident", "gone");
    for spec in registry().specs().iter().filter(|spec| spec.role() == Role::Eviction) {
        // The difference is what another RESIDENT blocks that have left cost.
        let [once, twice] = [1, 2].map(|times| bytes(spec, times * RESIDENT) / f64::from(RESIDENT));
        writeln!(table, "{:<12}{once:>12.1}{:>12.1}", spec.name, twice - once).expect("a string takes all");
    }
    insta::assert_snapshot!(table);
}
