//! `run`, `report` and `optimize` on a small experiment: what a record holds and what is made from it.

use crate::program::Bench;

/// Files outside the folder of the run are named without their folders, whichever way they are given.
#[test]
fn a_record_has_no_path_of_the_machine() {
    let bench = Bench::new();
    let elsewhere = tempfile::tempdir().expect("a folder for temporary files");
    let out = elsewhere.path().join("out");
    let out = out.to_str().expect("UTF-8");
    let trace = format!("--trace={}", bench.path("trace.jsonl").canonicalize().unwrap().display());
    bench.stdout(&["run", "experiment.toml", &trace, "--out", out]);
    let manifest = std::fs::read_to_string(format!("{out}/experiment/manifest.toml")).unwrap();
    let command = r#"command = ["kareto", "run", "experiment.toml", "--trace=trace.jsonl", "--out", "out"]"#;
    assert!(manifest.contains(command), "{manifest}");
}

#[test]
fn a_record_and_its_report() {
    let bench = Bench::new();
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    let archive = bench.read("out/experiment/archive.jsonl");
    assert_eq!(archive.lines().count(), 1 + 4, "a header and a line for each of 2 x 2 points");
    let front = bench.read("out/experiment/front.csv");
    assert!(front.starts_with("dram_gib,disk_lease_s,ttft_s_mean,throughput_tokens_per_s,cost,"), "{front}");
    let claims = bench.read("out/experiment/claims.csv");
    assert!(
        claims.starts_with("id,says,unit,paper,ours,accept_least,accept_most,verdict\nttft,TTFT halves,%,50")
    );
    let manifest = bench.read("out/experiment/manifest.toml");
    for part in ["command = ", "toolchain = \"rustc ", "seed = 0", "wall_time_s = ", "name = \"trace.jsonl\""]
    {
        assert!(manifest.contains(part), "{part} in {manifest}");
    }

    bench.stdout(&["report", "out"]);
    let page = bench.read("out/experiment/index.html");
    assert!(page.contains("Does it run?") && page.contains("fixed dram_gib=1024"));
    assert!(bench.read("out/index.html").contains("experiment/index.html"));
    assert!(bench.read("out/experiment/front.svg").starts_with("<svg"));
}

#[test]
fn a_report_needs_the_records_alone() {
    let bench = Bench::new();
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    std::fs::remove_file(bench.path("trace.jsonl")).unwrap();
    std::fs::remove_file(bench.path("experiment.toml")).unwrap();
    bench.stdout(&["report", "out"]);
    // A record itself will do as well.
    bench.stdout(&["report", "out/experiment"]);
    let message = bench.mistake(&["report", "."]);
    assert!(message.contains("no records in it"), "{message}");
}

#[test]
fn optimize_prints_the_picks() {
    let bench = Bench::new();
    let text = bench.stdout(&["optimize", "experiment.toml", "-o", "out"]);
    let (table, words) = text.split_once("\n\n").unwrap();
    let first: Vec<&str> = table.lines().map(|line| line.split("  ").next().unwrap()).collect();
    assert!(words.starts_with("Buy ") && words.contains("price"), "{words}");
    assert_eq!(first, ["configuration", "baseline", "cheapest", "fastest", "highest throughput", "knee"]);
    assert!(bench.path("out/experiment/archive.jsonl").exists());
}

/// The baseline is faster, serves more and is cheaper than all else: there is nothing to compare it with.
#[test]
fn a_choice_that_is_the_baseline_is_kept() {
    let bench = Bench::new();
    bench.change("dram_gib = [0, 1024]\ndisk_lease_s = [0, 30]", "dram_gib = [1024]\ndisk_lease_s = [0]");
    let text = bench.stdout(&["optimize", "experiment.toml", "-o", "out"]);
    assert!(text.contains("\nKeep 1024 GiB of dram, no disk: the fixed configuration that"), "{text}");
    assert!(!text.contains("Against the fixed") && !text.contains("+0.0 and +0.0"), "{text}");
}

#[test]
fn other_searches_record_what_they_asked() {
    let bench = Bench::new();
    bench.change("[axes]", "[search]\nname = \"random\"\nevaluations = 2\n\n[axes]");
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    // Two points drawn, and the baseline if it was not among them.
    let manifest = bench.read("out/experiment/manifest.toml");
    assert!(manifest.contains("evaluations = 2\n"), "{manifest}");
    let lines = bench.read("out/experiment/archive.jsonl").lines().count();
    assert!((3..=4).contains(&lines), "{lines}");
    bench.stdout(&["report", "out"]);
}

#[test]
fn an_archive_of_something_else_is_left_alone() {
    let bench = Bench::new();
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    let archive = bench.read("out/experiment/archive.jsonl");
    bench.change("tensor_parallel = 4", "tensor_parallel = 4\nmax_seqs = 8");
    let message = bench.mistake(&["run", "experiment.toml", "-o", "out"]);
    assert!(message.contains("is of another experiment"), "{message}");
    assert_eq!(bench.read("out/experiment/archive.jsonl"), archive);
}
