//! `kareto validate step-times` as a user runs it, on a machine without a GPU. `cuda.rs` has the stub of the driver.

use serde_json::Value;

use crate::program::Bench;

const LLAMA: [&str; 6] = ["validate", "step-times", "--model", "llama-3.1-8b", "--gpu-name", "h100-sxm"];

#[test]
fn without_a_gpu_the_page_says_that_it_is_absent() {
    let bench = Bench::new();
    let text = bench.stdout(&[&LLAMA[..], &["--json", "-o", "out"]].concat());
    let report: Value = serde_json::from_str(&text).expect("one JSON object");
    assert_eq!(text, bench.read("out/report.json"));
    // A machine with a GPU measures.
    if report["gpu"].is_null() {
        assert_eq!(report["state"]["is"], "absent");
        let page = bench.read("out/index.html");
        assert!(page.contains("Step times absent: ") && page.contains("llama-3.1-8b on 1 GPU"), "{page}");
        assert_eq!(bench.read("out/steps.csv").lines().count(), 1, "a heading alone");
    }
    assert!(report["missing"].as_array().expect("a list").iter().any(|it| it == "normalisations"));
}

#[test]
fn mistakes_are_told_before_anything_is_measured() {
    let bench = Bench::new();
    bench.write("file", "");
    let mistake = |more: &[&str]| bench.mistake(&[&LLAMA[..], &["-o", "out"], more].concat());
    assert!(mistake(&["--tensor-parallel", "0"]).contains("1..=1024"));
    assert!(mistake(&["--gpu", "-1"]).contains("0..=1023"));
    assert!(mistake(&["--profile", "nowhere"]).contains("nowhere"));
    // It has a profile on 1 GPU alone.
    mistake(&["--tensor-parallel", "3"]);
    let model = |name: &str| {
        bench.mistake(&["validate", "step-times", "--model", name, "--gpu-name", "h100-sxm", "-o", "out"])
    };
    assert!(model("no-such-model").contains("no-such-model"));
    let text = model("qwen3-30b-a3b");
    assert!(text.contains("no `[matrices]`") && text.contains("llama-3.1-8b"), "{text}");
    assert!(bench.mistake(&LLAMA).contains("--out <DIR>"));
    assert!(bench.mistake(&[&LLAMA[..], &["-o", "file"]].concat()).contains("--out file"));
    assert!(!bench.path("out").exists(), "nothing is written");
}
