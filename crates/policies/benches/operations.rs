//! Accesses a second with 2^20 resident blocks, for every eviction policy that is not offline.
//!
//! `hits` uses resident blocks drawn at random; `misses` evicts one and inserts another for each access; `mixed` does
//! either, half and half. An access is one call for a hit and three for a miss (choose, remove, insert). Blocks come in
//! no order that a cache line could profit from, which is the worst case: a trace has long runs of neighbours.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kv_core::policy::{Access, Build, Context, EvictionPolicy, Removal, Role, Slot};
use kv_core::{BlockId, Group, Trace, TraceBuilder};
use policies::registry;

const RESIDENT: u32 = 1 << 20;
const ACCESSES: u32 = 1 << 16;
/// Distinct blocks of the trace: newcomers go round, so that ghosts come back.
const DISTINCT: u32 = 4 * RESIDENT;

struct Bench {
    policy: Box<dyn EvictionPolicy>,
    block_in: Vec<u32>,
    resident: Vec<bool>,
    numbers: u64,
    newcomer: u32,
    clock: u32,
}

fn access(block: u32, clock: u32) -> Access {
    Access {
        block: BlockId(block),
        depth: block % 64,
        group: Group::REST,
        request: clock,
        now_ns: clock.into(),
    }
}

impl Bench {
    fn full(policy: Box<dyn EvictionPolicy>) -> Self {
        let mut bench = Self {
            policy,
            block_in: (0..RESIDENT).collect(),
            resident: (0..DISTINCT).map(|block| block < RESIDENT).collect(),
            numbers: 1,
            newcomer: RESIDENT,
            clock: 0,
        };
        (0..RESIDENT).for_each(|slot| bench.policy.on_insert(Slot(slot), &access(slot, 0)));
        // Away from the order of insertion.
        bench.run(4 * RESIDENT, 128);
        bench
    }

    /// `misses` of 256 accesses are misses.
    fn run(&mut self, accesses: u32, misses: u64) {
        for _ in 0..accesses {
            self.numbers = self.numbers.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            self.clock += 1;
            if (self.numbers >> 32) & 255 < misses {
                self.miss();
            } else {
                let slot = (self.numbers >> 44) as u32 % RESIDENT;
                self.policy.on_hit(Slot(slot), &access(self.block_in[slot as usize], self.clock));
            }
        }
    }

    fn miss(&mut self) {
        while self.resident[self.newcomer as usize] {
            self.newcomer = (self.newcomer + 1) % DISTINCT;
        }
        let victim = self.policy.choose_victim(self.clock.into(), &|_| true).expect("all are eligible");
        self.policy.on_remove(victim, Removal::Evicted);
        self.policy.on_insert(victim, &access(self.newcomer, self.clock));
        let left = std::mem::replace(&mut self.block_in[victim.index()], self.newcomer);
        self.resident[left as usize] = false;
        self.resident[self.newcomer as usize] = true;
    }
}

/// One request a block: only its size and its (absent) parents matter to online policies.
fn trace() -> Trace {
    let mut builder = TraceBuilder::new(1);
    (0..u64::from(DISTINCT)).for_each(|id| builder.push(id, 1, 1, &[id], None).expect("one block"));
    builder.finish()
}

fn operations(criterion: &mut Criterion) {
    let trace = trace();
    for spec in
        registry().specs().iter().filter(|spec| spec.role() == Role::Eviction && spec.name != "belady")
    {
        let Build::Eviction(build) = spec.build else { unreachable!("filtered by role") };
        let context = Context { trace: &trace, capacity_blocks: Some(RESIDENT), seed: 1, group_leases: &[] };
        let mut bench = Bench::full(build(&spec.params(&[]).expect("defaults"), &context));
        let mut group = criterion.benchmark_group(spec.name);
        group.throughput(Throughput::Elements(ACCESSES.into()));
        for (name, misses) in [("hits", 0), ("misses", 256), ("mixed", 128)] {
            group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                bencher.iter_batched(|| (), |()| bench.run(ACCESSES, misses), BatchSize::PerIteration);
            });
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
