//! `kareto trace`: what each subcommand prints and writes, and what it says of mistakes.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::program::Bench;

/// Four requests in blocks of 4 tokens; two begin with block 7, two come at 2 s.
const SMALL: &str = r#"{"block_tokens": 4}
{"timestamp": 0, "input_length": 9, "output_length": 3, "hash_ids": [7, 8, 9]}
{"timestamp": 500.25, "input_length": 4, "output_length": 1, "hash_ids": [5]}
{"timestamp": 2000, "input_length": 12, "output_length": 8, "hash_ids": [7, 8, 10]}
{"timestamp": 2000, "input_length": 4, "output_length": 1, "hash_ids": [5]}
"#;

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("small.jsonl", SMALL);
    bench
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn a_description_is_a_table_json_or_a_page() {
    let bench = bench();
    insta::assert_snapshot!(bench.stdout(&["trace", "describe", "small.jsonl"]));
    let described = json(&bench.stdout(&["trace", "describe", "small.jsonl", "--json"]));
    // 8 references to 5 blocks; 7, 8 and 5 come again.
    assert_eq!((&described["block_refs"], &described["ideal_hit_blocks"]), (&8.into(), &3.into()));
    assert_eq!(described["working_set"]["windows"].as_array().map(Vec::len), Some(3));
    assert_eq!(bench.stdout(&["trace", "describe", "small.jsonl", "--html", "-o", "page.html"]), "");
    let page = bench.read("page.html");
    assert_eq!(page.matches("<svg").count(), 5, "arrivals, lengths, reuse, hits, working set");
    assert!(page.contains("The trace small.jsonl") && !page.contains("<script src"));
    let message = bench.mistake(&["trace", "describe", "small.jsonl", "--html", "--json"]);
    assert!(message.contains("'--html' cannot be used with '--json'"), "{message}");
}

#[test]
fn a_curve_has_a_row_for_each_policy_and_capacity() {
    let bench = bench();
    insta::assert_snapshot!(bench.stdout(&["trace", "curve", "small.jsonl", "--capacity-blocks", "2,4"]));
    let rows = json(&bench.stdout(&["trace", "curve", "small.jsonl", "--policy", "lru", "--json"]));
    let capacities: Vec<u64> =
        rows.as_array().unwrap().iter().map(|row| row["capacity_blocks"].as_u64().unwrap()).collect();
    assert_eq!(capacities, [0, 1, 1, 2, 2, 3, 3, 4, 4, 5], "tenths of 5 blocks, rounded down");
}

#[test]
fn transformations_write_what_other_tools_read() {
    let bench = bench();
    let steps: [&[&str]; 6] = [
        &["convert", "small.jsonl"],
        &["convert", "small.jsonl", "--published-fields"],
        &["window", "small.jsonl", "--from-s", "0.5", "--to-s", "2.5"],
        &["scale", "small.jsonl", "--time", "0.5"],
        &["spread-ties", "small.jsonl"],
        &["merge", "small.jsonl", "small.jsonl"],
    ];
    let mut text = String::new();
    for step in steps {
        let arguments = [&["trace"][..], step, &["-o", "out.jsonl"]].concat();
        assert_eq!(bench.stdout(&arguments), "");
        text += &format!("{}\n{}", step.join(" "), bench.read("out.jsonl"));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn samples_state_the_error_of_their_hit_curve() {
    let bench = bench();
    let sample = |by: &str| {
        let share = ["--share", "0.5", "--by", by, "-o", "part.jsonl"];
        bench.stdout(&[&["trace", "sample", "trace.jsonl"][..], &share].concat())
    };
    insta::assert_snapshot!(format!("{}{}", sample("session"), sample("block")));
}

#[test]
fn any_format_is_read_packed_or_not_from_a_file_or_a_pipe() {
    let bench = bench();
    let qwen = |chat: u32, parent: i32, ids: &str| {
        format!(
            "{{\"chat_id\": {chat}, \"parent_chat_id\": {parent}, \"timestamp\": {chat}.5, \"input_length\": 32, \
             \"output_length\": 3, \"type\": \"text\", \"turn\": 1, \"hash_ids\": {ids}}}\n"
        )
    };
    let lines = qwen(1, -1, "[7, 5]") + &qwen(2, 1, "[7, 5]") + &qwen(3, -1, "[5, 7]");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(lines.as_bytes()).unwrap();
    let mut child = bench
        .program()
        .args(["trace", "convert", "-", "-o", "qwen.jsonl.zst"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("it starts");
    child.stdin.take().unwrap().write_all(&packed.finish().unwrap()).unwrap();
    assert!(child.wait().unwrap().success());
    let file = std::fs::File::open(bench.path("qwen.jsonl.zst")).unwrap();
    insta::assert_snapshot!(String::from_utf8(zstd::decode_all(file).unwrap()).unwrap());
    bench.write("azure.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.5,1300,44\n");
    let described = json(&bench.stdout(&[
        "trace",
        "describe",
        "azure.csv",
        "--format",
        "azure",
        "--prefixes",
        "api",
        "--json",
    ]));
    assert_eq!((&described["block_refs"], &described["requests"]), (&3.into(), &1.into()));
}

#[test]
fn a_recipe_gives_the_same_bytes_for_the_same_seed() {
    let bench = bench();
    let synth = |seed: &str, file: &str| {
        let options = ["--seed", seed, "--duration-s", "20", "-o", file];
        assert_eq!(bench.stdout(&[&["trace", "synth", "api"][..], &options].concat()), "");
        bench.read(file)
    };
    let (one, again, other) = (synth("1", "a.jsonl"), synth("1", "b.jsonl"), synth("2", "c.jsonl"));
    assert!(one == again && one != other);
    insta::assert_snapshot!(one.lines().next().unwrap());
}

#[test]
fn a_fit_is_a_recipe_and_says_how_near_its_twin_comes() {
    let bench = bench();
    insta::assert_snapshot!(bench.stdout(&["trace", "fit", "trace.jsonl", "-o", "twin.toml"]));
    assert_eq!(bench.stdout(&["trace", "synth", "twin.toml", "-o", "twin.jsonl"]), "");
    let described = json(&bench.stdout(&["trace", "describe", "twin.jsonl", "--json"]));
    assert_eq!(described["block_tokens"], 512);
}

#[test]
fn calibration_sets_target_and_ours_side_by_side() {
    let text = bench().stdout(&["trace", "calibration", "toolagent"]);
    let first: Vec<&str> = text.lines().take(2).collect();
    insta::assert_snapshot!(first.join("\n"));
    assert!(!text.contains("missed"), "{text}");
}

/// Runs that must end with exit code 2 and leave no file; their messages.
fn mistakes(bench: &Bench, cases: &[&[&str]]) -> String {
    let message = |case: &&[&str]| bench.mistake(&[&["trace"][..], case].concat());
    cases.iter().map(message).collect()
}

#[test]
fn a_malformed_line_is_named_with_field_value_and_expectation() {
    let bench = bench();
    let files = [
        ("mooncake.jsonl", SMALL.replacen("\"input_length\": 4", "\"input_length\": -4", 1)),
        ("prefix.jsonl", SMALL.replacen("[7, 8, 10]", "[5, 8, 10]", 1)),
        ("qwen.jsonl", r#"{"chat_id": 1, "parent_chat_id": "x", "timestamp": 0, "input_length": 16, "output_length": 3, "hash_ids": [7]}"#.to_owned()),
        ("azure.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\nyesterday,1300,44\n".to_owned()),
        ("burst.csv", "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,m,many,18,490,log\n".to_owned()),
        ("events.jsonl", r#"{"timestamp": 0, "type": "BlockStored", "block_hashes": [1, 2], "num_tokens": 33}"#.to_owned()),
        ("empty.jsonl", "\n".to_owned()),
        ("words.txt", "once upon a time\n".to_owned()),
    ];
    let mut text = String::new();
    for (name, lines) in files {
        bench.write(name, lines);
        text += &mistakes(&bench, &[&["convert", name, "-o", "out.jsonl"]]);
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_mistaken_option_is_told_what_is_allowed() {
    let bench = bench();
    let other =
        r#"{"timestamp": 0, "input_length": 8, "output_length": 1, "hash_ids": [1], "block_tokens": 8}"#;
    bench.write("other.jsonl", other);
    let cases: [&[&str]; 12] = [
        &["describe", "absent.jsonl"],
        &["describe", "small.jsonl", "--format", "csv"],
        &["describe", "small.jsonl", "--block-tokens", "16"],
        &["curve", "small.jsonl", "--policy", "lru,mru"],
        &["window", "small.jsonl", "--from-s", "5", "--to-s", "9", "-o", "out.jsonl"],
        &["window", "small.jsonl", "--from-s", "1e10", "--to-s", "9", "-o", "out.jsonl"],
        &["scale", "small.jsonl", "--time", "0", "-o", "out.jsonl"],
        &["sample", "small.jsonl", "--share", "1.5", "-o", "out.jsonl"],
        &["merge", "small.jsonl", "other.jsonl", "-o", "out.jsonl"],
        &["synth", "chats", "-o", "out.jsonl"],
        &["synth", "chat", "--duration-s", "0", "-o", "out.jsonl"],
        &["calibration", "chats"],
    ];
    insta::assert_snapshot!(mistakes(&bench, &cases));
}

#[test]
fn a_failure_leaves_what_was_there() {
    let bench = bench();
    bench.write("out.jsonl", "mine");
    bench.write("bad.jsonl", SMALL.replacen("[7, 8, 10]", "[]", 1));
    bench.mistake(&["trace", "convert", "bad.jsonl", "-o", "out.jsonl"]);
    assert_eq!(bench.read("out.jsonl"), "mine");
    // A folder that is not there is no mistake in the trace: exit code 1.
    let output = bench.run(&["trace", "convert", "small.jsonl", "-o", "nowhere/out.jsonl"]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("nowhere/out.jsonl: No such file"), "{message}");
}

#[test]
fn an_experiment_names_the_block_size_of_its_trace() {
    let bench = bench();
    bench.change("file = \"trace.jsonl\"", "file = \"trace.jsonl\"\nblock_tokens = 64");
    let line = r#"{"timestamp": 0, "input_length": 130, "output_length": 9, "hash_ids": [1, 2, 3]}"#;
    bench.write("trace.jsonl", line);
    let run = json(&bench.stdout(&["simulate", "experiment.toml", "--json"]));
    assert_eq!(run["prompt_tokens"], 130);
    bench.change("file = \"trace.jsonl\"", "file = \"trace.jsonl\"\nblock_tokens = 16");
    let message = bench.mistake(&["simulate", "experiment.toml"]);
    assert!(message.contains("trace.jsonl:1: 3 hash_ids for a prompt of 130 tokens"), "{message}");
    bench.change("file = \"trace.jsonl\"", "recipe = \"chat\"\nblock_tokens = 0");
    let message = bench.mistake(&["simulate", "experiment.toml"]);
    assert!(
        message.contains("experiment.toml:7: `block_tokens` is 0; allowed: 1 to 65536 tokens"),
        "{message}"
    );
}
