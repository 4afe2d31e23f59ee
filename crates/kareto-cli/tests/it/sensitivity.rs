//! `[sensitivity]`: counted, kept, the same on any number of threads, told, and its mistakes.

use crate::program::{Bench, trace};

const SENSITIVITY: &str = "[[constraint]]\nfigure = \"ttft_s_mean\"\nat_most = 100.0\n\
                           [sensitivity]\namong = \"all\"\nprices = { dram = [5] }\n[axes]";

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("trace.jsonl", trace(60));
    bench.change("[axes]", SENSITIVITY);
    bench
}

/// The files of a record and its page that must not depend on the number of threads.
fn record(bench: &Bench, threads: &str, out: &str) -> [String; 5] {
    for arguments in [["run", "experiment.toml", "-o", out].as_slice(), &["report", out]] {
        let done = bench.program().args(arguments).env("RAYON_NUM_THREADS", threads).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    ["sensitivity.csv", "break-even.csv", "index.html", "sensitivity-cost.svg", "sensitivity-ttft.svg"]
        .map(|name| bench.read(&format!("{out}/experiment/{name}")))
}

/// The cell of a row that begins with these cells.
fn cell(table: &str, row: &str, column: &str) -> String {
    let mut lines = csv::Reader::from_reader(table.as_bytes());
    let place = lines.headers().unwrap().iter().position(|name| name == column).expect(column);
    let found = lines
        .records()
        .map(Result::unwrap)
        .find(|it| it.iter().collect::<Vec<_>>().join(",").starts_with(row));
    found.expect(row)[place].to_owned()
}

#[test]
fn every_price_and_parameter_is_varied_and_told() {
    let bench = bench();
    let text = bench.stdout(&["optimize", "experiment.toml", "-o", "out"]);
    assert!(text.contains("12 prices and parameters, each varied alone"), "{text}");
    let [rows, prices, page, cost, ttft] = record(&bench, "2", "out");
    // Nine parameters of the simulation at two factors for four configurations.
    assert_eq!(bench.read("out/experiment/sensitivity.jsonl").lines().count(), 1 + 9 * 2 * 4);
    // Those, three prices at two factors, and DRAM at a third.
    assert_eq!(rows.lines().count(), 1 + 9 * 2 + 3 * 2 + 1);
    // A cost is linear in a price: with every price doubled it is twice the cost.
    let of = |row: &str| cell(&rows, row, "cost").parse::<f64>().unwrap();
    let whole = ["gpu", "dram", "disk"].map(|part| of(&format!("{part}-price,2.0,")));
    let halves = ["gpu", "dram", "disk"].map(|part| of(&format!("{part}-price,0.5,")));
    let least = halves.iter().zip(whole).map(|(half, whole)| (whole - half) / 1.5).sum::<f64>();
    let own = whole[0] - (whole[0] - halves[0]) / 1.5;
    assert!((least - own).abs() < 1e-9 * own, "{least} {own}");
    assert_eq!(cell(&rows, "dram-price,5.0,", "evaluations"), "0");
    assert_eq!(cell(&rows, "rate,2.0,", "evaluations"), "4");
    // One configuration is the best in everything, so nothing breaks even.
    assert_eq!(prices, "between,part,from,to,price_factor\n");
    assert!(page.contains("What the choice hangs on") && page.contains("72 evaluations in all"));
    assert!(cost.starts_with("<svg") && ttft.contains("dram-bandwidth"));
    let manifest = bench.read("out/experiment/manifest.toml");
    assert!(
        manifest.contains("[search.sensitivity]\namong = \"all\"\nconfigurations = 4\nevaluations = 72\n"),
        "{manifest}"
    );

    // Again it evaluates nothing, and one thread gives the same bytes.
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    assert_eq!(bench.read("out/experiment/manifest.toml"), manifest);
    assert!(record(&bench, "1", "other") == [rows, prices, page, cost, ttft]);
}

#[test]
fn the_front_alone_and_scenarios_and_the_knee() {
    let bench = Bench::new();
    bench.change("[axes]", "[[scenario]]\nname = \"weekday\"\n[[scenario]]\nname = \"sunday\"\nsurge = { factor = 2 }\n[sensitivity]\n[axes]");
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    bench.stdout(&["report", "out"]);
    let archive = bench.read("out/experiment/sensitivity.jsonl");
    assert!(archive.contains(r#""key":"parameter=rate-x2,scenario=sunday,dram_gib="#), "{archive}");
    // The knee is no cheapest configuration: no exact price is told.
    assert!(!bench.read("out/experiment/break-even.csv").contains("the choice and what replaces it"));
}

#[test]
fn mistakes_in_sensitivity() {
    let bench = Bench::new();
    let complains = |table: &str| {
        bench.change("[axes]", &format!("[sensitivity]\n{table}\n[axes]"));
        let message = bench.mistake(&["run", "experiment.toml", "-o", "out"]);
        message.lines().next().unwrap_or_default().trim().to_owned()
    };
    let messages = [
        complains("factors = [2, 4]"),
        complains("factors = [0.5, 1, 2]"),
        complains("factors = []"),
        complains("factors = [0.5, 2, 2]"),
        complains("factors = [0, 2]"),
        complains("factors = [0.5, nan]"),
        complains("among = \"some\""),
        complains("prices = { nvme = [2] }"),
        complains("prices = { dram = [-1] }"),
        complains("factor = 2"),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}
