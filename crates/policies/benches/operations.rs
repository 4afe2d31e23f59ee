//! Accesses a second with 2^20 resident blocks, for every eviction policy that is not offline.
//!
//! `requests`: as a simulator asks; each request uses a prefix of 64 blocks, deepest first, an old one or a new one, half
//! and half. `hits` and `misses`: the same with old or new ones only. `scattered`: single blocks, old or new, drawn from
//! all over, so that nearly every access waits for memory; no trace is like that, it is the bound. An access that hits
//! is one call of the policy, one that misses is three (choose, remove, insert). Times are the processor's, not the
//! wall's: what else runs on the machine shows only in the caches.

use cpu_time::ThreadTime;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kv_core::policy::{Access, Build, Context, EvictionPolicy, Removal, Role, Slot};
use kv_core::{BlockId, Group, Trace, TraceBuilder};
use policies::registry;

const RESIDENT: u32 = 1 << 20;
const ACCESSES: u32 = 1 << 16;
/// Distinct blocks of the trace: newcomers go round, so that ghosts come back.
const DISTINCT: u32 = 4 * RESIDENT;

struct Bench {
    policy: Box<dyn EvictionPolicy>,
    /// Blocks of a prefix.
    run: u32,
    block_in: Vec<u32>,
    slot_of: Vec<Option<Slot>>,
    numbers: u64,
    newcomer: u32,
    clock: u32,
}

impl Bench {
    fn full(policy: Box<dyn EvictionPolicy>, run: u32) -> Self {
        let mut bench = Self {
            policy,
            run,
            block_in: (0..RESIDENT).collect(),
            slot_of: (0..DISTINCT).map(|block| (block < RESIDENT).then_some(Slot(block))).collect(),
            numbers: 1,
            newcomer: RESIDENT,
            clock: 0,
        };
        for block in 0..RESIDENT {
            let access = bench.access(block);
            bench.policy.on_insert(Slot(block), &access);
        }
        // Away from the order of insertion.
        bench.play(2 * RESIDENT, 128);
        bench
    }

    fn access(&self, block: u32) -> Access {
        let (depth, now_ns) = (block % self.run, self.clock.into());
        Access { block: BlockId(block), depth, group: Group::REST, request: self.clock, now_ns }
    }

    /// About so many accesses; `new` of 256 requests use blocks that have left or were never there.
    fn play(&mut self, accesses: u32, new: u64) {
        for _ in 0..accesses / self.run {
            self.numbers = self.numbers.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            self.clock += 1;
            let first = if (self.numbers >> 32) & 255 < new {
                self.newcomer = (self.newcomer + self.run) % DISTINCT;
                self.newcomer
            } else {
                let block = self.block_in[(self.numbers >> 44) as usize % RESIDENT as usize];
                block - block % self.run
            };
            (first..first + self.run).rev().for_each(|block| self.touch(block));
        }
    }

    fn touch(&mut self, block: u32) {
        let access = self.access(block);
        if let Some(slot) = self.slot_of[block as usize] {
            return self.policy.on_hit(slot, &access);
        }
        let victim = self.policy.choose_victim(access.now_ns, &|_| true).expect("all are eligible");
        self.policy.on_remove(victim, Removal::Evicted);
        self.policy.on_insert(victim, &access);
        let left = std::mem::replace(&mut self.block_in[victim.index()], block);
        self.slot_of[left as usize] = None;
        self.slot_of[block as usize] = Some(victim);
    }
}

/// Each prefix in one request.
fn trace(run: u32) -> Trace {
    let mut builder = TraceBuilder::new(1);
    for first in (0..u64::from(DISTINCT)).step_by(run as usize) {
        let ids: Vec<u64> = (first..first + u64::from(run)).collect();
        builder.push(first, run, 1, &ids, None).expect("ids name prefixes");
    }
    builder.finish()
}

fn operations(criterion: &mut Criterion) {
    let traces = [64, 1].map(|run| (run, trace(run)));
    for spec in
        registry().specs().iter().filter(|spec| spec.role() == Role::Eviction && spec.name != "belady")
    {
        let Build::Eviction(build) = spec.build else { unreachable!("filtered by role") };
        let params = spec.params(&[]).expect("defaults");
        let mut group = criterion.benchmark_group(spec.name);
        group.throughput(Throughput::Elements(ACCESSES.into()));
        for (run, trace) in &traces {
            let context = Context { trace, capacity_blocks: Some(RESIDENT), seed: 1, group_leases: &[] };
            let mut bench = Bench::full(build(&params, &context), *run);
            let cases: &[_] = if *run == 1 {
                &[("scattered", 128)]
            } else {
                &[("requests", 128), ("hits", 0), ("misses", 256)]
            };
            for &(name, new) in cases {
                group.bench_function(name, |bencher| {
                    bencher.iter_custom(|times| {
                        let start = ThreadTime::now();
                        (0..times).for_each(|_| bench.play(ACCESSES, new));
                        start.elapsed()
                    });
                });
            }
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_millis(700));
    targets = operations
}
criterion_main!(benches);
