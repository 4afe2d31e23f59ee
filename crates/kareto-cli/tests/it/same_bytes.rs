//! The same command gives the same bytes, on one thread and on two.

use crate::program::{Bench, trace};

/// The record's files that hold no wall time, the archive's lines in order.
fn record(bench: &Bench, threads: &str, out: &str) -> Vec<(&'static str, String)> {
    for arguments in [["run", "experiment.toml", "-o", out].as_slice(), &["report", out]] {
        let output =
            bench.program().args(arguments).env("RAYON_NUM_THREADS", threads).output().expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let read = |name: &'static str| (name, bench.read(&format!("{out}/experiment/{name}")));
    let mut files =
        ["archive.jsonl", "front.csv", "claims.csv", "front.svg", "index.html"].map(read).to_vec();
    let mut lines: Vec<&str> = files[0].1.lines().collect();
    lines.sort_unstable();
    files[0].1 = lines.join("\n");
    files.push(("../index.html", bench.read(&format!("{out}/index.html"))));
    files
}

#[test]
fn whatever_the_run_and_the_thread_count() {
    let bench = Bench::new();
    bench.write("trace.jsonl", trace(300));
    bench.change("dram_gib = [0, 1024]", "dram_gib = [0, 8, 16, 32, 64, 1024]");
    let first = record(&bench, "1", "first");
    for (threads, out) in [("1", "second"), ("2", "third")] {
        for ((name, expected), (_, found)) in first.iter().zip(record(&bench, threads, out)) {
            assert!(*expected == found, "{name} differs with {threads} threads");
        }
    }
}
