//! How long a choice of TTLs takes: 200,000 reuse intervals in 10, 100 and 1,000 groups, curves ready.

mod made_reuse;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use kareto::ttl::{Frontier, TailCharge, curves, hull};
use made_reuse::{BUDGET_SHARES, made_reuse};
use std::hint::black_box;

fn choices(c: &mut Criterion) {
    let mut bench = c.benchmark_group("hull");
    bench.sample_size(10);
    for groups in [10, 100, 1_000] {
        let curves = curves(&made_reuse(groups), TailCharge::WholeTtl);
        let most = Frontier::of(&curves).points().last().expect("never empty").storage_block_ns;
        for share in BUDGET_SHARES {
            let budget = (share * most as f64) as u128;
            let name = BenchmarkId::new(format!("{groups} groups"), share);
            bench.bench_function(name, |b| b.iter(|| hull(black_box(&curves), black_box(budget))));
        }
    }
    bench.finish();
    let curves = curves(&made_reuse(100), TailCharge::WholeTtl);
    c.bench_function("whole curve, 100 groups", |b| b.iter(|| Frontier::of(black_box(&curves)).points()));
}

criterion_group!(benches, choices);
criterion_main!(benches);
