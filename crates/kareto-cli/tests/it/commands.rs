//! Commands that answer at once: simulate, policies, trace describe, help.

use std::process::Stdio;

use serde_json::Value;

use crate::program::Bench;

fn simulated(bench: &Bench, settings: &[&str]) -> Value {
    let mut arguments = vec!["simulate", "experiment.toml", "--json"];
    settings.iter().for_each(|setting| arguments.extend(["--set", setting]));
    serde_json::from_str(&bench.stdout(&arguments)).expect("one JSON object")
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn the_keys_of_a_simulation() {
    let run = simulated(&Bench::new(), &["dram_gib=1024", "disk_lease_s=30"]);
    let expected = [
        "cost",
        "e2e_s",
        "gpu_hours",
        "hit_ratio",
        "hit_tokens",
        "links",
        "longest_request_tokens",
        "makespan_s",
        "preemptions",
        "prompt_tokens",
        "rejected_requests",
        "requests",
        "throughput_tokens_per_s",
        "tiers",
        "tpot_s",
        "ttft_s",
        "turns",
        "turns_before_answer",
    ];
    assert_eq!(keys(&run), expected);
    for latency in ["ttft_s", "tpot_s", "e2e_s"] {
        assert_eq!(keys(&run[latency]), ["mean", "p50", "p90", "p99"]);
    }
    assert_eq!(keys(&run["hit_tokens"]), ["disk", "dram", "hbm"]);
    assert_eq!(keys(&run["cost"]["parts"]), ["disk", "dram", "gpu"]);
    assert_eq!(run["cost"]["currency"], "CNY");
    // 20 conversations of 4, 6 and 8 blocks of 512 tokens.
    assert_eq!(run["requests"], 60);
    assert_eq!(run["prompt_tokens"], 20 * (4 + 6 + 8) * 512);
}

#[test]
fn cost_is_gpus_and_what_was_bought_over_the_makespan() {
    let run = simulated(&Bench::new(), &["dram_gib=1024", "disk_lease_s=30"]);
    let hours = number(&run["makespan_s"]) / 3600.0;
    let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-9 * b.abs(), "{a} is not {b}");
    // 4 GPUs at 35.4 CNY/h, 1024 GiB at .0221 CNY/h, ESSD PL1 at 1 CNY for 730 h: `datasets/prices/alibaba-cny.toml`.
    close(number(&run["gpu_hours"]), 4.0 * hours);
    close(number(&run["cost"]["parts"]["gpu"]), 4.0 * hours * 35.4);
    close(number(&run["cost"]["parts"]["dram"]), 1024.0 * 0.0221 * hours);
    let disk = run["tiers"].as_array().unwrap().iter().find(|tier| tier["name"] == "disk").expect("a disk");
    let bought_gib = number(&disk["bought_bytes"]) / f64::from(1 << 30);
    close(number(&run["cost"]["parts"]["disk"]), bought_gib / 730.0 * hours);
    assert!(number(&disk["bought_bytes"]) >= number(&disk["peak_bytes"]));
    let parts: f64 = run["cost"]["parts"].as_object().unwrap().values().map(number).sum();
    close(number(&run["cost"]["total"]), parts);
}

#[test]
fn a_size_or_lease_of_0_is_no_tier() {
    let bench = Bench::new();
    let names = |run: &Value| -> Vec<String> {
        run["tiers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tier| tier["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&simulated(&bench, &["dram_gib=0", "disk_lease_s=0"])), ["hbm"]);
    assert_eq!(names(&simulated(&bench, &["dram_gib=1024", "disk_lease_s=0"])), ["hbm", "dram"]);
    assert_eq!(names(&simulated(&bench, &["dram_gib=0", "disk_lease_s=30"])), ["hbm", "disk"]);
    // Not set, an axis takes its first value.
    assert_eq!(names(&simulated(&bench, &[])), ["hbm"]);
}

#[test]
fn a_scenario_needs_no_axes() {
    let bench = Bench::new();
    let system = crate::program::EXPERIMENT.split("[axes]").next().unwrap();
    let sized = system.replacen("medium = \"dram\"", "medium = \"dram\"\nsize = \"1 TiB\"", 1);
    let sized = sized.replacen("medium = \"essd-pl1\"", "medium = \"essd-pl1\"\nsize = \"100 GiB\"", 1);
    bench.write("scenario.toml", sized);
    let text = bench.stdout(&["simulate", "scenario.toml"]);
    let dram = text.lines().find(|line| line.starts_with("dram ")).expect("a row");
    assert!(dram.split_whitespace().nth(1) == Some("1024.0"), "{dram}");
}

#[test]
fn policies_as_a_list_and_one_by_one() {
    let bench = Bench::new();
    let list = bench.stdout(&["policies"]);
    assert!(list.contains("eviction   lru") && list.contains("router     round-robin"), "{list}");
    insta::assert_snapshot!(bench.stdout(&["policies", "fixed"]));
    let all: Value = serde_json::from_str(&bench.stdout(&["policies", "--json"])).expect("JSON");
    assert_eq!(all.as_array().unwrap().len(), list.lines().count());
}

#[test]
fn a_trace_described() {
    let bench = Bench::new();
    let text = bench.stdout(&["trace", "describe", "trace.jsonl", "--json"]);
    let described: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(described["requests"], 60);
    // 20 conversations name 4 + 6 + 8 blocks, 8 of them distinct.
    assert_eq!(described["block_refs"], 20 * 18);
    assert_eq!(described["unique_blocks"], 20 * 8);
}

#[test]
fn the_conversation_trace_described() {
    let Some(file) = test_data::shared("mooncake/conversation_trace.jsonl.gz") else { return };
    let file = file.to_str().expect("a path in UTF-8");
    let described: Value =
        serde_json::from_str(&Bench::new().stdout(&["trace", "describe", file, "--json"])).expect("JSON");
    assert_eq!(described["requests"], 12_031);
    assert_eq!(described["block_refs"], 288_500);
    assert_eq!(described["unique_blocks"], 182_790);
}

#[test]
fn version_help_and_usage() {
    let bench = Bench::new();
    assert_eq!(bench.stdout(&["--version"]), format!("kareto {}\n", env!("CARGO_PKG_VERSION")));
    assert!(bench.stdout(&["--help"]).contains("simulate"));
    assert!(bench.mistake(&["simulat"]).contains("unrecognized subcommand"));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = Bench::new()
        .program()
        .args(["policies", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn a_new_policy_is_written_once() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.path("crates/policies/src/eviction")).unwrap();
    bench.write("crates/policies/src/eviction/mod.rs", "pub(crate) const SPECS: &[Spec] = &[];");
    insta::assert_snapshot!(bench.stdout(&["new-policy", "least-deep"]));
    let text = bench.read("crates/policies/src/eviction/least_deep.rs");
    assert!(text.contains("pub(super) const SPEC") && text.contains("name: \"least-deep\""), "{text}");
    // Never over another file.
    let message = bench.mistake(&["new-policy", "least-deep"]);
    assert!(message.contains("least_deep.rs: it is there already"), "{message}");
    assert_eq!(bench.read("crates/policies/src/eviction/least_deep.rs"), text);
}

#[test]
fn a_new_policy_of_another_crate() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("src")).unwrap();
    insta::assert_snapshot!(bench.stdout(&["new-policy", "short-stay", "--lease", "--out", "src"]));
    assert!(bench.read("src/short_stay.rs").contains("pub const SPEC"));
}

#[test]
fn names_that_no_policy_can_have() {
    let bench = Bench::new();
    let names = ["Deep", "two words", "2deep", "a--b", "-a", "lru", "match", "", "../up", "template"];
    let messages = names.map(|name| {
        let message = bench.mistake(&["new-policy", "--out", ".", "--", name]);
        message.lines().next().expect("a message").to_owned()
    });
    insta::assert_snapshot!(messages.join("\n"));
    // In a folder that is not Kareto's, the place must be named.
    let message = bench.mistake(&["new-policy", "least-deep"]);
    assert!(message.contains("crates/policies/src/eviction: "), "{message}");
}

/// A disk so slow that a prefetch lasts longer than its request would wait, and DRAM that holds a few prompts.
const PREFETCH: &str = r#"
[trace]
file = "trace.jsonl"

[system]
model = "qwen3-32b"
gpu = "h100-sxm"
tensor_parallel = 4
prices = "alibaba-cny"
hbm_utilisation = 0.25

[[system.tier]]
name = "dram"
medium = "dram"
size = "8 GiB"

[[system.tier]]
name = "disk"
medium = "essd-pl1"
size = "512 GiB"
write_backlog = "unlimited"
prefetch = { timeout_base = "1 s", timeout_per_token = "100 us" }

[axes]
disk_prefetch = ["best-effort", "wait-complete", "timeout"]
disk_write = ["through", "selective", "back"]
disk_eviction = ["lru", "fifo"]

[baseline]
disk_prefetch = "best-effort"
disk_write = "through"
disk_eviction = "lru"
"#;

#[test]
fn how_a_prefetch_ends_is_an_axis() {
    let bench = Bench::new();
    bench.write("experiment.toml", PREFETCH);
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    let archive = bench.read("out/experiment/archive.jsonl");
    assert_eq!(archive.lines().count(), 1 + 3 * 3 * 2, "a header and every combination");
    let ttft = |name: &str| {
        number(&simulated(&bench, &[&format!("disk_prefetch={name}")])["ttft_s"]["mean"]).to_bits()
    };
    let ttfts = ["best-effort", "wait-complete", "timeout"].map(ttft);
    assert!(ttfts[0] != ttfts[1] && ttfts[1] != ttfts[2] && ttfts[0] != ttfts[2], "{ttfts:?}");
}

#[test]
fn a_timeout_says_how_long() {
    let bench = Bench::new();
    let simulate = |setting| bench.mistake(&["simulate", "experiment.toml", "--set", setting]);
    insta::assert_snapshot!(simulate("disk_prefetch=timeout"));
    insta::assert_snapshot!(simulate("disk_prefetch=eager"));
}
