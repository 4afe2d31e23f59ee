//! What a search did not ask for, and why: in its record and on its page.

use crate::program::{Bench, EXPERIMENT, trace};

/// 5 x 5 points, of which the coarse grid has 3 x 3; HBM holds a few prompts.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("trace.jsonl", trace(300));
    let text = EXPERIMENT
        .replace("tensor_parallel = 4", "tensor_parallel = 4\nhbm_utilisation = 0.25")
        .replace("dram_gib = [0, 1024]", "dram_gib = [0, 2, 4, 8, 16]")
        .replace("disk_lease_s = [0, 30]", "disk_lease_s = [0, 10, 20, 30, 40]")
        .replace("dram_gib = 1024", "dram_gib = 0");
    bench.write("experiment.toml", text + "\n[search]\nname = \"kareto\"\ncoarse_steps = 2\n");
    bench
}

#[test]
fn every_point_is_evaluated_or_has_a_reason() {
    let bench = bench();
    let mut found = Vec::new();
    for threads in ["1", "2"] {
        let out = format!("out{threads}");
        for arguments in [["run", "experiment.toml", "-o", &out].as_slice(), &["report", &out]] {
            let output = bench.program().args(arguments).env("RAYON_NUM_THREADS", threads).output();
            let output = output.expect("it starts");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let read = |name: &str| bench.read(&format!("{out}/experiment/{name}"));
        found.push(["skipped.csv", "skipped-1.svg", "index.html"].map(read));
    }
    assert_eq!(found[0], found[1], "on one thread and on two");
    let [skipped, picture, page] = &found[0];
    insta::assert_snapshot!(skipped);
    let evaluated = bench.read("out1/experiment/archive.jsonl").lines().count() - 1;
    assert_eq!(evaluated + skipped.lines().count() - 1, 25);
    assert!(page.contains("What was skipped") && page.contains(picture.trim()));
}

#[test]
fn nothing_is_shown_where_everything_was_asked_for() {
    let bench = Bench::new();
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    bench.stdout(&["report", "out"]);
    assert_eq!(bench.read("out/experiment/skipped.csv").lines().count(), 1);
    assert!(!bench.read("out/experiment/index.html").contains("What was skipped"));
}
