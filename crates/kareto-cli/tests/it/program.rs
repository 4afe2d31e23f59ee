//! The binary, run in a folder of its own with small files in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A deployment with one tier below HBM, as text that `concat!` takes.
macro_rules! system {
    () => {
        r#"
[system]
model = "qwen3-32b"
gpu = "h100-sxm"
tensor_parallel = 4
prices = "alibaba-cny"

[[system.tier]]
name = "dram"
medium = "dram"
"#
    };
}
pub(crate) use system;

/// An experiment of 4 points on `trace.jsonl`, both beside each other.
pub(crate) const EXPERIMENT: &str = concat!(
    r#"
question = "Does it run?"
analysis = "It does."

[trace]
file = "trace.jsonl"
"#,
    system!(),
    r#"
[[system.tier]]
name = "disk"
medium = "essd-pl1"

[axes]
dram_gib = [0, 1024]
disk_lease_s = [0, 30]

[baseline]
dram_gib = 1024
disk_lease_s = 0

[[claim]]
id = "ttft"
says = "TTFT halves"
paper = 50.0
unit = "%"
accept = [40.0, 60.0]
metric = { best-improvement = "ttft_s_mean" }
"#
);

/// A folder with `experiment.toml` and `trace.jsonl`.
pub(crate) struct Bench {
    folder: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().expect("a folder for temporary files") };
        bench.write("experiment.toml", EXPERIMENT);
        bench.write("trace.jsonl", trace(60));
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).expect("a file in the folder");
    }

    /// Writes `experiment.toml` with a change; `from` must be in it.
    pub(crate) fn change(&self, from: &str, to: &str) {
        assert!(EXPERIMENT.contains(from), "{from}");
        self.write("experiment.toml", EXPERIMENT.replacen(from, to, 1));
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The program in this folder, without a terminal's colours and frames.
    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kareto"));
        command.current_dir(self.folder.path()).env("NO_COLOR", "1").env("NO_GRAPHICS", "1");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.program().args(arguments).output().expect("the program starts")
    }

    /// Standard output of a run that must succeed.
    pub(crate) fn stdout(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?} ended with {}: {stderr}", output.status);
        String::from_utf8(output.stdout).expect("text")
    }

    /// Whole lines of an archive, without its first; none while there is no archive.
    pub(crate) fn archived(&self, name: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.path(name)).unwrap_or_default();
        text.split_inclusive('\n').skip(1).filter(|line| line.ends_with('\n')).map(str::to_owned).collect()
    }

    /// Runs an experiment into `out` on one thread, and kills it when something is so.
    pub(crate) fn killed_when(&self, experiment: &str, enough: impl Fn() -> bool) {
        let mut program = self.program();
        program.args(["run", experiment, "-o", "out"]).env("RAYON_NUM_THREADS", "1").stderr(Stdio::null());
        let mut child = program.spawn().expect("it starts");
        for waited_ms in 0.. {
            assert!(waited_ms < 120_000, "nothing was evaluated");
            if enough() {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().expect("SIGKILL");
        let ended = child.wait().expect("it ends");
        assert!(!ended.success(), "it was faster than the kill; make the trace longer");
    }

    /// Standard error of a run that must end with exit code 2, print nothing else and leave no new file.
    pub(crate) fn mistake(&self, arguments: &[&str]) -> String {
        let before = files(self.folder.path());
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?} printed before it failed");
        assert_eq!(files(self.folder.path()), before, "{arguments:?} left something behind");
        String::from_utf8(output.stderr).expect("text")
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = entries.collect();
    files.sort();
    files
}

/// A trace of conversations of three turns, 20 of them at a time, each turn two blocks longer than the one before.
pub(crate) fn trace(requests: u32) -> String {
    let line = |i: u32| {
        let (session, turn) = (i % 20 + 20 * (i / 60), i / 20 % 3);
        let blocks = 4 + 2 * turn;
        let ids: Vec<u32> = (0..blocks).map(|block| 1000 * session + block).collect();
        format!(
            r#"{{"timestamp": {}, "input_length": {}, "output_length": 100, "hash_ids": {ids:?}}}"#,
            400 * i,
            512 * blocks,
        ) + "\n"
    };
    (0..requests).map(line).collect()
}
