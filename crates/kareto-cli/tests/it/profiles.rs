//! Profiles of step times: `fit-profile`, and which one a scenario takes.

use crate::program::{Bench, EXPERIMENT};

/// Two sizes of everything.
const TABLE: &str = "kind,bs,new,ctx,ms,shared,ctxattn,decattn\n\
    prefill,1,64,0,10,,,\nprefill,1,64,512,11,,,\nprefill,1,512,0,24,,,\nprefill,1,512,512,25,,,\n\
    decode,1,1,128,4,,,\ndecode,1,1,512,7,,,\ndecode,8,8,128,6,,,\ndecode,8,8,512,9,,,\n\
    mixed,8,376,1024,31,27.5,2,1.5\nmixed,8,376,4096,36,27.5,3,5.5\n\
    mixed,16,752,1024,50,44,4,2\nmixed,16,752,4096,60,44,6,10\n";

fn fit<'a>(law: &'a str, output: &'a str) -> Vec<&'a str> {
    let mut arguments = vec!["fit-profile", "table.csv", "--law", law, "--output", output];
    arguments.extend([
        "--host0",
        "1.5",
        "--host1",
        "0.04",
        "--host-source",
        "assumed",
        "--source",
        "made up",
    ]);
    arguments.extend(["--model", "qwen3-30b-a3b", "--gpu", "h100-sxm", "--gpus", "1", "--engine", "vllm"]);
    arguments
}

/// An experiment with a mixture of experts on one GPU, and the step times of `profile`.
fn mixture(bench: &Bench, profile: &str) -> String {
    let text = EXPERIMENT.replace("qwen3-32b", "qwen3-30b-a3b");
    let text = text.replace("tensor_parallel = 4\n", &format!("tensor_parallel = 1\n{profile}"));
    bench.write("experiment.toml", text);
    bench.stdout(&["simulate", "experiment.toml", "--json"])
}

#[test]
fn a_table_comes_before_a_fit_to_it() {
    let bench = Bench::new();
    let name = "h100-sxm-qwen3-30b-a3b-vllm-tp1";
    let unnamed = mixture(&bench, "");
    assert_eq!(unnamed, mixture(&bench, &format!("profile = \"{name}-table\"\n")));
    assert_ne!(unnamed, mixture(&bench, &format!("profile = \"{name}\"\n")));
}

#[test]
fn a_table_of_ones_own() {
    let bench = Bench::new();
    bench.write("table.csv", TABLE);
    let summary = bench.stdout(&fit("table", "mine.toml"));
    insta::assert_snapshot!(summary, @r"
    decode      4 rows  median  0.00 %  p90  0.00 %
    prefill     4 rows  median  0.00 %  p90  0.00 %
    mixed       4 rows  median  0.00 %  p90  0.00 %
    ");
    mixture(&bench, "profile = \"mine.toml\"\n");
    // Half of a row's times: no table.
    let profile = bench.read("mine.toml");
    bench.write("mine.toml", profile.replace("[4.0, 7.0],\n", "[4.0],\n"));
    let said = bench.mistake(&["simulate", "experiment.toml"]);
    assert!(
        said.contains("mine.toml: `table`: `decode`: the row of 1 has 1 times; allowed: 2 to 2"),
        "{said}"
    );
}

#[test]
fn a_table_without_parts_is_refused() {
    let bench = Bench::new();
    bench.write("table.csv", TABLE.replace("31,27.5,2,1.5", "31,,,"));
    let said = bench.mistake(&fit("table", "mine.toml"));
    assert!(said.contains("table.csv: line 10: a table of mixed steps needs the columns"), "{said}");
}

/// What the program writes is for all who may read what its user writes.
#[cfg(unix)]
#[test]
fn what_is_written_has_the_rights_of_other_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new();
    bench.write("table.csv", TABLE);
    bench.stdout(&fit("fit", "mine.toml"));
    bench.stdout(&["new-policy", "short-stay", "--lease", "--out", "."]);
    let mode = |name| std::fs::metadata(bench.path(name)).expect("it is there").permissions().mode();
    assert_eq!([mode("mine.toml"), mode("short_stay.rs")], [mode("table.csv"); 2]);
}
