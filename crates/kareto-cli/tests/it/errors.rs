//! Mistakes of the user: exit code 2, one message with file, line or key, value and what is allowed, nothing left behind.

use std::io::Write as _;

use crate::program::{Bench, trace};

const RUN: [&str; 4] = ["run", "experiment.toml", "-o", "out"];

#[test]
fn missing_file() {
    let bench = Bench::new();
    insta::assert_snapshot!(bench.mistake(&["run", "absent.toml", "-o", "out"]));
    insta::assert_snapshot!(bench.mistake(&["simulate", "experiment.toml", "--trace", "absent.jsonl"]));
}

#[test]
fn truncated_gzip() {
    let bench = Bench::new();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(trace(600).as_bytes()).unwrap();
    let whole = encoder.finish().unwrap();
    bench.write("cut.jsonl.gz", &whole[..whole.len() / 2]);
    let message = bench.mistake(&["run", "experiment.toml", "--trace", "cut.jsonl.gz", "-o", "out"]);
    insta::assert_snapshot!(message);
}

#[test]
fn a_line_that_is_not_json() {
    let bench = Bench::new();
    bench.write("trace.jsonl", trace(3) + "{\"timestamp\": 5, \n");
    insta::assert_snapshot!(bench.mistake(&RUN));
}

#[test]
fn a_negative_length() {
    let bench = Bench::new();
    bench.write("trace.jsonl", trace(3).replacen("\"output_length\": 100", "\"output_length\": -100", 1));
    insta::assert_snapshot!(bench.mistake(&RUN));
}

#[test]
fn too_few_hash_ids() {
    let bench = Bench::new();
    bench.write("trace.jsonl", trace(3).replacen("[1000, 1001, 1002, 1003]", "[1000, 1001]", 1));
    insta::assert_snapshot!(bench.mistake(&RUN));
}

#[test]
fn an_unknown_key() {
    let bench = Bench::new();
    bench.change("tensor_parallel", "tensor_paralel");
    insta::assert_snapshot!(bench.mistake(&RUN));
}

#[test]
fn an_unknown_unit() {
    let bench = Bench::new();
    bench.change("medium = \"dram\"", "medium = \"dram\"\nsize = \"512 gigs\"");
    insta::assert_snapshot!(bench.mistake(&RUN));
}

#[test]
fn a_rate_at_which_nothing_arrives() {
    let bench = Bench::new();
    bench.change("file = \"trace.jsonl\"", "file = \"trace.jsonl\"\nrate = 0.0");
    let said = bench.mistake(&RUN);
    assert!(said.starts_with("experiment.toml:7: `rate` is 0; allowed: 0.001 to 1000"), "{said}");
}

#[test]
fn a_dram_size_that_does_not_parse() {
    let bench = Bench::new();
    insta::assert_snapshot!(bench.mistake(&["simulate", "experiment.toml", "--set", "dram_gib=1TB"]));
    bench.change("dram_gib = [0, 1024]", "dram_gib = [-1, 1024]");
    insta::assert_snapshot!(bench.mistake(&RUN));
}

#[test]
fn an_unknown_policy_or_parameter() {
    let bench = Bench::new();
    bench.change("medium = \"dram\"", "medium = \"dram\"\nlease = { policy = \"fixed\", ttl_ms = 5 }");
    insta::assert_snapshot!(bench.mistake(&RUN));
    let message = bench.mistake(&["policies", "least-recently-used"]);
    assert!(message.contains("there is no policy `least-recently-used`; allowed: lru,"), "{message}");
    bench.change("medium = \"dram\"", "medium = \"dram\"\neviction = \"lru2\"");
    let message = bench.mistake(&RUN);
    assert!(
        message.contains("experiment.toml:17: there is no eviction policy `lru2`; allowed: lru,"),
        "{message}"
    );
}

/// Search, key, value, range and line; a parameter of one search is an unknown key of another.
#[test]
fn a_wrong_key_of_a_search() {
    let bench = Bench::new();
    let original = bench.read("experiment.toml");
    let searches = [
        "name = \"annealing\"",
        "name = \"random\"\ntau_e = 0.1",
        "name = \"kareto\"\ntau_e = -1",
        "name = \"kareto\"\ntau_e = \"small\"",
        "name = \"kareto\"\nobjectives = [\"cost\"]",
        "name = \"kareto\"\nobjectives = [\"cost\", \"speed\"]",
    ];
    let messages = searches.map(|search| {
        bench.write(
            "experiment.toml",
            original.replacen("[axes]", &format!("[search]\n{search}\n\n[axes]"), 1),
        );
        let message = bench.mistake(&RUN);
        message.lines().next().expect("a message").to_owned()
    });
    insta::assert_snapshot!(messages.join("\n"));
}

/// Policy, key, value, range and line, wherever the parameter stands.
#[test]
fn a_wrong_policy_parameter() {
    let bench = Bench::new();
    let leases = [
        "lease = { policy = \"fixed\", ttl_s = -5 }",
        "[system.tier.lease]\npolicy = \"hybrid-histogram\"\nbin_s = 60\ntail_ratio = 99.0\n",
        "lease = { policy = \"fixed\", ttl_s = \"600 s\" }",
        "lease = \"fixed\"",
    ];
    let messages = leases.map(|lease| {
        bench.change("medium = \"dram\"", &format!("medium = \"dram\"\n{lease}"));
        bench.mistake(&RUN)
    });
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn an_unknown_data_file_axis_setting_or_figure() {
    let bench = Bench::new();
    let changes = [
        ("gpu = \"h100-sxm\"", "gpu = \"h101\""),
        ("dram_gib = [0, 1024]\n", "dram_gb = [0, 1024]\n"),
        ("dram_gib = 1024", "dram_gib = 512"),
        ("best-improvement = \"ttft_s_mean\"", "best-improvement = \"ttft\""),
    ];
    let messages = changes.map(|(from, to)| {
        bench.change(from, to);
        let message = bench.mistake(&RUN);
        message.lines().next().expect("a message").to_owned()
    });
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn a_tier_without_bounds() {
    let bench = Bench::new();
    bench.change("dram_gib = [0, 1024]\n", "instances = [1, 2]\n");
    let text = bench.read("experiment.toml").replacen("dram_gib = 1024", "instances = 1", 1);
    bench.write("experiment.toml", text);
    insta::assert_snapshot!(bench.mistake(&RUN));
}

#[test]
fn a_request_that_no_instance_can_hold() {
    let bench = Bench::new();
    let ids: Vec<u32> = (0..4000).collect();
    let line =
        format!(r#"{{"timestamp": 0, "input_length": 2048000, "output_length": 1, "hash_ids": {ids:?}}}"#);
    bench.write("trace.jsonl", line);
    insta::assert_snapshot!(bench.mistake(&RUN));
}
