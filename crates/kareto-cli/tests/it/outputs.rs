//! Outputs never destroy: what is no regular file is written through, and a program that is stopped leaves nothing.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::program::{Bench, trace};

const SYNTH: [&str; 6] = ["trace", "synth", "chat", "--seed", "7", "-o"];

fn synth(output: &str) -> Vec<&str> {
    [&SYNTH, [output].as_slice()].concat()
}

#[test]
fn the_same_bytes_go_to_a_file_a_descriptor_a_pipe_and_a_link() {
    let bench = Bench::new();
    bench.stdout(&synth("whole.jsonl"));
    let whole = bench.read("whole.jsonl");

    assert!(bench.stdout(&synth("/dev/stdout")).starts_with(&whole), "a pipe behind standard output");
    let file = fs::File::create(bench.path("redirected")).unwrap();
    let ended = bench.program().args(synth("/dev/stdout")).stdout(file).status().unwrap();
    assert!(ended.success() && bench.read("redirected").starts_with(&whole));
    bench.stdout(&synth("/dev/null"));
    assert!(fs::symlink_metadata("/dev/null").unwrap().file_type().is_char_device());

    assert!(Command::new("mkfifo").arg(bench.path("pipe")).status().unwrap().success());
    let pipe = bench.path("pipe");
    let reader = std::thread::spawn(move || fs::read_to_string(pipe).unwrap());
    bench.stdout(&synth("pipe"));
    assert_eq!(reader.join().unwrap(), whole);

    bench.write("target", "what was there");
    symlink("target", bench.path("link")).unwrap();
    bench.stdout(&synth("link"));
    assert!(fs::symlink_metadata(bench.path("link")).unwrap().is_symlink());
    assert_eq!(bench.read("target"), whole);
}

/// Of one run: its events and its requests through links, and through standard output.
#[test]
fn what_one_run_did_goes_through_links() {
    let bench = Bench::new();
    let run = |events: &str, requests: &str| {
        bench.stdout(&["simulate", "experiment.toml", "--trace-events", events, "--requests", requests])
    };
    run("events.json", "requests.parquet");
    for name in ["events", "requests"] {
        symlink(format!("{name}-target"), bench.path(&format!("{name}-link"))).unwrap();
    }
    run("events-link", "requests-link");
    for (name, whole) in [("events", "events.json"), ("requests", "requests.parquet")] {
        let link = bench.path(&format!("{name}-link"));
        assert!(fs::symlink_metadata(link).unwrap().is_symlink());
        let target = fs::read(bench.path(&format!("{name}-target"))).unwrap();
        assert!(target == fs::read(bench.path(whole)).unwrap(), "{name}");
    }
    assert!(run("/dev/stdout", "/dev/null").starts_with(&bench.read("events.json")));
}

#[test]
fn a_run_that_is_stopped_leaves_nothing_behind() {
    let bench = Bench::new();
    bench.write("trace.jsonl", trace(20_000));
    bench.write("events.json", "what was there");
    let names = || {
        let mut names: Vec<_> =
            fs::read_dir(bench.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    for (name, signal) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        let mut program = bench.program();
        program.args(["simulate", "experiment.toml", "--trace-events", "events.json"]);
        let mut child = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        for waited_ms in 0.. {
            assert!(waited_ms < 120_000, "no file was begun");
            if names() != before {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let killed = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
        let ended = child.wait().unwrap();
        assert!(killed.success() && ended.signal() == Some(signal), "{name}: {ended}");
        assert_eq!(names(), before, "{name}");
        assert_eq!(bench.read("events.json"), "what was there");
    }
}

#[test]
fn a_full_disk_and_a_folder_are_named() {
    let bench = Bench::new();
    let refused = |output: &str| {
        let output = bench.run(&synth(output));
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = refused(".");
    assert!(code == Some(2) && said.contains("name a file"), "{said}");
    if fs::exists("/dev/full").unwrap() {
        let (code, said) = refused("/dev/full");
        assert!(code == Some(1) && said.contains("/dev/full"), "{said}");
    }
}

/// A table of requests is Parquet, whatever a name says.
#[test]
fn parquet_is_not_written_under_the_name_of_another_format() {
    let bench = Bench::new();
    let output = bench.run(&["simulate", "experiment.toml", "--requests", "requests.csv"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && output.stdout.is_empty(), "{said}");
    assert!(said.contains("requests.csv") && said.contains("`.parquet`"), "{said}");
    assert!(!bench.path("requests.csv").exists());
}

/// An archive may lie behind a link, also one to a file that is not there yet; merging takes its lock.
#[test]
fn an_archive_behind_a_link_is_merged_into() {
    let bench = Bench::new();
    bench.stdout(&["run", "experiment.toml", "-o", "out"]);
    let archive = "out/experiment/archive.jsonl";
    symlink("merged.jsonl", bench.path("link")).unwrap();
    bench.stdout(&["merge", archive, archive, "-o", "link"]);
    assert!(fs::symlink_metadata(bench.path("link")).unwrap().is_symlink());
    assert_eq!(bench.archived("merged.jsonl").len(), 4);
    let text = bench.stdout(&["merge", archive, "link", "-o", "/dev/stdout"]);
    assert_eq!(text, bench.read("merged.jsonl"));

    let held = fs::OpenOptions::new().write(true).open(bench.path("merged.jsonl")).unwrap();
    held.lock().unwrap();
    let output = bench.run(&["merge", archive, archive, "-o", "link"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("is in use by another process"), "{said}");
    assert_eq!(text, bench.read("merged.jsonl"));
}
