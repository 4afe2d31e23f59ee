//! Each kind of experiment has its own tables, and refuses those of the others: nothing in a file is ignored.

use crate::program::{Bench, system};

/// A system and its axes, as every kind may have them.
const SYSTEM: &str = system!();

/// A table that only a search has, or some kinds have.
const TABLES: [(&str, &str); 10] = [
    ("trace", "[trace]\nfile = \"trace.jsonl\"\n"),
    ("axes", "[axes]\ndram_gib = [0, 1]\n"),
    ("search", "[search]\nname = \"full-grid\"\n"),
    ("baseline", "[baseline]\ndram_gib = 0\n"),
    ("constraint", "[[constraint]]\nfigure = \"cost\"\nat_most = 1.0\n"),
    (
        "claim",
        "[[claim]]\nid = \"a\"\nsays = \"b\"\npaper = 1.0\nunit = \"%\"\naccept = [0.0, 1.0]\nmetric = { search = \"evaluations\" }\n",
    ),
    ("scenario", "[[scenario]]\nname = \"a\"\n"),
    ("uncertainty", "[uncertainty]\nresamples = 39\n"),
    ("configuration", "[[configuration]]\nname = \"a\"\nset = {}\n"),
    ("sensitivity", "[sensitivity]\n"),
];

const CASES: &str = "[cases]\ncompare = \"dram_gib\"\n";
const COMPARE: &str = "[compare]\nreach = 0.9\n[[compare.trace]]\nname = \"mine\"\nfile = \"trace.jsonl\"\n[[compare.system]]\nname = \"one\"\n";
const GROUP_TTL: &str = "[group_ttl]\ngroups = 2\nstorage_shares = [0.5]\nwindow = \"10 s\"\nmethods = [\"hull\"]\n[[group_ttl.case]]\nname = \"mine\"\ntrace = { file = \"trace.jsonl\" }\n";

const REUSE: &str = "[reuse]\nblock_tokens = [512]\n[reuse.trace]\nmine = { file = \"trace.jsonl\" }\n";
const TIMELINE: &str = "[timeline]\nrecovery = { hit_ratio_within = 0.05, ttft_at_most_times = 2, windows = 1 }\n[[timeline.load]]\nname = \"mine\"\ntrace = { file = \"trace.jsonl\", window = { from = \"0 s\", length = \"60 s\" } }\nwindows = 6\nsurge = { first = 2, windows = 1, factor = 2 }\n";
const ENGINE_RUN: &str = "[[engine_run]]\nfile = \"run.jsonl\"\n";

/// The first line that a file of this text is refused with; none where it runs.
fn refusal(bench: &Bench, out: &str, text: &str) -> Option<String> {
    bench.write("kind.toml", text);
    let output = bench.run(&["run", "kind.toml", "-o", out]);
    let message = String::from_utf8(output.stderr).expect("text");
    match output.status.code() {
        Some(0) => None,
        Some(2) => message.lines().next().map(str::to_owned),
        code => panic!("ended with {code:?}: {message}"),
    }
}

#[test]
fn tables_of_another_kind_are_refused() {
    let bench = Bench::new();
    let mut messages = String::new();
    let kinds = [("cases", CASES), ("compare", COMPARE), ("group_ttl", GROUP_TTL), ("timeline", TIMELINE)];
    for (mark, kind) in kinds {
        for (name, table) in TABLES {
            let said = refusal(&bench, mark, &format!("{SYSTEM}{kind}{table}"));
            messages += &format!("{mark} with {name}: {}\n", said.as_deref().unwrap_or("runs"));
        }
    }
    // Nothing is simulated, so it has no system either.
    for (name, table) in TABLES.into_iter().chain([("system", SYSTEM)]) {
        let said = refusal(&bench, "reuse", &format!("{REUSE}{table}"));
        messages += &format!("reuse with {name}: {}\n", said.as_deref().unwrap_or("runs"));
    }
    for (name, table) in TABLES.into_iter().chain([("system", SYSTEM)]) {
        let said = refusal(&bench, "engine_run", &format!("{ENGINE_RUN}{table}"));
        messages += &format!("engine_run with {name}: {}\n", said.as_deref().unwrap_or("runs"));
    }
    insta::assert_snapshot!(messages);
}

#[test]
fn a_file_is_of_one_kind() {
    let bench = Bench::new();
    let axes = "[axes]\ndram_gib = [0, 1]\n";
    let both = [(CASES, COMPARE), (CASES, GROUP_TTL), (COMPARE, GROUP_TTL), (CASES, TIMELINE)];
    let mut messages = both
        .map(|(one, other)| {
            refusal(&bench, "out", &format!("{SYSTEM}{axes}{one}{other}"))
                .expect("one of them does not belong")
        })
        .to_vec();
    for other in [CASES, COMPARE, GROUP_TTL] {
        messages.push(
            refusal(&bench, "out", &format!("{ENGINE_RUN}{other}")).expect("a run has its own requests"),
        );
    }
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn what_a_scale_changes_belongs_to_the_kind() {
    let bench = Bench::new();
    let messages = [
        format!("{SYSTEM}{COMPARE}[axes]\ndram_gib = [0, 1]\n[full]\nevaluations = 3\n"),
        format!("{SYSTEM}{GROUP_TTL}[smoke]\naxes = {{ dram_gib = [0] }}\n"),
        format!("{SYSTEM}{CASES}[axes]\ndram_gib = [0, 1]\n[smoke]\nseeds = 2\n"),
        format!("{SYSTEM}{CASES}[axes]\ndram_gib = [0, 1]\n[smoke]\nblock_tokens = [16]\n"),
        format!("{REUSE}[smoke]\nevaluations = 3\n"),
        format!("{SYSTEM}[axes]\ndram_gib = [0, 1]\n[search]\nname = \"full-grid\"\n[smoke]\nruns = 2\n"),
        format!("{ENGINE_RUN}[full]\nwindow = {{ from = \"0 s\", length = \"1 s\" }}\n"),
    ]
    .map(|text| refusal(&bench, "out", &text).expect("it belongs to another kind"));
    insta::assert_snapshot!(messages.join("\n"));
}
