//! Traces whose clock, lengths or format are not what they look like: the same answer as for the plain one, or one line on
//! standard error that says what was assumed.

use std::fmt::Write as _;
use std::io::Read as _;

use serde_json::Value;

use crate::program::Bench;

/// Lines of Mooncake's, with their times moved by so many ms; `rows` are (ms, prompt, output, ids).
fn lines(rows: &[(u64, u64, u64, Vec<u64>)], start_ms: u64) -> String {
    rows.iter().fold(String::new(), |mut text, (at_ms, input, output, ids)| {
        let _ = writeln!(
            text,
            "{{\"timestamp\": {}, \"input_length\": {input}, \"output_length\": {output}, \"hash_ids\": {ids:?}}}",
            at_ms + start_ms
        );
        text
    })
}

/// Twelve requests over 24 s that share their first two blocks.
fn rows() -> Vec<(u64, u64, u64, Vec<u64>)> {
    (0..12).map(|n| (n * 2_000 + 40, 1_500, 20, vec![1, 2, n + 3])).collect()
}

fn stderr(bench: &Bench, arguments: &[&str]) -> String {
    let output = bench.run(arguments);
    let text = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{arguments:?}: {text}");
    text
}

/// What a refused command says, on one line.
fn mistake(bench: &Bench, arguments: &[&str]) -> String {
    let text = bench.mistake(arguments);
    text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

/// What every command says that replays, with the same seed and settings.
fn answers(bench: &Bench, trace: &str, more: &[&str]) -> Vec<String> {
    let run = |arguments: &[&str]| bench.stdout(&[arguments, more].concat());
    let out = format!("out-{}", trace.replace('.', "-"));
    let mut answers = vec![
        run(&["simulate", "experiment.toml", "--trace", trace, "--json"]),
        run(&["optimize", "experiment.toml", "--trace", trace, "-o", &out]),
        run(&[
            "optimize",
            "experiment.toml",
            "--trace",
            trace,
            "-o",
            &format!("{out}-s"),
            "--scale",
            "smoke",
        ]),
    ];
    bench.stdout(&["trace", "window", trace, "--from-s", "3", "--to-s", "9", "-o", "window.jsonl"]);
    bench.stdout(&["trace", "scale", trace, "--time", "0.5", "-o", "scaled.jsonl"]);
    bench.stdout(&["trace", "merge", trace, "plain.jsonl", "-o", "merged.jsonl"]);
    answers.extend(["window.jsonl", "scaled.jsonl", "merged.jsonl"].map(|file| bench.read(file)));
    answers
}

#[test]
fn stamps_since_1970_give_what_stamps_from_0_give() {
    let bench = Bench::new();
    let smoke = "\n[smoke]\nwindow = { from = \"2 s\", length = \"15 s\" }\n";
    let rate =
        crate::program::EXPERIMENT.replace("file = \"trace.jsonl\"", "file = \"trace.jsonl\"\nrate = 2.0");
    bench.write("experiment.toml", rate + smoke);
    let first = rows()[0].0;
    let zero: Vec<_> =
        rows().into_iter().map(|(at, input, output, ids)| (at - first, input, output, ids)).collect();
    bench.write("plain.jsonl", lines(&zero, 0));
    bench.write("epoch.jsonl", lines(&rows(), 1_780_722_000_000));
    let plain = answers(&bench, "plain.jsonl", &[]);
    assert_eq!(answers(&bench, "epoch.jsonl", &[]), plain);
    let makespan_s = serde_json::from_str::<Value>(&plain[0]).unwrap()["makespan_s"].as_f64().unwrap();
    assert!((11.0..13.0).contains(&makespan_s), "{makespan_s}");
}

#[test]
fn the_end_of_a_public_trace_gives_what_it_gives_from_0() {
    let Some(path) = test_data::shared("mooncake/conversation_trace.jsonl.gz") else { return };
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let whole: Vec<&str> = text.lines().collect();
    let tail = &whole[whole.len() - 1_500..];
    let bench = Bench::new();
    bench.write("tail.jsonl", tail.join("\n"));
    let first = serde_json::from_str::<Value>(tail[0]).unwrap()["timestamp"].as_u64().unwrap();
    let rebased = tail.iter().map(|line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        line["timestamp"] = (line["timestamp"].as_u64().unwrap() - first).into();
        line.to_string()
    });
    bench.write("zero.jsonl", rebased.collect::<Vec<_>>().join("\n"));
    let [tail, zero] = ["tail.jsonl", "zero.jsonl"].map(|trace| {
        let simulated = bench.stdout(&["simulate", "experiment.toml", "--trace", trace, "--json"]);
        (
            simulated,
            bench.stdout(&["optimize", "experiment.toml", "--trace", trace, "-o", &format!("out-{trace}")]),
        )
    });
    assert_eq!(tail, zero);
}

#[test]
fn the_unit_of_times_is_remarked_on_and_can_be_named() {
    let bench = Bench::new();
    let seconds = lines(&rows(), 0).replace("040,", ".04,");
    bench.write("seconds.jsonl", seconds.replace("\"timestamp\": 40,", "\"timestamp\": 0.04,"));
    bench.write("plain.jsonl", lines(&rows(), 0));
    let said = stderr(&bench, &["trace", "describe", "seconds.jsonl"]);
    assert!(said.contains("times are taken as milliseconds") && said.contains("--time-unit s"), "{said}");
    for command in ["simulate", "optimize"] {
        let said = stderr(&bench, &[command, "experiment.toml", "--trace", "seconds.jsonl"]);
        assert!(said.contains("--time-unit s (in [trace]: time_unit = \"s\")"), "{command}: {said}");
    }
    let told = ["simulate", "experiment.toml", "--trace", "seconds.jsonl", "--time-unit", "s", "--json"];
    assert_eq!(stderr(&bench, &told), "");
    let plain = bench.stdout(&["simulate", "experiment.toml", "--trace", "plain.jsonl", "--json"]);
    assert_eq!(bench.stdout(&told), plain);
    bench.change(
        "file = \"trace.jsonl\"",
        "file = \"seconds.jsonl\"\ntime_unit = \"s\"\nformat = \"mooncake\"\nids = \"prefix\"",
    );
    assert_eq!(bench.stdout(&["simulate", "experiment.toml", "--json"]), plain);
    bench.change("file = \"trace.jsonl\"", "file = \"seconds.jsonl\"\ntime_unit = \"minutes\"");
    assert!(
        mistake(&bench, &["simulate", "experiment.toml"])
            .contains("`time_unit` is `minutes`; allowed: s, ms, us, ns")
    );
    bench.change("file = \"trace.jsonl\"", "recipe = \"chat\"\nformat = \"mooncake\"");
    assert!(mistake(&bench, &["simulate", "experiment.toml"]).contains("`format` goes with a `file`"));
    let message = mistake(&bench, &["trace", "describe", "plain.jsonl", "--time-unit", "h"]);
    assert!(message.contains("--time-unit is \"h\"; expected one of s, ms, us, ns"), "{message}");
    let message = mistake(&bench, &["simulate", "experiment.toml", "--format", "azure"]);
    assert!(message.contains("there is no --trace"), "{message}");
}

#[test]
fn lengths_alone_say_nothing_of_storage() {
    let bench = Bench::new();
    bench.write("lengths.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.5,1300,44\n2023-11-16 18:15:49,600,44\n");
    let table = bench.stdout(&["trace", "describe", "lengths.csv"]);
    for figure in ["unique_blocks", "ideal_hit_blocks", "ideal_hit_ratio", "reuse", "working_set", "sessions"]
    {
        let row = table.lines().find(|line| line.split_whitespace().next() == Some(figure));
        assert!(row.is_some_and(|row| row.trim_end().ends_with(" -")), "{figure}: {table}");
    }
    let described: Value =
        serde_json::from_str(&bench.stdout(&["trace", "describe", "lengths.csv", "--json"])).unwrap();
    assert!(described["ideal_hit_ratio"].is_null() && described["reuse"].is_null());
    bench.stdout(&["trace", "describe", "lengths.csv", "--html", "-o", "page.html"]);
    assert!(bench.read("page.html").contains("lengths only"));
    let said = stderr(&bench, &["simulate", "experiment.toml", "--trace", "lengths.csv"]);
    assert!(said.contains("what prompts share is unknown: nothing about hits or storage follows"), "{said}");
    let text = bench.stdout(&["simulate", "experiment.toml", "--trace", "lengths.csv"]);
    let ratio = text.lines().find(|line| line.starts_with("hit ratio [%]"));
    assert!(ratio.is_some_and(|row| row.trim_end().ends_with(" -")), "{text}");
    let text = bench.stdout(&["simulate", "experiment.toml", "--trace", "lengths.csv", "--json"]);
    let run: Value = serde_json::from_str(&text).unwrap();
    let tier = &run["tiers"][0]["hit_tokens"];
    assert!(run["hit_ratio"].is_null() && run["hit_tokens"]["hbm"].is_null() && tier.is_null(), "{text}");
    bench.stdout(&["run", "experiment.toml", "--trace", "lengths.csv", "-o", "out"]);
    bench.stdout(&["report", "out"]);
    let page = bench.read("out/experiment/index.html");
    assert!(page.contains("Nothing about storage follows") && page.contains("lengths only"), "{page}");
    let advice = bench.stdout(&["optimize", "experiment.toml", "--trace", "lengths.csv"]);
    assert!(
        advice.starts_with("Nothing about storage follows") && advice.contains("--kv-events-config"),
        "{advice}"
    );
    // Written again it is still unknown.
    bench.stdout(&["trace", "convert", "lengths.csv", "-o", "lengths.jsonl"]);
    assert!(bench.stdout(&["trace", "describe", "lengths.jsonl", "--json"]).contains("\"reuse\": null"));
    for command in [&["trace", "curve", "lengths.csv"][..], &["trace", "fit", "lengths.csv", "-o", "r.toml"]]
    {
        assert!(mistake(&bench, command).contains("lengths only; expected a trace with block ids"));
    }
}

#[test]
fn requests_are_filtered_by_length() {
    let bench = Bench::new();
    let mut all = rows();
    all.push((30_000, 900_000, 1, (100..1_858).collect()));
    bench.write("mixed.jsonl", lines(&all, 0));
    bench.write("plain.jsonl", lines(&rows(), 0));
    let said = bench.stdout(&[
        "trace",
        "filter",
        "mixed.jsonl",
        "--max-prompt-tokens",
        "131072",
        "-o",
        "short.jsonl",
    ]);
    assert_eq!(
        said,
        "12 of 13 requests kept, 1 dropped; the longest was 900001 tokens, prompt and output together\n"
    );
    bench.stdout(&["trace", "convert", "plain.jsonl", "-o", "again.jsonl"]);
    assert_eq!(bench.read("short.jsonl"), bench.read("again.jsonl"));
    let long = ["trace", "filter", "mixed.jsonl", "--min-total-tokens", "1521", "-o", "long.jsonl"];
    assert!(bench.stdout(&long).starts_with("1 of 13 requests kept, 12 dropped"));
    let filter = |more: &[&str]| {
        mistake(&bench, &[&["trace", "filter", "mixed.jsonl", "-o", "x.jsonl"][..], more].concat())
    };
    assert!(filter(&[]).contains("nothing to filter by"));
    assert!(filter(&["--min-output-tokens", "50"]).contains("none of 13 has lengths within the limits"));
    assert!(
        filter(&["--min-prompt-tokens", "9", "--max-prompt-tokens", "8"])
            .contains("expected the first at most the second")
    );
}

#[test]
fn prompts_become_a_trace() {
    let bench = Bench::new();
    let prompt = |at: u32, text: &str| {
        format!("{{\"timestamp\": {at}, \"text_input\": \"{text}\", \"output_length\": 20}}\n")
    };
    let shared = "x".repeat(128);
    bench.write("prompts.jsonl", prompt(5_000, &shared) + &prompt(6_000, &(shared.clone() + "and more")));
    let message = mistake(&bench, &["trace", "describe", "prompts.jsonl"]);
    assert!(
        message.contains("`text_input` and no `hash_ids`") && message.contains("from-prompts"),
        "{message}"
    );
    let said = stderr(&bench, &["trace", "from-prompts", "prompts.jsonl", "-o", "made.jsonl"]);
    assert!(said.contains("prompts that are texts: 2; a token is taken as 4 bytes"), "{said}");
    assert_eq!(
        bench.read("made.jsonl"),
        "{\"timestamp\": 0, \"input_length\": 32, \"output_length\": 20, \"hash_ids\": [0, 1], \"block_tokens\": 16}\n\
         {\"timestamp\": 1000, \"input_length\": 34, \"output_length\": 20, \"hash_ids\": [0, 1, 2], \"block_tokens\": 16}\n"
    );
}

#[test]
fn the_latest_times_are_replayed_or_refused() {
    let bench = Bench::new();
    bench
        .write("latest.jsonl", lines(&[(0, 600, 2, vec![1, 2]), (4_611_686_018_427, 600, 2, vec![1, 2])], 0));
    let stats: Value = serde_json::from_str(&bench.stdout(&[
        "simulate",
        "experiment.toml",
        "--trace",
        "latest.jsonl",
        "--json",
    ]))
    .unwrap();
    assert!(stats["makespan_s"].as_f64().unwrap() > 4.6e9);
    for command in [&["describe", "latest.jsonl"][..], &["spread-ties", "latest.jsonl", "-o", "x.jsonl"]] {
        bench.stdout(&[&["trace"], command].concat());
    }
    let message = mistake(&bench, &["trace", "scale", "latest.jsonl", "--time", "2", "-o", "x.jsonl"]);
    assert!(message.contains("an arrival is at most 2^62 ns, which is 4611686018 s"), "{message}");
    bench.change("file = \"trace.jsonl\"", "file = \"latest.jsonl\"\nrate = 0.001");
    assert!(mistake(&bench, &["simulate", "experiment.toml"]).contains("an arrival is at most 2^62 ns"));
    bench.write("later.jsonl", lines(&[(18_446_744_073_709, 600, 2, vec![1, 2])], 0));
    let message = mistake(&bench, &["simulate", "experiment.toml", "--trace", "later.jsonl"]);
    assert!(message.contains("a number from 0 to 4611686018427 (2^62 ns)"), "{message}");
}

#[test]
fn traces_that_are_merged_each_start_at_0() {
    let bench = Bench::new();
    bench.write("one.jsonl", lines(&rows(), 0));
    bench.write("two.jsonl", lines(&rows(), 1_780_722_000_000));
    let said = stderr(&bench, &["trace", "merge", "one.jsonl", "two.jsonl", "-o", "both.jsonl"]);
    assert!(
        said.contains("every trace starts at 0; by their own stamps they start at 0.04, 1780722000.04 s"),
        "{said}"
    );
    assert_eq!(
        bench.read("both.jsonl").lines().next_back().map(|line| line.contains("\"timestamp\": 22000,")),
        Some(true)
    );
    assert_eq!(stderr(&bench, &["trace", "merge", "one.jsonl", "one.jsonl", "-o", "both.jsonl"]), "");
}
