//! `kareto validate hardware` as a user runs it, on a machine without a GPU. The figures are the machine's; only what must
//! hold on every machine is checked.

use hardware::fit::Fits;
use hardware::medium::{Origin, disk_text, host_link_text};
use hardware::{Measurement, Memory, Method, Op, Point};
use serde_json::Value;

use crate::program::Bench;

fn folder_is_empty(bench: &Bench, name: &str) -> bool {
    std::fs::read_dir(bench.path(name)).expect("the folder").next().is_none()
}

fn part<'a>(report: &'a Value, name: &str) -> &'a Value {
    let parts = report["parts"].as_array().expect("parts");
    parts.iter().find(|part| part["part"] == name).expect("the part")
}

#[test]
fn memory_and_a_disk_are_measured_and_what_is_missing_is_absent() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("disk")).expect("a folder");
    let text = bench.stdout(&["validate", "hardware", "--quick", "--dir", "disk", "--json", "-o", "out"]);
    let report: Value = serde_json::from_str(&text).expect("one JSON object");
    assert_eq!(text, bench.read("out/report.json"));
    assert_eq!(part(&report, "host_memory")["state"]["is"], "measured");
    assert_eq!(part(&report, "disk")["state"]["is"], "measured");
    assert_eq!(part(&report, "gpu")["state"]["is"], "absent");
    assert!(report["machine"]["cores"].as_u64().expect("a number") >= 1);
    assert!(report["date"].as_str().expect("a text").ends_with(" UTC"));
    let lines = bench.read("out/measurements.csv").lines().count();
    let measured: usize = ["host_memory", "disk"]
        .map(|name| part(&report, name)["measurements"].as_array().expect("a list").len())
        .iter()
        .sum();
    assert_eq!(lines, measured + 1);
    let page = bench.read("out/index.html");
    assert!(page.contains("GPU absent: ") && page.contains("<svg"), "the page says what is absent");
    assert!(folder_is_empty(&bench, "disk"), "the scratch file is gone");
}

#[test]
fn without_a_folder_no_disk_is_measured() {
    let bench = Bench::new();
    let text = bench.stdout(&["validate", "hardware", "--quick", "-o", "out", "--medium-name", "box"]);
    assert!(text.contains("disk         absent: no folder was named (--dir)"), "{text}");
    assert!(!bench.path("out/box-disk.toml").exists());
}

#[test]
fn mistakes_are_told_before_anything_is_measured() {
    let bench = Bench::new();
    bench.write("file", "");
    let hardware = |more: &[&str]| bench.mistake(&[&["validate", "hardware", "-o", "out"], more].concat());
    assert!(hardware(&["--dir", "nowhere"]).contains("nowhere: No such file or directory"));
    assert!(hardware(&["--dir", "file"]).contains("file: it is no folder"));
    assert!(hardware(&["--dir", ".", "--file-size", "3 MB"]).contains("allowed: whole MiB, 4 MiB to 1 TiB"));
    assert!(hardware(&["--dir", ".", "--file-size", "many"]).contains("--file-size: `many` is not a size"));
    assert!(hardware(&["--file-size", "4 MiB"]).contains("--dir"));
    assert!(hardware(&["--medium-name", "../x"]).contains("lower-case letters, digits"));
    assert!(hardware(&["--gpu", "-1"]).contains("0..=1023"));
    assert!(bench.mistake(&["validate", "hardware"]).contains("--out <DIR>"));
    let taken = bench.mistake(&["validate", "hardware", "-o", "file"]);
    assert!(taken.contains("--out file"), "{taken}");
}

#[test]
fn help_has_examples() {
    let text = Bench::new().stdout(&["validate", "hardware", "--help"]);
    assert!(text.contains("Examples:\n  kareto validate hardware -o out/machine"), "{text}");
}

fn measurement(op: Op, method: Method, fragment_bytes: u64, total_bytes: u64, seconds: f64) -> Measurement {
    let memory = if matches!(op, Op::DiskRead | Op::DiskWrite) { Memory::Direct } else { Memory::Pinned };
    let point = Point { op, memory, method, lanes: 1, fragment_bytes, total_bytes };
    Measurement {
        point,
        seconds_median: seconds,
        seconds_min: seconds,
        spread: 0.0,
        repeats: 1,
        noisy: false,
    }
}

/// A link that moves 20 GB/s to the GPU and 10 GB/s from it, and half of both in fragments of 40 KiB; a disk that reads and
/// writes 1 GB/s.
fn made_up() -> Fits {
    let mut measured = Vec::new();
    for (op, rate) in [(Op::HostToDevice, 20e9), (Op::DeviceToHost, 10e9)] {
        for size in [1_u64 << 12, 1 << 20, 1 << 28] {
            measured.push(measurement(op, Method::OneCopy, size, size, 10e-6 + size as f64 / rate));
        }
        let total = 40_960_000_u64;
        measured.push(measurement(op, Method::Batched, 40 << 10, total, 10e-6 + total as f64 / (rate / 2.0)));
    }
    for op in [Op::DiskRead, Op::DiskWrite] {
        for size in [1_u64 << 14, 1 << 20] {
            let seconds = 64.0 * (100e-6 + size as f64 / 1e9);
            measured.push(measurement(op, Method::IoUring, size, 64 * size, seconds));
        }
    }
    Fits::of(&measured)
}

#[test]
fn measured_media_are_loaded_and_have_a_price() {
    let bench = Bench::new();
    let origin = |name: &str, priced_as: &str| Origin {
        name: name.to_owned(),
        title: "Made \"up\"".to_owned(),
        source: "a test".to_owned(),
        date: "2026-11-27".to_owned(),
        priced_as: priced_as.to_owned(),
    };
    let fits = made_up();
    let link = host_link_text(&origin("box", "dram"), &fits.host_link.expect("a link"));
    let disk = disk_text(&origin("box-disk", "nvme"), &fits.disk.expect("a disk"));
    assert!(
        link.contains("bandwidth = \"10.00 GB/s\" },") && link.contains("latency = \"10.00 us\""),
        "{link}"
    );
    bench.write("box.toml", link);
    bench.write("box-disk.toml", disk);
    bench.change("medium = \"dram\"", "medium = \"./box.toml\"\nsize = \"64 GiB\"");
    let text = bench.read("experiment.toml").replace("essd-pl1", "./box-disk.toml");
    // Fragments of 40 KiB: each of four GPUs loads at 10 GB/s.
    bench.write("experiment.toml", text.replace("prices =", "fragment = \"40 KiB\"\nprices ="));
    let set = ["--set", "dram_gib=64", "--set", "disk_lease_s=30"];
    let run = bench.stdout(&[&["simulate", "experiment.toml", "--json"], &set[..]].concat());
    let run: Value = serde_json::from_str(&run).expect("one JSON object");
    assert!(run["cost"]["parts"]["dram"].as_f64().expect("a price") > 0.0, "it has a price");
    assert!(run["cost"]["parts"]["disk"].as_f64().expect("a price") > 0.0, "it has a price");
}
