//! What `simulate` writes besides its figures: trace events, and a table of requests.

use std::collections::BTreeMap;
use std::io::Read as _;

use report::{Column, Table};
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

fn requests(bench: &Bench, scenario: &str, set: &[&str]) -> (Table, Value) {
    let file = ["simulate", scenario, "--json", "--requests", "requests.parquet"];
    let figures = bench.stdout(&[&file, set].concat());
    let bytes = std::fs::read(bench.path("requests.parquet")).expect("it was written");
    bench.stdout(&[&file, set].concat());
    let again = std::fs::read(bench.path("requests.parquet")).expect("it was written");
    assert!(bytes == again, "the same input gives the same bytes");
    let figures = serde_json::from_str(&figures).expect("one JSON object");
    (Table::from_parquet(&bytes).expect("a table of numbers"), figures)
}

fn whole(table: &Table, name: &str) -> Vec<i64> {
    match table.column(name).expect("it is there") {
        Column::I64(values) => values.iter().map(|value| value.expect("never missing")).collect(),
        other => panic!("{name} holds {}", other.kind()),
    }
}

#[test]
fn three_requests_as_a_table() {
    let (table, _) = requests(&tiny(), "tiny.toml", &[]);
    insta::assert_snapshot!(table.to_csv());
}

#[test]
fn the_requests_add_up_to_the_figures() {
    let bench = Bench::new();
    let set = ["--set", "dram_gib=1024", "--set", "disk_lease_s=30", "--set", "instances=2"];
    let (table, figures) = requests(&bench, "experiment.toml", &set);
    let sum = |name: &str| whole(&table, name).iter().sum::<i64>();
    assert_eq!(figures["requests"], table.rows());
    assert_eq!(figures["prompt_tokens"], sum("prompt_tokens"));
    assert_eq!(figures["preemptions"], sum("preemptions"));
    for tier in ["hbm", "dram", "disk"] {
        assert_eq!(figures["hit_tokens"][tier], sum(&format!("hit_{tier}_tokens")), "{tier}");
    }
    for (figure, column) in [("ttft_s", "ttft_ns"), ("e2e_s", "e2e_ns")] {
        let mean_s = sum(column) as f64 / table.rows() as f64 / 1e9;
        let told = figures[figure]["mean"].as_f64().expect("a number");
        assert!((mean_s - told).abs() <= 1e-12 * told, "{figure}: {mean_s} is not {told}");
    }
    let [queue, load, compute, ttft] =
        ["queue_ns", "load_ns", "compute_ns", "ttft_ns"].map(|name| whole(&table, name));
    for row in 0..table.rows() {
        assert!(queue[row] >= 0 && load[row] >= 0 && compute[row] > 0);
        assert_eq!(queue[row] + load[row] + compute[row], ttft[row]);
    }
}

#[test]
fn waiting_for_a_blocking_load_is_loading() {
    let bench = tiny();
    bench.write("tiny.toml", format!("{TINY}load = \"blocking\"\n"));
    let (table, _) = requests(&bench, "tiny.toml", &[]);
    assert_eq!(whole(&table, "hit_dram_tokens"), [0, 0, 1024]);
    let load_ns = whole(&table, "load_ns");
    assert!(load_ns[..2] == [0, 0] && load_ns[2] > 1_000_000, "{load_ns:?}");
}
