//! Intervals over resamples and other assumptions: counted, kept, the same on any number of threads, and told.

use crate::program::{Bench, EXPERIMENT};

const SEARCH: &str = "[uncertainty]\n[axes]";

fn bench() -> Bench {
    let bench = Bench::new();
    bench.change("[axes]", SEARCH);
    bench
}

fn lines(bench: &Bench, name: &str) -> usize {
    bench.read(&format!("out/experiment/{name}")).lines().count() - 1
}

fn cells(table: &str, row: usize, columns: &[&str]) -> Vec<f64> {
    let mut lines = table.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row: Vec<&str> = lines.nth(row).unwrap().split(',').collect();
    let cell =
        |name: &&str| row[names.iter().position(|known| known == name).expect(name)].parse().expect(name);
    columns.iter().map(cell).collect()
}

#[test]
fn intervals_and_assumptions_are_recorded_and_told() {
    let bench = bench();
    let text = bench.stdout(&["optimize", "experiment.toml", "-o", "out"]);
    assert!(
        text.contains("Another sample of the same users would put the choice's mean TTFT between "),
        "{text}"
    );
    assert!(text.contains("Of 14 other assumptions, `"), "{text}");
    // 39 resamples and 4 links, 2 step times, 2 rates of arrival: of each distinct configuration that is listed.
    let (resamples, assumptions) = (lines(&bench, "resamples.jsonl"), lines(&bench, "assumptions.jsonl"));
    let listed = resamples / 39;
    assert_eq!(resamples, 39 * listed);
    assert!(assumptions == 8 * listed || assumptions == 8 * (listed + 1), "{assumptions} of {listed}");
    let manifest = bench.read("out/experiment/manifest.toml");
    let evaluations = format!(
        "[search.uncertainty]\nresamples = 39\nassumptions = true\nevaluations = {}\n",
        resamples + assumptions
    );
    assert!(manifest.contains(&evaluations), "{manifest}");
    assert!(manifest.contains(&format!("evaluated = {}\n", 4 + resamples + assumptions)), "{manifest}");
    // The baseline is the first row; every figure lies between the ends of what the resamples say, or near them.
    let picks = bench.read("out/experiment/picks.csv");
    for figure in ["ttft_s_mean", "ttft_s_p99", "throughput_tokens_per_s", "cost"] {
        let [low, high] = ["low", "high"].map(|end| format!("{figure}_{end}"));
        let found = cells(&picks, 0, &[figure, &low, &high]);
        assert!(
            found[1] < found[2] && found[0] > 0.5 * found[1] && found[0] < 2.0 * found[2],
            "{figure}: {found:?}"
        );
    }
    // Five rows of 14 assumptions for each configuration; a fifth more users are not fewer tokens.
    let rows = bench.read("out/experiment/assumptions.csv").lines().count() - 1;
    assert_eq!(rows, 14 * assumptions / 8);
    bench.stdout(&["report", "out"]);
    let page = bench.read("out/experiment/index.html");
    assert!(page.contains("Which assumption matters") && page.contains("mean TTFT, 95 %"), "{page}");

    // Again it evaluates nothing; what is cut off is evaluated again, and more resamples are more and no others.
    let files = ["manifest.toml", "picks.csv", "assumptions.csv", "resamples.jsonl", "index.html"];
    let read = || files.map(|name| bench.read(&format!("out/experiment/{name}")));
    let before = read();
    bench.stdout(&["optimize", "experiment.toml", "-o", "out"]);
    assert_eq!(read(), before);
    let path = bench.path("out/experiment/resamples.jsonl");
    std::fs::write(&path, &before[3][..before[3].len() - 10]).unwrap();
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    assert_eq!(bench.read("out/experiment/picks.csv"), before[1]);
    assert!(bench.read("out/experiment/manifest.toml").contains("evaluated = 1\n"));
    bench.change("[axes]", "[uncertainty]\nresamples = 41\n[axes]");
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    assert_eq!(lines(&bench, "resamples.jsonl"), 41 * listed);
}

#[test]
fn the_same_bytes_on_one_thread_and_on_two_and_under_scenarios() {
    let bench = Bench::new();
    let scenarios =
        "[[scenario]]\nname = \"weekday\"\n[[scenario]]\nname = \"sunday\"\nsurge = { factor = 2 }\n";
    bench.change("[axes]", &format!("{scenarios}{SEARCH}"));
    let record = |threads: &str, out: &str| {
        for arguments in [["run", "experiment.toml", "-o", out].as_slice(), &["report", out]] {
            let done = bench.program().args(arguments).env("RAYON_NUM_THREADS", threads).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        }
        ["picks.csv", "assumptions.csv", "regret.csv", "index.html"]
            .map(|name| bench.read(&format!("{out}/experiment/{name}")))
    };
    assert!(record("1", "one") == record("2", "out"));
    let archive = bench.read("out/experiment/resamples.jsonl");
    assert!(archive.contains(r#""key":"resample=39,scenario=sunday,dram_gib="#), "{archive}");
}

#[test]
fn mistakes_in_uncertainty() {
    let bench = Bench::new();
    let complains = |table: &str| {
        bench.change("[axes]", &format!("{table}\n[axes]"));
        bench.mistake(&["run", "experiment.toml", "-o", "out"])
    };
    let message = complains("[uncertainty]\nresamples = 20");
    assert!(message.contains("resamples is 20; allowed: 39 to 199"), "{message}");
    assert!(complains("[uncertainty]\nresample = 39").contains("unknown field `resample`"));
    let cases = EXPERIMENT.split("[baseline]").next().unwrap().replace("[axes]", "[uncertainty]\n[axes]");
    bench.write("experiment.toml", cases + "[cases]\ncompare = \"dram_gib\"\n");
    let message = bench.mistake(&["run", "experiment.toml", "-o", "out"]);
    assert!(message.contains("`[uncertainty]` belongs to a search"), "{message}");
}
