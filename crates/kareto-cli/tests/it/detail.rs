//! What `simulate` writes besides its figures: trace events.

use std::collections::BTreeMap;
use std::io::Read as _;

use serde_json::Value;

use crate::program::Bench;

/// HBM holds four blocks: the second prompt drives the first one's out, and the third loads them from DRAM.
const TINY: &str = r#"
[trace]
file = "tiny.jsonl"

[system]
model = "qwen3-32b"
gpu = "h100-sxm"
tensor_parallel = 4
prices = "alibaba-cny"
hbm_utilisation = 0.2185

[[system.tier]]
name = "dram"
medium = "dram"
size = "4 GiB"
"#;

const TINY_TRACE: &str = r#"{"timestamp": 0, "input_length": 1024, "output_length": 3, "hash_ids": [1, 2]}
{"timestamp": 1000, "input_length": 2048, "output_length": 1, "hash_ids": [5, 6, 7, 8]}
{"timestamp": 2000, "input_length": 1536, "output_length": 2, "hash_ids": [1, 2, 3]}
"#;

fn tiny() -> Bench {
    let bench = Bench::new();
    bench.write("tiny.toml", TINY);
    bench.write("tiny.jsonl", TINY_TRACE);
    bench
}

#[test]
fn three_requests_as_trace_events() {
    let bench = tiny();
    bench.stdout(&["simulate", "tiny.toml", "--trace-events", "events.json"]);
    insta::assert_snapshot!(bench.read("events.json"));
}

#[test]
fn events_begin_and_end_and_move_the_bytes_of_the_links() {
    let bench = Bench::new();
    let set = ["--set", "dram_gib=1024", "--set", "disk_lease_s=30", "--set", "instances=2"];
    let run = |more: &[&str]| bench.stdout(&[&["simulate", "experiment.toml"], &set[..], more].concat());
    let text = run(&["--trace-events", "events.json"]);
    assert_eq!(text, run(&[]), "events change no figure");
    let figures: Value = serde_json::from_str(&run(&["--json"])).expect("one JSON object");
    let log: Value = serde_json::from_str(&bench.read("events.json")).expect("one JSON object");
    let events = log["traceEvents"].as_array().expect("a list");

    let mut open: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut threads: BTreeMap<(String, String), &str> = BTreeMap::new();
    let mut bytes: BTreeMap<&str, u64> = BTreeMap::new();
    for event in events {
        let place = (event["pid"].to_string(), event["tid"].to_string());
        let name = event["name"].as_str().expect("a name");
        match event["ph"].as_str().expect("a phase") {
            "b" => open.entry(event["id"].to_string()).or_default().push(name),
            "e" => assert_eq!(open.get_mut(&event["id"].to_string()).and_then(Vec::pop), Some(name)),
            "M" if name == "thread_name" => {
                threads.insert(place, event["args"]["name"].as_str().expect("a name"));
            }
            "X" if event["cat"] == "transfer" => {
                *bytes.entry(threads[&place]).or_default() += event["args"]["bytes"].as_u64().expect("bytes");
            }
            _ => {}
        }
    }
    assert!(open.len() == 60 && open.values().all(Vec::is_empty), "each of 60 requests begins and ends");
    for link in figures["links"].as_array().expect("a list") {
        let name = link["name"].as_str().expect("a name");
        assert_eq!(bytes.get(name).copied().unwrap_or(0), link["bytes"].as_u64().expect("bytes"), "{name}");
    }
}

#[test]
fn events_are_packed_as_their_name_says() {
    let bench = tiny();
    for name in ["events.json", "events.json.gz", "events.json.zst"] {
        bench.stdout(&["simulate", "tiny.toml", "--trace-events", name]);
    }
    let read = |name: &str| std::fs::read(bench.path(name)).expect("it was written");
    let mut gunzipped = String::new();
    flate2::read::GzDecoder::new(&read("events.json.gz")[..]).read_to_string(&mut gunzipped).expect("gzip");
    assert_eq!(gunzipped, bench.read("events.json"));
    assert_eq!(zstd::decode_all(&read("events.json.zst")[..]).expect("zstd"), read("events.json"));
}
