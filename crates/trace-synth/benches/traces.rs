//! How fast traces are read (block ids a second), swept (references times capacities times policies a second)
//! and made (requests a second), on one core. Times are the processor's, not the wall's: what else runs on the
//! machine shows only in the caches.
//!
//! `read`: plain JSONL from memory; the conversation trace as it is and with its ids hashed to 64 bits, and
//! made ones whose ids are all new: numbered from 0, and 64-bit hashes. `sweep`: 12 capacities and the three
//! policies of `kareto trace curve`. `synthesise`: requests of a recipe.
#![allow(clippy::print_stdout, reason = "a bench says what it skips")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

use cpu_time::ThreadTime;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};
use trace_synth::curve::{CachePolicy, hit_curve};
use trace_synth::read::{ReadOptions, read};
use trace_synth::synth::{Synthesis, embedded};

/// A file under `../shared/data`, unpacked.
fn shared(path: &str) -> Option<Vec<u8>> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(path);
    let Ok(packed) = std::fs::File::open(path) else {
        println!("skipped: no ../shared");
        return None;
    };
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).expect("a gzip file");
    Some(bytes)
}

/// 5,000 requests of 200 blocks, every id new.
fn all_new(id: impl Fn(u64) -> u64) -> Vec<u8> {
    let mut text = String::new();
    for request in 0..5_000 {
        let ids: Vec<String> = (0..200).map(|block| id(request * 200 + block).to_string()).collect();
        let ids = ids.join(", ");
        let time = request * 100;
        writeln!(
            text,
            "{{\"timestamp\": {time}, \"input_length\": 102400, \"output_length\": 50, \"hash_ids\": [{ids}]}}"
        )
        .expect("memory");
    }
    text.into_bytes()
}

/// Another 64-bit name for a number. No two numbers have the same one, and names follow no order.
fn hash(number: u64) -> u64 {
    SplitMix64::seed_from_u64(number).next_u64()
}

/// The same trace with every id hashed.
fn hashed(trace: &[u8]) -> Vec<u8> {
    let mut text = String::new();
    for line in std::str::from_utf8(trace).expect("JSON").lines() {
        let (fields, ids) = line.split_once('[').expect("hash_ids");
        let ids = ids.trim_end_matches(['}', ']']).split(", ").filter(|id| !id.is_empty());
        let ids: Vec<String> = ids.map(|id| hash(id.parse().expect("a number")).to_string()).collect();
        writeln!(text, "{fields}[{}]}}", ids.join(", ")).expect("memory");
    }
    text.into_bytes()
}

fn timed<T>(c: &mut Criterion, group: &str, name: &str, elements: u64, mut run: impl FnMut() -> T) {
    let mut group = c.benchmark_group(group);
    group.sample_size(10).throughput(Throughput::Elements(elements));
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|iterations| {
            let mut spent = Duration::ZERO;
            for _ in 0..iterations {
                let start = ThreadTime::now();
                let made = black_box(run());
                spent += start.elapsed();
                drop(made);
            }
            spent
        });
    });
    group.finish();
}

fn reading(c: &mut Criterion) {
    let whole = |bytes: &[u8]| read(black_box(bytes), "bench", &ReadOptions::AS_FILED).expect("well-formed");
    let conversation = shared("mooncake/conversation_trace.jsonl.gz");
    let files = [
        ("conversation", conversation.clone()),
        ("conversation by hashes", conversation.map(|bytes| hashed(&bytes))),
        ("new numbers", Some(all_new(|n| n))),
        ("new hashes", Some(all_new(hash))),
    ];
    for (name, bytes) in files {
        let Some(bytes) = bytes else { continue };
        let ids = whole(&bytes).references() as u64;
        timed(c, "read", name, ids, || whole(&bytes));
    }
}

fn sweeping(c: &mut Criterion) {
    for (name, file) in [
        ("conversation", "mooncake/conversation_trace.jsonl.gz"),
        ("agentic", "agentic/agentic_2h_blk512.jsonl.gz"),
    ] {
        let Some(bytes) = shared(file) else { return };
        let trace = read(bytes.as_slice(), name, &ReadOptions::AS_FILED).expect("well-formed");
        let capacities: Vec<usize> = (1..=12).map(|part| trace.unique_blocks() * part / 12).collect();
        let references = 12 * 3 * trace.references() as u64;
        timed(c, "sweep", name, references, || {
            CachePolicy::ALL.map(|policy| hit_curve(black_box(&trace), policy, &capacities))
        });
    }
}

fn synthesising(c: &mut Criterion) {
    let recipe = embedded("chat").expect("embedded");
    let requests = Synthesis::new(&recipe, 1).count() as u64;
    timed(c, "synthesise", "chat", requests, || Synthesis::new(black_box(&recipe), 1).count());
}

criterion_group!(benches, reading, sweeping, synthesising);
criterion_main!(benches);
