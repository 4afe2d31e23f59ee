//! Searches compared on grids that are simulated once, and archives of two machines merged.

use crate::program::{Bench, EXPERIMENT};

/// The bench's system on its trace and on one that is not there, with one and two instances.
fn bench() -> Bench {
    let bench = Bench::new();
    let system = &EXPERIMENT[EXPERIMENT.find("[system]").unwrap()..EXPERIMENT.find("[axes]").unwrap()];
    let compare = r#"
question = "Which search is quickest?"
seed = 1
[axes]
dram_gib = [0, 4, 8, 16, 64, 1024]
disk_lease_s = [0, 10, 30]
[compare]
reach = 0.995
seeds = 3
searches = ["kareto", "kareto-plus", "random"]
[[compare.trace]]
name = "mine"
file = "trace.jsonl"
[[compare.trace]]
name = "theirs"
file = "nowhere.jsonl"
may_be_absent = true
[[compare.system]]
name = "one"
[[compare.system]]
name = "two"
set = { instances = 2 }
"#;
    let (head, rest) = compare.split_once("[axes]").unwrap();
    bench.write("searches.toml", format!("{head}{system}[axes]{rest}"));
    bench
}

#[test]
fn searches_are_replayed_against_grids_that_are_simulated_once() {
    let bench = bench();
    bench.stdout(&["run", "searches.toml", "-o", "out"]);
    let table = bench.read("out/searches/searches.csv");
    // A row for each search in each of two cases; the searches that do not draw have one seed.
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let told: Vec<[&str; 4]> = rows.iter().map(|row| [row[1], row[2], row[3], row[4]]).collect();
    assert_eq!(
        told[..3],
        [["one", "kareto", "18", "1"], ["one", "kareto-plus", "18", "1"], ["one", "random", "18", "3"]]
    );
    assert_eq!(told.len(), 6);
    // Drawn without replacement, every point comes: random always gets there.
    assert!(rows.iter().filter(|row| row[2] == "random").all(|row| row[5] == "3"), "{table}");
    assert_eq!(bench.read("out/searches/mine-two.jsonl").lines().count(), 1 + 18);
    let manifest = bench.read("out/searches/manifest.toml");
    assert!(manifest.contains("absent = [\"theirs\"]") && manifest.contains("evaluated = 36"), "{manifest}");

    // Again it simulates nothing, and gives the same bytes.
    let files = ["searches.csv", "curves.csv", "manifest.toml", "mine-one.jsonl"];
    let read = || files.map(|name| bench.read(&format!("out/searches/{name}")));
    let before = read();
    bench.stdout(&["run", "searches.toml", "-o", "out"]);
    assert_eq!(read(), before);

    bench.stdout(&["report", "out"]);
    let page = bench.read("out/searches/index.html");
    assert!(page.contains("Which search is quickest?") && page.contains("kareto-plus"));
    assert!(bench.read("out/index.html").contains("searches/index.html"));
    assert!(bench.read("out/searches/curves-mine-one.svg").starts_with("<svg"));
    bench.stdout(&["report", "out/searches"]);
}

#[test]
fn mistakes_in_a_comparison() {
    let bench = bench();
    let text = bench.read("searches.toml");
    let complains = |from: &str, to: &str| {
        bench.write("searches.toml", text.replacen(from, to, 1));
        bench.mistake(&["run", "searches.toml", "-o", "out"])
    };
    assert!(
        complains("\"random\"", "\"annealing\"")
            .contains("allowed: algorithm-1, kareto, kareto-plus, random")
    );
    assert!(complains("reach = 0.995", "reach = 2.0").contains("allowed: a share above 0, up to 1"));
    assert!(complains("name = \"mine\"", "name = \"my trace\"").contains("lower-case letters"));
    assert!(complains("may_be_absent = true", "may_be_absent = false").contains("nowhere.jsonl"));
    assert!(complains("instances = 2", "instances = 0").contains("allowed: a whole number from 1"));
    bench.write("searches.toml", &text);
    assert!(bench.mistake(&["optimize", "searches.toml", "-o", "out"]).contains("kareto run"));
}

/// Two machines evaluate half of an experiment each; merged, a run has nothing left to do. Where the files lie does
/// not matter.
#[test]
fn archives_of_two_machines_become_one() {
    let bench = Bench::new();
    bench.change("[axes]", "[search]\nname = \"random\"\nevaluations = 2\n\n[axes]");
    bench.stdout(&["run", "experiment.toml", "-o", "a"]);
    bench.change("[axes]", "[axes]");
    std::fs::create_dir(bench.path("elsewhere")).unwrap();
    for file in ["experiment.toml", "trace.jsonl"] {
        std::fs::rename(bench.path(file), bench.path("elsewhere").join(file)).unwrap();
    }
    bench.stdout(&["run", "elsewhere/experiment.toml", "-o", "b"]);
    std::fs::create_dir_all(bench.path("c/experiment")).unwrap();
    let archive = |folder: &str| format!("{folder}/experiment/archive.jsonl");
    let (a, b, c) = (archive("a"), archive("b"), archive("c"));
    bench.stdout(&["merge", &a, &b, "-o", &c]);
    assert_eq!(bench.read(&c).lines().count(), 1 + 4);
    bench.stdout(&["run", "elsewhere/experiment.toml", "-o", "c"]);
    assert!(bench.read("c/experiment/manifest.toml").contains("evaluated = 0\nreused = 4\n"));

    // Another system's archive is refused, and the output stays as it was.
    let merged = bench.read(&c);
    bench.write("other.jsonl", bench.read(&b).replacen("\"fingerprint\":\"", "\"fingerprint\":\"0", 1));
    let message = bench.mistake(&["merge", &a, "other.jsonl", "-o", &c]);
    assert!(message.contains("is of another experiment"), "{message}");
    assert_eq!(bench.read(&c), merged);
    bench.mistake(&["merge", &a, "-o", &c]);
}

#[test]
fn a_comparison_is_a_row_among_the_experiments() {
    let bench = bench();
    bench.stdout(&["run", "experiment.toml", "searches.toml", "-o", "out"]);
    bench.stdout(&["report", "out"]);
    let page = bench.read("out/index.html");
    let table = &page[page.find("<h2>All experiments").expect("the section")..];
    let table = &table[..table.find("</table>").expect("a table")];
    for cell in ["experiment", "full-grid", "searches", "comparison", "mine", "36"] {
        assert!(table.contains(&format!(">{cell}<")), "{cell} is not in {table}");
    }
}

#[test]
fn experiments_of_any_kinds_have_distinct_names() {
    let bench = bench();
    std::fs::create_dir(bench.path("other")).expect("a folder");
    bench.write("other/experiment.toml", bench.read("searches.toml"));
    insta::assert_snapshot!(bench.mistake(&["run", "experiment.toml", "other/experiment.toml", "-o", "out"]));
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    insta::assert_snapshot!(bench.mistake(&["run", "other/experiment.toml", "-o", "out"]));
}
