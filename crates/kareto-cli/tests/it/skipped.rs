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
    assert!(
        picture.contains("could add little") && !picture.contains("not asked for"),
        "each cell has a reason"
    );
    assert!(page.contains("What was skipped") && page.contains("could add little"), "{page}");
}

/// Of a million points few are evaluated: the record and its page follow these, and so does memory.
#[test]
#[cfg(target_os = "linux")]
fn a_million_points_that_nobody_asked_for_are_a_few_rows() {
    let bench = Bench::new();
    for (axes, search) in [
        ("dram_gib = { from = 0, to = 999999, step = 1 }\ndisk_lease_s = [0]", "random"),
        (
            "dram_gib = { from = 0, to = 999, step = 1 }\ndisk_lease_s = { from = 0, to = 999, step = 1 }",
            "kareto",
        ),
    ] {
        let text = EXPERIMENT
            .replace("dram_gib = [0, 1024]\ndisk_lease_s = [0, 30]", axes)
            .replace("dram_gib = 1024", "dram_gib = 0");
        bench.write("experiment.toml", text + &format!("\n[search]\nname = \"{search}\"\nevaluations = 3\n"));
        let arguments = ["run", "experiment.toml", "-o", "out"];
        // As in `memory.rs`; half of it is for the threads and the program.
        let script = "ulimit -c 0; ulimit -s 1000; ulimit -d 48000; exec \"$@\"";
        let mut command = std::process::Command::new("sh");
        command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_kareto")]).args(arguments);
        command.current_dir(bench.path("")).env("RAYON_NUM_THREADS", "2").env("MALLOC_ARENA_MAX", "1");
        let output = command.output().expect("sh starts");
        assert!(output.status.success(), "{search}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(bench.read("out/experiment/skipped.csv").lines().count() <= 8, "{search}");
        assert!(bench.read("out/experiment/archive.jsonl").len() < 20_000, "{search}");
        bench.stdout(&["report", "out"]);
        let page = bench.read("out/experiment/index.html");
        let told = page.contains("of 1000000 configurations were not asked for");
        assert!(told && page.len() < 200_000, "{told}, {} bytes", page.len());
        std::fs::remove_dir_all(bench.path("out")).expect("the record");
    }
}

#[test]
fn nothing_is_shown_where_everything_was_asked_for() {
    let bench = Bench::new();
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    bench.stdout(&["report", "out"]);
    assert_eq!(bench.read("out/experiment/skipped.csv").lines().count(), 1);
    assert!(!bench.read("out/experiment/index.html").contains("What was skipped"));
}
