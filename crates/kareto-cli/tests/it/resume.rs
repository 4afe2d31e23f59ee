//! A run that is killed loses nothing that was finished, and one that is finished does nothing again.

use std::collections::BTreeSet;

use crate::program::{Bench, trace};

/// Points of the experiment below.
const POINTS: usize = 60;

fn slow_bench() -> Bench {
    let bench = Bench::new();
    bench.change("dram_gib = [0, 1024]", "dram_gib = { from = 0, to = 1856, step = 64 }");
    bench.write("trace.jsonl", trace(6000));
    bench
}

/// Keys of the evaluations in the archive that are whole lines.
fn finished(bench: &Bench) -> Vec<String> {
    let whole = bench.archived("out/experiment/archive.jsonl").into_iter();
    whole.map(|line| line.split('"').nth(3).expect("a key").to_owned()).collect()
}

/// The last `key = N` of the manifest.
fn last_count(bench: &Bench, key: &str) -> usize {
    let manifest = bench.read("out/experiment/manifest.toml");
    let line = manifest.lines().rev().find(|line| line.starts_with(key)).expect(key);
    line.split('=').nth(1).expect("a value").trim().parse().expect("a number")
}

#[test]
fn killed_half_way_it_repeats_nothing() {
    let bench = slow_bench();
    bench.killed_when("experiment.toml", || finished(&bench).len() >= 3);
    let before = finished(&bench);
    assert!(before.len() < POINTS);
    assert!(!bench.path("out/experiment/front.csv").exists(), "written before the search was over");

    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    let after = finished(&bench);
    assert_eq!(after[..before.len()], before, "what was finished stands as it was");
    assert_eq!(after.iter().collect::<BTreeSet<_>>().len(), POINTS);
    assert_eq!(after.len(), POINTS, "no point is there twice");
    assert_eq!(last_count(&bench, "reused"), before.len());
    assert_eq!(last_count(&bench, "evaluated"), POINTS - before.len());

    // The torn tail of a kill in the middle of a line costs that line only.
    let path = bench.path("out/experiment/archive.jsonl");
    let text = bench.read("out/experiment/archive.jsonl");
    std::fs::write(&path, &text[..text.len() - 10]).unwrap();
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    assert_eq!(last_count(&bench, "evaluated"), 1);
    assert_eq!(finished(&bench).len(), POINTS);
}

#[test]
fn run_again_it_evaluates_nothing() {
    let bench = Bench::new();
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    let files = ["archive.jsonl", "front.csv", "claims.csv", "manifest.toml"];
    let read = || files.map(|name| bench.read(&format!("out/experiment/{name}")));
    let before = read();
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    // The manifest too: it tells of runs that evaluated something.
    assert_eq!(read(), before);
}
