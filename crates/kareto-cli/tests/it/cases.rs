//! An experiment of cases: every combination evaluated and kept, traces and configurations as axes, mistakes.

use crate::program::{Bench, trace};

/// Two policies at two sizes over two traces, instead of the axes and the search of [`crate::program::EXPERIMENT`].
fn cases() -> Bench {
    let bench = Bench::new();
    let system = crate::program::EXPERIMENT.split("[axes]").next().expect("a system");
    let system = system.replacen("[trace]\nfile = \"trace.jsonl\"\n", "", 1);
    let cases = r#"
[[configuration]]
name = "no-disk"
set = { disk_gib = 0 }

[[configuration]]
name = "disk"
set = { disk_gib = 64, disk_lease_s = 30 }

[cases]
compare = "dram_eviction"
along = "dram_gib"

[cases.trace]
short = { file = "trace.jsonl" }
built-in = { window = { from = "0 s", length = "20 s" } }

[axes]
dram_eviction = ["lru", "fifo"]
dram_gib = [1, 2, 3]
configuration = ["no-disk"]

[smoke]
window = { from = "0 s", length = "5 s" }
axes = { dram_eviction = ["fifo"] }
"#;
    bench.write("cases.toml", system.to_owned() + cases);
    bench
}

const RUN: [&str; 4] = ["run", "cases.toml", "-o", "out"];

fn evaluated(bench: &Bench) -> usize {
    let manifest = bench.read("out/cases/manifest.toml");
    let line = manifest.lines().rev().find(|line| line.starts_with("evaluated")).expect("a run");
    line.split('=').nth(1).expect("a value").trim().parse().expect("a number")
}

/// What an edit of a policy does, by naming another code in the lines that it made.
#[test]
fn only_what_other_code_made_is_evaluated_again() {
    let bench = cases();
    bench.stdout(&RUN);
    let (archive, table) = ("out/cases/archive.jsonl", bench.read("out/cases/cases.csv"));
    assert_eq!(evaluated(&bench), 12);
    let revision = |line: &str| line.split('"').nth(7).expect("a revision").to_owned();
    let lines = bench.archived(archive);
    let of = |policy: &str| lines.iter().find(|line| line.contains(policy)).map(|line| revision(line));
    let (lru, fifo) = (of("dram_eviction=lru").unwrap(), of("dram_eviction=fifo").unwrap());
    assert!(lru != fifo && lru.len() == 16, "each policy has code of its own: {lru} {fifo}");
    // Figures that cannot be taken for the right ones.
    let edited = bench
        .read(archive)
        .replace(&lru, "0123456789abcdef")
        .replace(r#""ttft_s_mean":"#, r#""ttft_s_mean":9"#);
    let edited: String = edited
        .lines()
        .map(|line| if line.contains(&fifo) { line.replace(r#""ttft_s_mean":9"#, r#""ttft_s_mean":"#) } else { line.to_owned() } + "\n")
        .collect();
    bench.write(archive, &edited);

    let output = bench.run(&RUN);
    let said = String::from_utf8(output.stderr).unwrap();
    let counts = "out/cases/archive.jsonl: 6 of 12 evaluations were made by other code; those that are needed are run again";
    assert!(output.status.success() && said.contains(counts), "{said}");
    assert!(said.contains("12 points, 6 evaluated now, 6 from the archive"), "{said}");
    assert_eq!(bench.read("out/cases/cases.csv"), table);
    assert_eq!(bench.archived(archive).len(), 18, "what other code made stays");
    // The report draws what this code made.
    let manifest = bench.read("out/cases/manifest.toml");
    assert!(manifest.contains(&lru) && !manifest.contains("0123456789abcdef"), "{manifest}");
    bench.stdout(&["report", "out"]);

    let output = bench.run(&RUN);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("0 evaluated now") && !said.contains("other code"), "{said}");
}

#[test]
fn every_combination_is_a_row() {
    let bench = cases();
    bench.stdout(&RUN);
    let table = bench.read("out/cases/cases.csv");
    let settings: Vec<String> =
        table.lines().map(|line| line.split(',').take(4).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(settings[0], "trace dram_eviction dram_gib configuration");
    assert_eq!(settings.len(), 1 + 2 * 2 * 3);
    assert_eq!(settings[1..4], ["short lru 1 no-disk", "short lru 2 no-disk", "short lru 3 no-disk"]);
    assert_eq!(settings[12], "built-in fifo 3 no-disk");
    assert!(!bench.path("out/cases/front.csv").exists(), "there is no front of cases");
    let manifest = bench.read("out/cases/manifest.toml");
    assert!(
        manifest.contains("name = \"trace.jsonl; default\"")
            && manifest.contains("[cases.compared.traces.built-in]")
    );
}

#[test]
fn a_case_is_what_simulate_says_of_it() {
    let bench = cases();
    bench.stdout(&RUN);
    let table = bench.read("out/cases/cases.csv");
    let column =
        |name: &str| table.lines().next().unwrap().split(',').position(|known| known == name).unwrap();
    for (prefix, trace) in [("short,fifo,2,no-disk,", "short"), ("built-in,fifo,2,no-disk,", "built-in")] {
        let row = table.lines().find(|line| line.starts_with(prefix)).expect("a case");
        let mean: f64 = row.split(',').nth(column("ttft_s_mean")).unwrap().parse().unwrap();
        let text = bench.stdout(&[
            "simulate",
            "cases.toml",
            "--json",
            "--set",
            &format!("trace={trace}"),
            "--set",
            "dram_eviction=fifo",
            "--set",
            "dram_gib=2",
        ]);
        let run: serde_json::Value = serde_json::from_str(&text).expect("one JSON object");
        assert_eq!(run["ttft_s"]["mean"].as_f64().unwrap().to_bits(), mean.to_bits(), "{trace}");
    }
}

#[test]
fn what_is_done_is_not_done_again() {
    let bench = cases();
    bench.stdout(&RUN);
    assert_eq!(evaluated(&bench), 12);
    let read = || ["cases.csv", "manifest.toml"].map(|name| bench.read(&format!("out/cases/{name}")));
    let before = read();
    bench.stdout(&RUN);
    assert_eq!(read(), before);
    // A torn last line costs that line only.
    let archive = bench.read("out/cases/archive.jsonl");
    bench.write("out/cases/archive.jsonl", &archive[..archive.len() - 10]);
    bench.stdout(&RUN);
    assert_eq!(evaluated(&bench), 1);
    assert_eq!(bench.read("out/cases/cases.csv"), before[0]);
}

#[test]
fn the_report_says_where_hits_and_latency_part() {
    let bench = cases();
    bench.stdout(&RUN);
    std::fs::remove_file(bench.path("cases.toml")).unwrap();
    bench.stdout(&["report", "out"]);
    let page = bench.read("out/cases/index.html");
    assert!(page.contains("Of 6 comparisons, the best hit ratio also has the least mean TTFT in"), "{page}");
    for figure in ["hit_ratio", "ttft_s_mean", "ttft_s_p99", "cost"] {
        for trace in ["short", "built-in"] {
            assert!(bench.read(&format!("out/cases/{trace}-no-disk-{figure}.svg")).starts_with("<svg"));
        }
    }
    assert!(bench.read("out/index.html").contains("cases/index.html"));
}

#[test]
fn scales_change_axes_and_the_window_of_every_trace() {
    let bench = cases();
    bench.stdout(&["run", "cases.toml", "--scale", "smoke", "-o", "out"]);
    assert_eq!(bench.read("out/cases/cases.csv").lines().count(), 1 + 2 * 3);
    let manifest = bench.read("out/cases/manifest.toml");
    // A request each 400 ms: 0 to 4.8 s.
    assert!(manifest.contains("requests = 13\n"), "{manifest}");
}

#[test]
fn a_trace_of_the_command_line_replaces_the_built_in_one() {
    let bench = cases();
    bench.write("other.jsonl", trace(7));
    bench.stdout(&["run", "cases.toml", "--trace", "other.jsonl", "-o", "out"]);
    let manifest = bench.read("out/cases/manifest.toml");
    assert!(manifest.contains("name = \"trace.jsonl; other.jsonl\""), "{manifest}");
}

#[test]
fn all_stands_for_every_name() {
    let bench = cases();
    let text = bench.read("cases.toml").replacen("[\"no-disk\"]", "[\"all\"]", 1);
    bench.write("cases.toml", text.replacen("[\"lru\", \"fifo\"]", "[\"all\"]", 1));
    bench.stdout(&RUN);
    let list = bench.stdout(&["policies"]);
    let policies = list.lines().filter(|line| line.starts_with("eviction")).count();
    assert_eq!(bench.read("out/cases/cases.csv").lines().count(), 1 + 2 * policies * 3 * 2);
}

/// Two traces at two rates; storage is the size of DRAM.
fn regimes() -> Bench {
    let bench = cases();
    let text = bench.read("cases.toml").replacen(
        "along = \"dram_gib\"\n",
        "along = \"rate\"\nbest_over = [\"dram_gib\", \"configuration\"]\nrates = [0.5, 4]\n",
        1,
    );
    let more = r#"
[baseline]
dram_gib = 3
configuration = "no-disk"

[[claim]]
id = "price"
says = "less cost"
paper = 5.0
unit = "%"
accept = [0.001, 100.0]
metric = { best-improvement = "cost" }
"#;
    bench.write("cases.toml", text + more);
    bench
}

#[test]
fn the_best_of_each_regime_is_against_its_baseline() {
    let bench = regimes();
    bench.stdout(&RUN);
    let regimes = bench.read("out/cases/regimes.csv");
    let keys: Vec<String> =
        regimes.lines().map(|line| line.split(',').take(3).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(keys[..3], ["trace rate dram_eviction", "short 0.5 lru", "short 0.5 fifo"]);
    assert_eq!(keys.len(), 1 + 2 * 2 * 2);

    // What the table of all cases says of one regime, and of all of them.
    let mut cases = csv::Reader::from_path(bench.path("out/cases/cases.csv")).unwrap();
    let column = cases.headers().unwrap().iter().position(|name| name == "cost").unwrap();
    let costs: Vec<(Vec<String>, f64)> = cases
        .records()
        .map(|row| row.unwrap())
        .map(|row| (row.iter().take(4).map(str::to_owned).collect(), row[column].parse().unwrap()))
        .collect();
    let mut best = f64::NEG_INFINITY;
    for line in regimes.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let of_regime: Vec<_> = costs.iter().filter(|(settings, _)| settings[..3] == cells[..3]).collect();
        let base = of_regime.iter().find(|(settings, _)| settings[3] == "3").expect("the baseline").1;
        let least = of_regime.iter().map(|(_, cost)| *cost).fold(f64::INFINITY, f64::min);
        let percent: f64 = cells[6].parse().unwrap();
        assert!((percent - 100.0 * (base - least) / base).abs() < 1e-9, "{line}");
        best = best.max(percent);
    }
    let claims = bench.read("out/cases/claims.csv");
    let ours = claims.lines().nth(1).unwrap().split(',').nth(4).unwrap().parse::<f64>().unwrap();
    assert!(best > 0.0 && ours.to_bits() == best.to_bits(), "{claims}");
    bench.stdout(&["report", "out"]);
    let page = bench.read("out/cases/index.html");
    assert!(page.contains("better than <code>dram_gib=3,configuration=no-disk</code>"), "{page}");
    assert!(bench.read("out/cases/price.svg").starts_with("<svg"));
}

/// A rate is the `rate` of a trace.
#[test]
fn a_case_at_a_rate_is_what_simulate_says_of_it() {
    let bench = regimes();
    bench.stdout(&RUN);
    let mut cases = csv::Reader::from_path(bench.path("out/cases/cases.csv")).unwrap();
    let column = cases.headers().unwrap().iter().position(|name| name == "ttft_s_mean").unwrap();
    let row = cases
        .records()
        .map(|row| row.unwrap())
        .find(|row| row.iter().take(4).eq(["built-in", "4", "fifo", "2"]));
    let mean: f64 = row.expect("a case")[column].parse().unwrap();
    let set = ["trace=built-in", "rate=4", "dram_eviction=fifo", "dram_gib=2"].map(|set| ["--set", set]);
    let simulated = |file: &str, set: &[[&str; 2]]| {
        let arguments = [&["simulate", file, "--json"], set.concat().as_slice()].concat();
        let run: serde_json::Value =
            serde_json::from_str(&bench.stdout(&arguments)).expect("one JSON object");
        run["ttft_s"]["mean"].as_f64().unwrap()
    };
    assert_eq!(simulated("cases.toml", &set).to_bits(), mean.to_bits());
    let text = bench.read("cases.toml").replacen("built-in = {", "built-in = { rate = 4,", 1);
    bench.write("own.toml", text.replacen("rates = [0.5, 4]", "rates = [1]", 1));
    let own = ["trace=built-in", "dram_eviction=fifo", "dram_gib=2"].map(|set| ["--set", set]);
    assert_eq!(simulated("own.toml", &own).to_bits(), mean.to_bits());
}

#[test]
fn an_absent_trace_may_be_absent_where_the_file_says_so() {
    let bench = regimes();
    let text = bench.read("cases.toml");
    let absent = text.replacen(
        "short = { file = \"trace.jsonl\" }",
        "short = { file = \"none.jsonl\", may_be_absent = true }",
        1,
    );
    bench.write("cases.toml", &absent);
    bench.stdout(&RUN);
    assert!(bench.read("out/cases/manifest.toml").contains("absent = [\"short\"]"));
    bench.stdout(&["report", "out"]);
    assert!(bench.read("out/cases/index.html").contains("were absent: short."));
}

#[test]
fn mistakes_in_regimes() {
    let bench = regimes();
    let text = bench.read("cases.toml");
    let changes = [
        ("[\"dram_gib\", \"configuration\"]", "[\"dram_gib\", \"rate\"]"),
        ("[\"dram_gib\", \"configuration\"]", "[\"dram_gib\", \"dram_gib\"]"),
        ("[\"dram_gib\", \"configuration\"]", "[\"dram_gb\"]"),
        ("best_over = [\"dram_gib\", \"configuration\"]\n", ""),
        ("[baseline]\ndram_gib = 3\nconfiguration = \"no-disk\"\n", ""),
        ("[baseline]\ndram_gib = 3\n", "[baseline]\n"),
        ("[baseline]\ndram_gib = 3\n", "[baseline]\ndram_gib = 64\n"),
        ("[baseline]\n", "[baseline]\ndram_eviction = \"lru\"\n"),
        ("rates = [0.5, 4]", "rates = []"),
        ("rates = [0.5, 4]", "rates = [1, 1.0]"),
        ("rates = [0.5, 4]", "rates = [0]"),
    ];
    let messages = changes.map(|(from, to)| {
        assert!(text.contains(from), "{from}");
        bench.write("cases.toml", text.replacen(from, to, 1));
        first_line(&bench.mistake(&RUN))
    });
    insta::assert_snapshot!(messages.join("\n"));
    bench.write(
        "experiment.toml",
        crate::program::EXPERIMENT.replacen("[trace]\n", "[trace]\nmay_be_absent = true\n", 1),
    );
    insta::assert_snapshot!(first_line(&bench.mistake(&["run", "experiment.toml", "-o", "out"])));
}

#[test]
fn mistakes() {
    let bench = cases();
    let text = bench.read("cases.toml");
    let changes = [
        ("compare = \"dram_eviction\"", "compare = \"dram_evict\""),
        ("along = \"dram_gib\"", "along = \"dram_eviction\""),
        ("along = \"dram_gib\"", "reference = [\"belady\"]"),
        ("[axes]", "[search]\nname = \"full-grid\"\n\n[axes]"),
        ("[cases.trace]", "[trace]\n\n[cases.trace]"),
        ("name = \"disk\"\nset", "name = \"no-disk\"\nset"),
        ("disk_gib = 64", "disk_tib = 64"),
        ("[\"no-disk\"]", "[\"none\"]"),
    ];
    let mut messages = changes.map(|(from, to)| {
        assert!(text.contains(from), "{from}");
        bench.write("cases.toml", text.replacen(from, to, 1));
        first_line(&bench.mistake(&RUN))
    });
    messages.sort();
    insta::assert_snapshot!(messages.join("\n"));

    bench.write("cases.toml", text.replacen("built-in = {", "built-in = { recipe = \"chat\",", 1));
    let message = bench.mistake(&["run", "cases.toml", "--trace", "trace.jsonl", "-o", "out"]);
    insta::assert_snapshot!(first_line(&message));
    let message = bench.mistake(&["simulate", "cases.toml", "--set", "trace=long"]);
    insta::assert_snapshot!(first_line(&message));
    let message = bench.mistake(&["optimize", "cases.toml", "-o", "out"]);
    insta::assert_snapshot!(message);
}

fn first_line(message: &str) -> String {
    message.lines().next().expect("a message").to_owned()
}
