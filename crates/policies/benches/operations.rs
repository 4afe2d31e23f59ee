//! Accesses a second with 2^20 resident blocks, for every eviction policy that is not offline.
//!
//! `requests`: as a simulator asks; each request uses a prefix of 64 blocks, deepest first, an old one or a new
//! one, half and half. `hits` and `misses`: the same with old or new ones only. `scattered`: single blocks, old
//! or new, drawn from all over, so that nearly every access waits for memory; no trace is like that, it is the
//! bound. An access that hits is one call of the policy, one that misses is three (choose, remove, insert).
//!
//! What is timed is the policy alone: a twin of it is asked first, with the tables of who is where, and the
//! calls that come of it are written down; they are then made to the policy, whose answers must be the twin's.
//! Times are the processor's, not the wall's: what else runs on the machine shows only in the caches.

use cpu_time::ThreadTime;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kv_core::policy::{Access, Build, Context, EvictionPolicy, Removal, Role, Slot};
use kv_core::{BlockId, Group, Trace, TraceBuilder};
use policies::registry;
use std::time::Duration;

const RESIDENT: u32 = 1 << 20;
const ACCESSES: u32 = 1 << 16;
/// Distinct blocks of the trace: newcomers go round, so that ghosts come back.
const DISTINCT: u32 = 4 * RESIDENT;

/// One access, as the twin answered it.
#[derive(Clone, Copy)]
enum Call {
    Hit { slot: Slot, block: u32, request: u32 },
    Miss { victim: Slot, block: u32, request: u32 },
}

struct Bench {
    policy: Box<dyn EvictionPolicy>,
    twin: Box<dyn EvictionPolicy>,
    /// Blocks of a prefix.
    run: u32,
    block_in: Vec<u32>,
    slot_of: Vec<Option<Slot>>,
    calls: Vec<Call>,
    numbers: u64,
    newcomer: u32,
    clock: u32,
}

impl Bench {
    fn full(mut build: impl FnMut() -> Box<dyn EvictionPolicy>, run: u32) -> Self {
        let mut bench = Self {
            policy: build(),
            twin: build(),
            run,
            block_in: (0..RESIDENT).collect(),
            slot_of: (0..DISTINCT).map(|block| (block < RESIDENT).then_some(Slot(block))).collect(),
            calls: Vec::with_capacity(ACCESSES as usize),
            numbers: 1,
            newcomer: RESIDENT,
            clock: 0,
        };
        for block in 0..RESIDENT {
            let access = access(block, 0, run);
            bench.policy.on_insert(Slot(block), &access);
            bench.twin.on_insert(Slot(block), &access);
        }
        // Away from the order of insertion.
        for _ in 0..2 * RESIDENT / ACCESSES {
            bench.play(128);
        }
        bench
    }

    /// About [`ACCESSES`] accesses; `new` of 256 requests use blocks that have left or were never there.
    fn play(&mut self, new: u64) -> Duration {
        self.calls.clear();
        for _ in 0..ACCESSES / self.run {
            self.numbers = self.numbers.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            self.clock += 1;
            let first = if (self.numbers >> 32) & 255 < new {
                self.newcomer = (self.newcomer + self.run) % DISTINCT;
                self.newcomer
            } else {
                let block = self.block_in[(self.numbers >> 44) as usize % RESIDENT as usize];
                block - block % self.run
            };
            (first..first + self.run).rev().for_each(|block| self.ask_twin(block));
        }
        let start = ThreadTime::now();
        self.calls.iter().for_each(|call| call.make(self.policy.as_mut(), self.run));
        start.elapsed()
    }

    fn ask_twin(&mut self, block: u32) {
        let request = self.clock;
        let access = access(block, request, self.run);
        if let Some(slot) = self.slot_of[block as usize] {
            self.twin.on_hit(slot, &access);
            return self.calls.push(Call::Hit { slot, block, request });
        }
        let victim = self.twin.choose_victim(access.now_ns, &|_| true).expect("all are eligible");
        self.twin.on_remove(victim, Removal::Evicted);
        self.twin.on_insert(victim, &access);
        let left = std::mem::replace(&mut self.block_in[victim.index()], block);
        self.slot_of[left as usize] = None;
        self.slot_of[block as usize] = Some(victim);
        self.calls.push(Call::Miss { victim, block, request });
    }
}

impl Call {
    fn make(self, policy: &mut dyn EvictionPolicy, run: u32) {
        match self {
            Call::Hit { slot, block, request } => policy.on_hit(slot, &access(block, request, run)),
            Call::Miss { victim, block, request } => {
                let access = access(block, request, run);
                assert_eq!(policy.choose_victim(access.now_ns, &|_| true), Some(victim), "as its twin");
                policy.on_remove(victim, Removal::Evicted);
                policy.on_insert(victim, &access);
            }
        }
    }
}

fn access(block: u32, request: u32, run: u32) -> Access {
    Access { block: BlockId(block), depth: block % run, group: Group::REST, request, now_ns: request.into() }
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
            let mut bench = None;
            let cases: &[_] = if *run == 1 {
                &[("scattered", 128)]
            } else {
                &[("requests", 128), ("hits", 0), ("misses", 256)]
            };
            for &(name, new) in cases {
                group.bench_function(name, |bencher| {
                    // Made only if this benchmark is wanted.
                    let bench = bench.get_or_insert_with(|| Bench::full(|| build(&params, &context), *run));
                    bencher.iter_custom(|times| (0..times).map(|_| bench.play(new)).sum());
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
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(700));
    targets = operations
}
criterion_main!(benches);
