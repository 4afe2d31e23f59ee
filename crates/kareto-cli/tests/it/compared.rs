//! Cases as surfaces over two axes, and cases beside one of them.

use crate::program::{Bench, EXPERIMENT};

/// Three sizes of DRAM and three leases of a disk, with tables that are put in place of `[cases]`.
fn bench(cases: &str, more: &str) -> Bench {
    let bench = Bench::new();
    let system = EXPERIMENT.split("[axes]").next().expect("a system");
    let axes = "\n[axes]\ndisk_lease_s = [0, 10, 20]\ndram_gib = [0, 1, 2]\n";
    bench
        .write("cases.toml", format!("{system}{axes}\n[cases]\ncompare = \"disk_lease_s\"\n{cases}\n{more}"));
    bench
}

const RUN: [&str; 4] = ["run", "cases.toml", "-o", "out"];
const SURFACES: &str = "along = \"dram_gib\"\nsurfaces = [\"ttft_s_mean\", \"cost\"]\n";
const AGAINST: &str = "along = \"dram_gib\"\nagainst = \"0\"\n";
const CLAIM: &str = "[[claim]]\nid = \"queued\"\nsays = \"only where requests queue\"\npaper = 100.0\nunit = \"%\"\n\
                     accept = [95.0, 100.0]\nmetric = { against = \"queue-longer-where-faster\" }\n";

fn first_line(message: &str) -> String {
    message.lines().next().expect("a message").to_owned()
}

#[test]
fn a_surface_is_a_row_and_a_map() {
    let bench = bench(SURFACES, "");
    bench.stdout(&RUN);
    let table = bench.read("out/cases/surfaces.csv");
    let lines: Vec<&str> = table.lines().collect();
    let head =
        "figure,interaction_percent,interaction_log_percent,dram_gib_change_percent_at_first_disk_lease_s,";
    assert!(lines[0].starts_with(head) && lines.len() == 3, "{table}");
    assert!(lines[1].starts_with("ttft_s_mean,") && lines[2].starts_with("cost,"), "{table}");
    bench.stdout(&["report", "out"]);
    let page = bench.read("out/cases/index.html");
    assert!(page.contains("are coupled in"), "{page}");
    assert!(bench.read("out/cases/surface-2.svg").starts_with("<svg"));
}

/// Three of nine cases have no disk; each of the others is beside the one with the same DRAM.
#[test]
fn each_case_is_beside_the_one_without_disk() {
    let bench = bench(AGAINST, CLAIM);
    bench.stdout(&RUN);
    let mut cases = csv::Reader::from_path(bench.path("out/cases/cases.csv")).unwrap();
    let column = cases.headers().unwrap().iter().position(|name| name == "ttft_s_mean").unwrap();
    let ttft: Vec<(String, String, f64)> = cases
        .records()
        .map(|row| row.unwrap())
        .map(|row| (row[0].to_owned(), row[1].to_owned(), row[column].parse().unwrap()))
        .collect();
    let mut against = csv::Reader::from_path(bench.path("out/cases/against.csv")).unwrap();
    let mut rows = 0;
    for row in against.records().map(|row| row.unwrap()) {
        let of = |lease: &str| ttft.iter().find(|it| it.0 == lease && it.1 == row[1]).expect("a case").2;
        let percent = 100.0 * (of("0") - of(&row[0])) / of("0");
        assert!((row[2].parse::<f64>().unwrap() - percent).abs() < 1e-9, "{row:?}");
        assert_eq!(&row[7] == "faster", percent >= 1.0, "{row:?}");
        rows += 1;
    }
    assert_eq!(rows, 6);
    bench.stdout(&["report", "out"]);
    assert!(bench.read("out/cases/index.html").contains("Queueing against reading"));
}

/// A block has 512 tokens of 64 layers * 8 heads * 128 * 2 (keys and values) * 2 B = 256 KiB: 128 MiB. PL1 moves
/// min(120 + 0.5 * GiB, 350) MB/s.
#[test]
fn the_reading_time_is_of_what_was_read_and_bought() {
    let bench = bench(AGAINST, "");
    // With so little HBM for KV, blocks come back from the tiers.
    let text = bench.read("cases.toml").replace("prices =", "hbm_utilisation = 0.24\nprices =");
    bench.write("cases.toml", text);
    bench.stdout(&RUN);
    let mut cases = csv::Reader::from_path(bench.path("out/cases/cases.csv")).unwrap();
    let header = cases.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|known| known == name).expect("a column");
    let figure = |row: &csv::StringRecord, name: &str| row[place(name)].parse::<f64>().unwrap();
    let cases: Vec<csv::StringRecord> = cases.records().map(|row| row.unwrap()).collect();
    let mut against = csv::Reader::from_path(bench.path("out/cases/against.csv")).unwrap();
    let mut read = 0;
    for row in against.records().map(|row| row.unwrap()) {
        let case = cases.iter().find(|case| case[0] == row[0] && case[1] == row[1]).expect("a case");
        // Without DRAM the disk is the first tier, and nothing is below it.
        let blocks = if &row[1] == "0" { 0.0 } else { figure(case, "read_blocks_disk") };
        let bytes_per_s = (120e6 + 0.5e6 * figure(case, "bought_gib_disk")).min(350e6);
        let expected = blocks * f64::from(128 << 20) / bytes_per_s / 60.0;
        let found: f64 = row[5].parse().unwrap();
        assert!((found - expected).abs() <= 1e-6 * expected, "{found}, not {expected}: {row:?}");
        read += usize::from(found > 0.0);
    }
    assert!(read > 0, "no case reads its disk");
}

#[test]
fn mistakes() {
    let claim_of_nothing = "along = \"dram_gib\"\n";
    let changes = [
        (SURFACES.replace("\"cost\"", "\"costs\""), String::new()),
        (SURFACES.replace("along = \"dram_gib\"\n", ""), String::new()),
        (format!("{SURFACES}against = \"0\"\n"), String::new()),
        (AGAINST.replace("\"0\"", "\"5\""), String::new()),
        (claim_of_nothing.to_owned(), CLAIM.to_owned()),
        (AGAINST.to_owned(), CLAIM.replace("queue-longer-where-faster", "always")),
    ];
    let mut messages = Vec::new();
    for (cases, more) in changes {
        messages.push(first_line(&bench(&cases, &more).mistake(&RUN)));
    }
    // Uneven steps have no bends to compare.
    let uneven = bench(SURFACES, "");
    uneven.write("cases.toml", uneven.read("cases.toml").replace("[0, 10, 20]", "[0, 10, 30]"));
    messages.push(first_line(&uneven.mistake(&RUN)));
    insta::assert_snapshot!(messages.join("\n"));
}
