//! How long one evaluation takes on one core, trace loaded: the conversation trace through HBM, 512 GiB of DRAM
//! and a disk, on one instance and on eight that share the disk; and two and twenty hours of chat, in requests a second,
//! which should hardly differ.
#![allow(clippy::print_stdout, reason = "a bench says what it skips")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
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

fn lengths(c: &mut Criterion) {
    let scenario = setup::quiet_scenario(256);
    let mut group = c.benchmark_group("quiet chat");
    group.sample_size(10);
    for hours in [2, 20] {
        let trace = setup::quiet_chat(f64::from(hours) * 3600.0);
        group.throughput(Throughput::Elements(trace.len() as u64));
        group.bench_function(format!("{hours} h"), |b| {
            b.iter(|| simulate(black_box(&scenario), black_box(&trace)));
        });
    }
    group.finish();
}

criterion_group!(benches, evaluations, lengths);
criterion_main!(benches);
