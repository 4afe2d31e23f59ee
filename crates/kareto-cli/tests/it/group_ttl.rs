//! `tune-ttl`, and experiments of group TTL: what they print, record and refuse.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::{Bench, system, trace};

/// An experiment of one case on `trace.jsonl`.
const EXPERIMENT: &str = concat!(
    r#"
question = "Does it run?"
"#,
    system!(),
    r#"
[group_ttl]
groups = 4
storage_shares = [0.2, 0.5]
window = "10 s"
methods = ["hull", "slsqp"]

[[group_ttl.case]]
name = "mine"
trace = { file = "trace.jsonl" }

[[group_ttl.case]]
name = "not there"
trace = { file = "absent.jsonl" }
may_be_absent = true

[[group_ttl.claim]]
id = "gain"
says = "more reuse"
paper = 15
accept = [15.0, 20.0]
case = "mine"
part = "second-half"
tuned = "first-half"
method = "hull"
figure = "reuse"
"#
);

fn tuned(bench: &Bench, arguments: &[&str]) -> Value {
    let text = bench.stdout(&[&["tune-ttl", "trace.jsonl", "--json"], arguments].concat());
    serde_json::from_str(&text).expect("JSON")
}

/// 20 conversations of three turns, 8 s apart, of 4, 6 and 8 blocks of 128 MiB: 10 reuse intervals of 8 s each, and 8
/// blocks. With a TTL of 8 s one holds (10 + 8) * 8 block-seconds, 0.005 GiB-hours.
#[test]
fn conversations_that_fit_are_kept() {
    let bench = Bench::new();
    let answer = tuned(&bench, &["--groups", "20", "--budget-gib-hours", "0.0501"]);
    // Ten conversations fit; one TTL for all would need twice as much.
    assert_eq!(answer["total"]["hits"], 100);
    assert_eq!(answer["upper_bound_hits"], 100);
    assert_eq!(answer["uniform"]["total"]["hits"], 0);
    assert_eq!(answer["gain_over_uniform_percent"], Value::Null);
    assert_eq!(answer["block_bytes"], 128 << 20);
    let groups = answer["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 21);
    let kept: Vec<_> = groups.iter().filter(|group| group["ttl_s"] == 8.0).collect();
    assert!(
        kept.len() == 10 && kept.iter().all(|group| group["hits"] == 10 && group["prefix"]["tokens"] == 512)
    );
    // All of it: 200 hits for 0.1 GiB-hours, at 10 hits for 0.005.
    let curve = answer["curve"].as_array().unwrap();
    assert_eq!((curve.len(), &curve[20]["hits"]), (21, &Value::from(200)));
    assert!((curve[0]["hits_per_gib_hour"].as_f64().unwrap() - 2_000.0).abs() < 1e-6);
    // Until the trace's end: the last turns come within the last 8 s, so their tails are cheaper.
    let charged = tuned(&bench, &["--groups", "20", "--budget-gib-hours", "0.0501", "--until-trace-end"]);
    assert!(charged["total"]["hits"].as_u64() > Some(100));
}

#[test]
fn groups_and_totals_for_people() {
    let bench = Bench::new();
    let arguments =
        ["tune-ttl", "trace.jsonl", "--groups", "2", "--budget-gib-hours", "0.07", "--until-trace-end"];
    insta::assert_snapshot!(bench.stdout(&arguments));
    bench.stdout(&[&arguments[..], &["--curve", "curve.csv"]].concat());
    insta::assert_snapshot!(bench.read("curve.csv"));
}

#[test]
fn the_trace_of_the_program_serves_every_method() {
    let bench = Bench::new();
    for method in ["hull", "slsqp", "uniform", "oracle"] {
        let arguments = ["tune-ttl", "--groups", "auto", "--budget-gib-hours", "50", "--method", method];
        assert!(bench.stdout(&arguments).contains("tried K = 4"), "{method}");
    }
}

#[test]
fn mistakes_on_the_command_line() {
    let bench = Bench::new();
    let messages = [
        ["tune-ttl", "trace.jsonl", "--groups", "0", "--budget-gib-hours", "1"].as_slice(),
        &["tune-ttl", "trace.jsonl", "--groups", "many", "--budget-gib-hours", "1"],
        &["tune-ttl", "trace.jsonl", "--groups", "2", "--budget-gib-hours", "-1"],
        &["tune-ttl", "trace.jsonl", "--groups", "2", "--budget-gib-hours", "1", "--method", "best"],
        &["tune-ttl", "trace.jsonl", "--groups", "2", "--budget-gib-hours", "1", "--model", "gpt"],
        &["tune-ttl", "absent.jsonl", "--groups", "2", "--budget-gib-hours", "1"],
    ]
    .map(|arguments| bench.mistake(arguments).lines().next().expect("a message").to_owned());
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn a_record_and_its_report() {
    let bench = Bench::new();
    bench.write("trace.jsonl", trace(240));
    bench.write("ttl.toml", EXPERIMENT);
    bench.stdout(&["run", "ttl.toml", "-o", "out"]);
    let rows = bench.read("out/ttl/group-ttl.csv");
    // In sample by two methods and online; of the second half also on the first by two; for each of two budgets.
    assert_eq!(rows.lines().count(), 1 + 2 * (3 + 5), "{rows}");
    for row in rows.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let number = |column: usize| cells[column].parse::<f64>().expect("a number");
        assert!(number(5) <= number(6), "one TTL holds no less: {row}");
    }
    let manifest = bench.read("out/ttl/manifest.toml");
    assert!(
        manifest.contains("absent = [\"not there\"]") && manifest.contains("name = \"mine\""),
        "{manifest}"
    );
    bench.stdout(&["report", "out"]);
    let page = bench.read("out/ttl/index.html");
    assert!(page.contains("Does it run?") && page.contains("not there"));
    assert!(bench.read("out/index.html").contains("ttl/index.html"));
    // The same bytes on one thread.
    let output =
        bench.program().env("RAYON_NUM_THREADS", "1").args(["run", "ttl.toml", "-o", "one"]).output();
    assert!(output.expect("the program starts").status.success());
    assert_eq!(bench.read("one/ttl/group-ttl.csv"), rows);
}

#[test]
fn killed_half_way_it_simulates_nothing_again() {
    let bench = Bench::new();
    bench.write("trace.jsonl", trace(3000));
    bench.write("ttl.toml", EXPERIMENT);
    let archive = || {
        let files = std::fs::read_dir(bench.path("out/ttl")).ok().into_iter().flatten();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".jsonl")).collect::<Vec<_>>()
    };
    let finished = || -> Vec<String> {
        let [name] = archive().try_into().unwrap_or([String::new()]);
        bench.archived(&format!("out/ttl/{name}"))
    };
    bench.killed_when("ttl.toml", || finished().len() >= 3);
    let before = finished();
    assert!(!bench.path("out/ttl/group-ttl.csv").exists(), "written before it was over");
    bench.stdout(&["run", "ttl.toml", "-o", "out"]);
    let after = finished();
    assert_eq!(after[..before.len()], before, "what was finished stands as it was");
    let keys: BTreeSet<&str> = after.iter().map(|line| line.split('"').nth(3).unwrap()).collect();
    assert_eq!(keys.len(), after.len(), "nothing is there twice");
    let counts = format!("evaluated = {}\nreused = {}\n", after.len() - before.len(), before.len());
    assert!(bench.read("out/ttl/manifest.toml").contains(&counts), "{counts}");
    // The same figures as without the kill; and once it is done, a run changes nothing.
    let read =
        |out: &str| ["group-ttl.csv", "claims.csv"].map(|name| bench.read(&format!("{out}/ttl/{name}")));
    bench.stdout(&["run", "ttl.toml", "-o", "whole"]);
    assert_eq!(read("out"), read("whole"));
    let manifest = bench.read("out/ttl/manifest.toml");
    bench.stdout(&["run", "ttl.toml", "-o", "out"]);
    assert_eq!((finished(), bench.read("out/ttl/manifest.toml")), (after, manifest));
}

#[test]
fn mistakes_in_the_file() {
    let bench = Bench::new();
    let changes = [
        ("groups = 4", "groups = 0"),
        ("[0.2, 0.5]", "[0.2, 1.5]"),
        ("window = \"10 s\"", "window = \"10\""),
        ("\"slsqp\"]", "\"best\"]"),
        ("\"slsqp\"]", "\"hull\"]"),
        ("[\"hull\", \"slsqp\"]", "[]"),
        ("medium = \"dram\"", "medium = \"dram\"\nsize = \"1 GiB\""),
        ("case = \"mine\"", "case = \"yours\""),
        ("tuned = \"first-half\"", "tuned = \"later\""),
        ("name = \"dram\"", "name = \"dram\"\nmedium = \"dram\"\n[[system.tier]]\nname = \"disk\""),
    ];
    let messages = changes.map(|(from, to)| {
        assert!(EXPERIMENT.contains(from), "{from}");
        bench.write("ttl.toml", EXPERIMENT.replacen(from, to, 1));
        let message = bench.mistake(&["run", "ttl.toml", "-o", "out"]);
        message.lines().next().expect("a message").to_owned()
    });
    insta::assert_snapshot!(messages.join("\n"));
}
