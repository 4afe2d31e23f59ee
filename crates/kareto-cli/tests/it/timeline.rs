//! Timelines: what they record, draw and refuse.

use crate::program::{Bench, system};

/// The 60 requests of `trace.jsonl`, which come in 24 s, in six windows.
const LOAD: &str = r#"
[axes]
instances = [1, 2]
dram_gib = [0, 64]

[[timeline.load]]
name = "mine"
trace = { file = "trace.jsonl", window = { from = "0 s", length = "24 s" } }
windows = 6

[[timeline.load]]
name = "not-there"
trace = { file = "absent.jsonl", window = { from = "0 s", length = "24 s" } }
windows = 6
may_be_absent = true
"#;

const CHOICE: &str = r#"
[timeline.choice]
figure = "ttft_s_mean"
at_most = 0.5
window_is = "24 h"
content = ["lost", "kept"]
"#;

const RECOVERY: &str = r#"
[timeline.recovery]
hit_ratio_within = 0.05
ttft_at_most_times = 2.0
windows = 2

[[timeline.claim]]
id = "stuck"
says = "it never comes back"
paper = 1
unit = "min"
accept = [0.5, 100.0]
figure = "hits-back-min"
"#;

fn choice() -> String {
    format!("{}{CHOICE}{LOAD}", system!())
}

fn recovery() -> String {
    let load = LOAD.replace("windows = 6\n", "windows = 6\nsurge = { first = 2, windows = 1, factor = 2 }\n");
    format!("{}{RECOVERY}{load}", system!())
}

/// Every window of every run, the same at any number of threads, and again from the archives.
#[test]
fn what_each_window_is_given() {
    let bench = Bench::new();
    bench.write("week.toml", choice());
    let run = |threads: &str, out: &str| {
        let mut program = bench.program();
        program.args(["run", "week.toml", "--scale", "full", "-o", out]).env("RAYON_NUM_THREADS", threads);
        let output = program.output().expect("it starts");
        let said = String::from_utf8(output.stderr).expect("text");
        assert!(output.status.success(), "{said}");
        said
    };
    let said = run("1", "one");
    assert!(said.contains("week: skipped load not-there: its file is not there"), "{said}");
    // Four configurations, each from six windows.
    assert!(said.contains("24 runs now, 0 from the archives"), "{said}");
    run("2", "two");
    for table in ["windows.csv", "choices.csv", "strategies.csv"] {
        assert_eq!(
            bench.read(&format!("one/week/{table}")),
            bench.read(&format!("two/week/{table}")),
            "{table}"
        );
    }
    assert!(run("1", "one").contains("0 runs now, 24 from the archives"));
    // 6 + 5 + 4 + 3 + 2 + 1 windows.
    assert_eq!(bench.read("one/week/windows.csv").lines().count(), 1 + 4 * 21);
    let strategies = bench.read("one/week/strategies.csv");
    assert_eq!(strategies.lines().count(), 1 + 2 * 4, "{strategies}");
    assert!(strategies.starts_with("load,content,strategy,cost,switch_cost,cost_regret,"), "{strategies}");
    bench.stdout(&["report", "one"]);
    let page = bench.read("one/week/index.html");
    assert!(page.contains("re-chosen from the window before") && page.contains("Absent loads"), "{page}");
    assert!(bench.read("one/week/mine-cost.svg").starts_with("<svg"));
}

#[test]
fn what_comes_back() {
    let bench = Bench::new();
    bench.write("after.toml", recovery());
    bench.stdout(&["run", "after.toml", "--scale", "full", "-o", "out"]);
    let rows = bench.read("out/after/recovery.csv");
    assert_eq!(rows.lines().count(), 1 + 4, "{rows}");
    assert!(rows.starts_with("load,instances,dram_gib,verdict,busy_share,hit_ratio_before,"), "{rows}");
    // Two runs from the first window on, and one after the surge.
    assert_eq!(bench.read("out/after/windows.csv").lines().count(), 1 + 4 * (6 + 6 + 4));
    let claims = bench.read("out/after/claims.csv");
    // The surge is so small that hits never left.
    assert!(claims.contains("\nstuck,it never comes back,min,1.0,0.0,"), "{claims}");
    bench.stdout(&["report", "out"]);
    let page = bench.read("out/after/index.html");
    assert!(page.contains("open loop") && page.contains("What became of each configuration"), "{page}");
    let message = bench.mistake(&["optimize", "after.toml", "-o", "elsewhere"]);
    assert!(message.contains("`[timeline]` follows a load over time"), "{message}");
}

/// The file with a change, and what it is refused with.
fn refused(bench: &Bench, text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    bench.write("experiment.toml", text.replacen(from, to, 1));
    let message = bench.mistake(&["run", "experiment.toml", "-o", "out"]);
    message.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn mistakes() {
    let bench = Bench::new();
    let (week, after) = (choice(), recovery());
    let of_choice = [
        ("at_most = 0.5", "at_most = 0"),
        ("\"ttft_s_mean\"", "\"tpot_s_mean\""),
        ("window_is = \"24 h\"", "window_is = \"0 s\""),
        ("window_is = \"24 h\"", "window_is = \"24 h\"\nnames = [\"Monday\"]"),
        ("content = [\"lost\", \"kept\"]", "content = [\"lost\", \"lost\"]"),
        ("content = [\"lost\", \"kept\"]", "content = [\"half\"]"),
        ("windows = 6", "windows = 1"),
        ("windows = 6", "windows = 6\nsessions = [1, 2]"),
        ("windows = 6", "windows = 6\nsessions = -1"),
        ("name = \"mine\"", "name = \"not-there\""),
        (", window = { from = \"0 s\", length = \"24 s\" }", ""),
        ("length = \"24 s\"", "length = \"6000 s\""),
        ("file = \"trace.jsonl\"", "file = \"trace.jsonl\", duration = \"60 s\""),
        ("file = \"trace.jsonl\"", "recipe = \"chat\", duration = \"0 s\""),
        ("[axes]\ninstances = [1, 2]\ndram_gib = [0, 64]\n", ""),
        ("[timeline.choice]", "[timeline]\n[timeline.other]"),
    ];
    let of_recovery = [
        ("hit_ratio_within = 0.05", "hit_ratio_within = 5"),
        ("ttft_at_most_times = 2.0", "ttft_at_most_times = 0.5"),
        ("windows = 2\n", "windows = 0\n"),
        ("surge = { first = 2, windows = 1, factor = 2 }\n", ""),
        ("first = 2, windows = 1", "first = 2, windows = 5"),
        ("first = 2, windows = 1, factor = 2", "first = 2, windows = 1, factor = 0"),
        ("accept = [0.5, 100.0]", "accept = [100.0, 0.5]"),
        ("\"hits-back-min\"", "\"hits\""),
        (
            "[timeline.recovery]",
            "[timeline.choice]\nfigure = \"ttft_s_mean\"\nat_most = 1\nwindow_is = \"1 h\"\n[timeline.recovery]",
        ),
    ];
    let mut messages = String::new();
    for (text, changes) in [(&week, &of_choice[..]), (&after, &of_recovery[..])] {
        for (from, to) in changes {
            messages += &format!("{}\n", refused(&bench, text, from, to));
        }
    }
    insta::assert_snapshot!(messages);
}
