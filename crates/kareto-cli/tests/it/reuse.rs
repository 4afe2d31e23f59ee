//! An experiment of reuse: what a record holds, what it is drawn as, and mistakes.

use crate::program::Bench;

const FILE: &str = r#"
question = "Which blocks give the hits?"

[reuse]
block_tokens = [512, 16, 1024]

[reuse.trace]
short = { file = "trace.jsonl" }
calls = { recipe = "api", window = { from = "0 s", length = "20 s" } }
far = { file = "none.jsonl", may_be_absent = true }

[[reuse.claim]]
id = "few"
says = "few blocks give the hits"
paper = 1.0
accept = [0.001, 100.0]
trace = "calls"
block_tokens = 16
figure = "blocks_for_90_hits_percent"

[[reuse.claim]]
id = "unknown"
says = "what a trace of 512 tokens cannot tell"
paper = 1.0
accept = [0.0, 100.0]
trace = "short"
block_tokens = 16
figure = "hit_percent"

[smoke]
block_tokens = [512]
window = { from = "0 s", length = "5 s" }
"#;

const RUN: [&str; 4] = ["run", "reuse.toml", "-o", "out"];

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("reuse.toml", FILE);
    bench
}

fn keys(table: &str) -> Vec<String> {
    table.lines().map(|line| line.split(',').take(2).collect::<Vec<_>>().join(" ")).collect()
}

/// A trace is measured at the multiples of its own block; nothing is guessed about smaller ones.
#[test]
fn every_size_that_ids_can_tell_is_a_row() {
    let bench = bench();
    let output = bench.run(&RUN);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("skipped far: its file is not there"), "{said}");
    let rows = keys(&bench.read("out/reuse/reuse.csv"));
    assert_eq!(
        rows,
        ["trace block_tokens", "short 512", "short 1024", "calls 16", "calls 512", "calls 1024"]
    );
    let claims = bench.read("out/reuse/claims.csv");
    let verdicts: Vec<&str> = claims.lines().skip(1).map(|line| line.rsplit(',').next().unwrap()).collect();
    assert_eq!(verdicts, ["reproduced", "not measured"], "{claims}");
    bench.stdout(&["report", "out"]);
    let page = bench.read("out/reuse/index.html");
    assert!(page.contains("<code>short</code> has an id for each 512 tokens"), "{page}");
    assert!(page.contains("were absent: far."), "{page}");
    for picture in ["concentration-1", "intervals-1", "blocks-by-size", "hits-by-size"] {
        assert!(bench.read(&format!("out/reuse/{picture}.svg")).starts_with("<svg"), "{picture}");
    }
    assert!(bench.read("out/index.html").contains("reuse/index.html"));
}

/// What `kareto trace describe` says of the same trace.
#[test]
fn a_row_is_what_describe_says() {
    let bench = bench();
    bench.stdout(&RUN);
    let text = bench.stdout(&["trace", "describe", "trace.jsonl", "--json"]);
    let described: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let mut table = csv::Reader::from_path(bench.path("out/reuse/reuse.csv")).unwrap();
    let header = table.headers().unwrap().clone();
    let row = table.records().map(|row| row.unwrap()).find(|row| row.iter().take(2).eq(["short", "512"]));
    let row = row.expect("a row");
    let figure = |name: &str| -> f64 {
        row[header.iter().position(|known| known == name).expect("a column")].parse().unwrap()
    };
    let hits = described["ideal_hit_blocks"].as_f64().unwrap();
    assert_eq!(figure("hits").to_bits(), hits.to_bits());
    let share = described["reuse"]["block_share_for_90pct_hits"].as_f64().unwrap();
    assert!((figure("blocks_for_90_hits_percent") - 100.0 * share).abs() < 1e-9);
}

#[test]
fn the_same_bytes_at_any_thread_count() {
    let bench = bench();
    let tables = ["reuse.csv", "concentration.csv", "intervals.csv", "claims.csv", "index.html"];
    let read = |threads: &str, out: &str| {
        for arguments in [["run", "reuse.toml", "-o", out].as_slice(), &["report", out]] {
            let output = bench.program().args(arguments).env("RAYON_NUM_THREADS", threads).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        tables.map(|table| bench.read(&format!("{out}/reuse/{table}")))
    };
    assert_eq!(read("1", "one"), read("2", "two"));
}

#[test]
fn a_trace_of_the_command_line_is_the_only_one() {
    let bench = bench();
    bench.stdout(&["run", "reuse.toml", "--trace", "trace.jsonl", "--scale", "smoke", "-o", "out"]);
    assert_eq!(keys(&bench.read("out/reuse/reuse.csv"))[1..], ["trace.jsonl 512"]);
}

#[test]
fn mistakes() {
    let bench = bench();
    let changes = [
        ("block_tokens = [512, 16, 1024]", "block_tokens = []"),
        ("block_tokens = [512, 16, 1024]", "block_tokens = [16, 16]"),
        ("block_tokens = [512, 16, 1024]", "block_tokens = [0]"),
        ("trace = \"calls\"", "trace = \"call\""),
        ("block_tokens = 16\nfigure", "block_tokens = 8\nfigure"),
        ("figure = \"hit_percent\"", "figure = \"hits\""),
        ("accept = [0.001, 100.0]", "accept = [3.0, 2.0]"),
        ("file = \"trace.jsonl\"", "file = \"lengths.csv\""),
        ("[reuse.trace]", "[reuse.traces]"),
    ];
    bench.write(
        "lengths.csv",
        "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,4808,10\n",
    );
    let first = |message: String| message.lines().next().expect("a message").to_owned();
    let mut messages = changes
        .map(|(from, to)| {
            assert!(FILE.contains(from), "{from}");
            bench.write("reuse.toml", FILE.replacen(from, to, 1));
            first(bench.mistake(&RUN))
        })
        .to_vec();
    let absent = "[reuse]\nblock_tokens = [16]\n[reuse.trace]\nfar = { file = \"none.jsonl\", may_be_absent = true }\n";
    bench.write("reuse.toml", absent);
    messages.push(first(bench.mistake(&RUN)));
    bench.write("reuse.toml", FILE);
    messages.push(first(bench.mistake(&["optimize", "reuse.toml", "-o", "out"])));
    messages.push(first(bench.mistake(&["simulate", "reuse.toml"])));
    insta::assert_snapshot!(messages.join("\n"));
    assert!(!bench.path("out").exists(), "nothing is left of a mistake");
}
