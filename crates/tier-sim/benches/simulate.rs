//! How long one evaluation takes on one core, trace loaded: the conversation trace through HBM, 512 GiB of DRAM
//! and a disk, on one instance and on eight that share the disk.
#![allow(clippy::print_stdout, reason = "a bench says what it skips")]

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use tier_sim::{Scope, simulate};

#[path = "../tests/it/setup.rs"]
mod setup;

fn evaluations(c: &mut Criterion) {
    let Some(trace) = setup::conversation() else { return };
    let mut group = c.benchmark_group("conversation trace");
    group.sample_size(10);
    for (label, scenario) in [
        ("1 instance", setup::scenario(1, Scope::Instance)),
        ("8 instances, shared disk", setup::scenario(8, Scope::Cluster)),
    ] {
        group.bench_function(label, |b| b.iter(|| simulate(black_box(&scenario), black_box(&trace))));
    }
    group.finish();
}

criterion_group!(benches, evaluations);
criterion_main!(benches);
