//! Scenarios of load: one configuration for all, every evaluation kept, and the regret of the choice.

use crate::program::{Bench, trace};

const SCENARIOS: &str = r#"
[search]
name = "full-grid"
front = "worst"

[[scenario]]
name = "weekday"
weight = 5

[[scenario]]
name = "sunday"
weight = 2.0
surge = { factor = 3.0, from = "5 s", length = "15 s" }

[[scenario]]
name = "first-half"
trace = { file = "trace.jsonl", window = { from = "0 s", length = "12 s" } }

[axes]"#;

fn bench() -> Bench {
    let bench = Bench::new();
    bench.change("[axes]", SCENARIOS);
    bench
}

fn rows(table: &str) -> Vec<Vec<&str>> {
    table.lines().skip(1).map(|line| line.split(',').collect()).collect()
}

#[test]
fn a_record_of_scenarios() {
    let bench = bench();
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    let archive = bench.read("out/experiment/archive.jsonl");
    assert_eq!(archive.lines().count(), 1 + 3 * 4, "a header, and 4 points under 3 scenarios");
    assert!(archive.contains(r#""key":"scenario=sunday,dram_gib=1024,disk_lease_s=30","#), "{archive}");
    let manifest = bench.read("out/experiment/manifest.toml");
    for part in ["front = \"worst\"", "evaluations = 4\n", "evaluated = 12\n", "weight = 5.0", "weight = 1.0"]
    {
        assert!(manifest.contains(part), "{part} in {manifest}");
    }
    let front = bench.read("out/experiment/front.csv");
    for part in
        ["dram_gib,disk_lease_s,ttft_s_mean,", ",weighted_cost,", ",worst_ttft_s_mean,", ",worst_hit_ratio,"]
    {
        assert!(front.contains(part), "{part} in {front}");
    }
    // Baseline and four picks under three scenarios in four respects; nobody is better than the best.
    let regret = bench.read("out/experiment/regret.csv");
    let rows = rows(&regret);
    assert_eq!(rows.len(), 5 * 3 * 4, "{regret}");
    assert!(rows.iter().all(|row| row[7].parse::<f64>().unwrap() >= 0.0), "{regret}");

    bench.stdout(&["report", "out"]);
    let page = bench.read("out/experiment/index.html");
    assert!(page.contains("Under each scenario") && page.contains("the worst over the scenarios"), "{page}");
    assert!(bench.read("out/experiment/scenario-first-half.svg").starts_with("<svg"));
    let text = bench.stdout(&["optimize", "experiment.toml", "-o", "out"]);
    assert!(text.contains("Under `sunday`: mean TTFT "), "{text}");

    // Other weights and the other front are another reading of the same evaluations.
    let scenarios = SCENARIOS.replace("worst", "mean").replace("weight = 5", "weight = 1");
    bench.change("[axes]", &scenarios);
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    assert_eq!(bench.read("out/experiment/archive.jsonl"), archive);
    assert_ne!(bench.read("out/experiment/front.csv"), front);
}

#[test]
fn a_single_scenario_is_the_experiment_without_it() {
    let bench = Bench::new();
    bench.stdout(&["run", "experiment.toml", "-o", "plain"]);
    bench.change("[axes]", "[[scenario]]\nname = \"only\"\n\n[axes]");
    bench.stdout(&["run", "experiment.toml", "-o", "one"]);
    let claims = |out: &str| bench.read(&format!("{out}/experiment/claims.csv"));
    assert_eq!(claims("plain"), claims("one"));
    let objectives = |out: &str| {
        let front = bench.read(&format!("{out}/experiment/front.csv"));
        rows(&front).iter().map(|row| row[..5].join(",")).collect::<Vec<_>>()
    };
    assert_eq!(objectives("plain"), objectives("one"));
}

#[test]
fn killed_between_scenarios_it_repeats_nothing() {
    let bench = bench();
    bench.write("trace.jsonl", trace(6000));
    let finished = || bench.archived("out/experiment/archive.jsonl");
    bench.killed_when("experiment.toml", || finished().len() >= 2);
    let before = finished();
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    let after = finished();
    assert_eq!(after[..before.len()], before, "what was finished stands as it was");
    assert_eq!(after.len(), 12, "no evaluation is there twice");
    let counts = format!("evaluated = {}\nreused = {}\n", 12 - before.len(), before.len());
    assert!(bench.read("out/experiment/manifest.toml").contains(&counts), "{counts}");
}

#[test]
fn the_same_bytes_on_one_thread_and_on_two() {
    let bench = bench();
    let record = |threads: &str, out: &str| {
        for arguments in [["run", "experiment.toml", "-o", out].as_slice(), &["report", out]] {
            let done = bench.program().args(arguments).env("RAYON_NUM_THREADS", threads).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        }
        let archive = bench.read(&format!("{out}/experiment/archive.jsonl"));
        let mut lines: Vec<String> = archive.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        let files = ["front.csv", "regret.csv", "claims.csv", "index.html", "scenario-sunday.svg"];
        let rest = files.map(|name| bench.read(&format!("{out}/experiment/{name}")));
        (lines, rest)
    };
    assert!(record("1", "one") == record("2", "two"));
}

#[test]
fn one_scenario_is_simulated_by_name() {
    let bench = bench();
    let requests = |arguments: &[&str]| {
        let text = bench.stdout(&[&["simulate", "experiment.toml", "--json"], arguments].concat());
        text.split("\"requests\":")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap()
            .trim()
            .parse::<usize>()
            .unwrap()
    };
    assert_eq!(requests(&[]), 60);
    assert!(requests(&["--set", "scenario=sunday"]) > 60);
    assert_eq!(requests(&["--set", "scenario=first-half"]), 30);
    let message = bench.mistake(&["simulate", "experiment.toml", "--set", "scenario=monday"]);
    assert!(
        message.contains("there is no scenario `monday`; allowed: weekday, sunday, first-half"),
        "{message}"
    );
}

#[test]
fn mistakes_in_scenarios() {
    let bench = bench();
    let complains = |from: &str, to: &str| {
        assert!(SCENARIOS.contains(from), "{from}");
        bench.change("[axes]", &SCENARIOS.replacen(from, to, 1));
        bench.mistake(&["run", "experiment.toml", "-o", "out"])
    };
    for (from, to, wanted) in [
        ("weight = 5", "weight = -5", "weight is -5; allowed: 0 or more"),
        ("weight = 5", "weight = nan", "weight is NaN; allowed: 0 or more"),
        ("\"sunday\"", "\"weekday\"", "the scenario's name is `weekday`; allowed: distinct names"),
        ("\"sunday\"", "\"Sun day\"", "the scenario's name is `Sun day`; allowed: distinct names"),
        ("factor = 3.0", "factor = 0", "factor is 0; allowed: a number above 0, at most 100"),
        ("from = \"5 s\"", "from = \"500 s\"", "no session begins in the surge from 500 s"),
        ("from = \"5 s\"", "from = \"5 sec\"", "5 sec"),
        ("factor = 3.0", "rate = 3.0", "unknown field `rate`"),
        ("front = \"worst\"", "front = \"best\"", "front is `best`; allowed: mean, worst"),
        ("weight = 5", "wieght = 5", "unknown field `wieght`"),
    ] {
        let message = complains(from, to);
        assert!(
            message.contains(wanted) && message.contains("trace.jsonl: no") | message.contains(".toml:"),
            "{message}"
        );
    }
    bench.change("[axes]", "[search]\nname = \"full-grid\"\nfront = \"mean\"\n[axes]");
    let message = bench.mistake(&["run", "experiment.toml", "-o", "out"]);
    assert!(message.contains("there is no `[[scenario]]`"), "{message}");
    bench.write("experiment.toml", format!("scenario = []\n{}", crate::program::EXPERIMENT));
    let message = bench.mistake(&["run", "experiment.toml", "-o", "out"]);
    assert!(message.contains("allowed: one `[[scenario]]` or more"), "{message}");
    let weightless = SCENARIOS.replace("weight = 5", "weight = 0").replace("weight = 2.0", "weight = 0");
    bench.change("[axes]", &weightless.replace("\"first-half\"", "\"first-half\"\nweight = 0"));
    let message = bench.mistake(&["run", "experiment.toml", "-o", "out"]);
    assert!(message.contains("every scenario has weight 0"), "{message}");
}
