//! Whole deployment and experiment files: the files of this repository with some values, lines and bytes changed.
//!
//! A file that is taken is also simulated, on a trace of four short requests.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use deployment::Source;
use experiment::{Experiment, Registries, Scale, Single, TraceFile};
use trace_synth::read::ReadOptions;

use super::{Dice, NUMBERS, TEXTS, inputs, none_panics};

/// A file with one of everything that a deployment can have.
const RICH: &str = r#"
question = "q"
analysis = "a"
seed = 3
[trace]
file = "tiny.jsonl"
window = { from = "0 s", length = "600 s" }
rate = 2.0
spread_ties = true
[system]
model = "qwen3-32b"
gpu = "h100-sxm"
tensor_parallel = 4
prices = "alibaba-cny"
instances = 2
router = "cache-aware"
scheduler = "vllm-v1"
pipelining = "synchronous"
max_batched_tokens = 4096
max_seqs = 64
hbm_utilisation = 0.9
hbm_overhead_per_gpu = "2 GiB"
fragment = "1 MiB"
load_decision = "load-or-recompute"
generated = "anonymous"
[[system.tier]]
name = "dram"
medium = "dram"
size = "64 GiB"
eviction = { policy = "s3-fifo", promote_hits = 1 }
lease = { policy = "fixed", ttl_s = 600 }
write = "selective"
write_backlog = "1 s"
contents = "prompt"
load = "layerwise"
sharing = "fair"
[[system.tier]]
name = "disk"
medium = "essd-pl1"
size = "peak-held"
scope = "cluster"
prefetch = { start = "enqueue", min_tokens = 256, stop = "timeout", timeout_base = "1 s", timeout_per_token = "1 ms" }
[axes]
dram_gib = { from = 0, to = 1024, step = 256 }
disk_lease_s = [0, 30, 600]
[search]
name = "kareto"
evaluations = 7
[baseline]
dram_gib = 0
disk_lease_s = 0
[[constraint]]
figure = "ttft_s_p99"
at_most = 3.5
[[scenario]]
name = "now"
weight = 1.0
[[scenario]]
name = "more"
weight = 2.0
rate = 2.0
[uncertainty]
resamples = 39
[[claim]]
id = "ttft"
says = "TTFT halves"
paper = 50.0
unit = "%"
accept = [40.0, 60.0]
metric = { best-improvement = "ttft_s_mean" }
[smoke]
evaluations = 3
window = { from = "0 s", length = "1 s" }
"#;

const TINY: &str = r#"{"timestamp": 0, "input_length": 1000, "output_length": 3, "hash_ids": [1, 2]}
{"timestamp": 10, "input_length": 1000, "output_length": 1, "hash_ids": [1, 3]}
{"timestamp": 500, "input_length": 1500, "output_length": 2, "hash_ids": [1, 2, 4]}
{"timestamp": 900, "input_length": 1500, "output_length": 2, "hash_ids": [1, 2, 4]}
"#;

/// Where the texts of files are said to lie: a folder with the tiny trace.
static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("tiny.jsonl"), TINY).expect("a file");
    folder
});

fn corpus() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../experiments");
    let entries = std::fs::read_dir(folder).expect("the experiments");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    let read = |path: &PathBuf| std::fs::read_to_string(path).expect("text");
    // The repository's files in turn with the rich one, which has most to change.
    paths.iter().flat_map(|path| [read(path), RICH.to_owned(), RICH.to_owned()]).collect()
}

/// A value of a key, changed.
fn change_value(dice: &mut Dice, text: &mut String) {
    let starts: Vec<usize> = text.match_indices(" = ").map(|(at, _)| at + 3).collect();
    let Some(&start) = starts.get(dice.below(starts.len())) else { return };
    let rest = &text[start..];
    // A whole value, or what stands between brackets, commas and quotes inside it.
    let line = start + rest.find('\n').unwrap_or(rest.len());
    let end = start + rest.find(['\n', ',', ']', '}']).unwrap_or(rest.len());
    let end = if dice.below(4) == 0 { line } else { end };
    let new = match dice.below(6) {
        0 => format!("\"{}\"", dice.one_of(&TEXTS)),
        1 if rest.starts_with('"') => {
            let units = ["B", "GiB", "TiB", "s", "ns", "d", "B/s", "GB/s"];
            format!("\"{} {}\"", dice.one_of(&NUMBERS), dice.one_of(&units))
        }
        2 => format!("[{}, {}]", dice.one_of(&NUMBERS), dice.one_of(&NUMBERS)),
        3 => {
            let [from, to, step] = [0; 3].map(|_| dice.one_of(&NUMBERS));
            format!("{{ from = {from}, to = {to}, step = {step} }}")
        }
        _ if rest.starts_with('"') => format!("\"{}\"", dice.one_of(&TEXTS)),
        _ => dice.one_of(&NUMBERS).to_owned(),
    };
    text.replace_range(start..end, &new);
}

/// A line taken away, doubled, moved, or with a key of another line.
fn change_line(dice: &mut Dice, text: &mut String) {
    let mut lines: Vec<&str> = text.lines().collect();
    if lines.len() < 2 {
        return;
    }
    let (from, to) = (dice.below(lines.len()), dice.below(lines.len()));
    let mixed = match (lines[from].split_once('='), lines[to].split_once('=')) {
        (Some((key, _)), Some((_, value))) => format!("{key}={value}"),
        _ => lines[from].to_owned(),
    };
    match dice.below(4) {
        0 => drop(lines.remove(from)),
        1 => lines.insert(to, lines[from]),
        2 => lines.swap(from, to),
        _ => lines[from] = &mixed,
    }
    *text = lines.join("\n") + "\n";
}

fn change_character(dice: &mut Dice, text: &mut String) {
    let at: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let Some(&at) = at.get(dice.below(at.len())) else { return };
    match dice.below(3) {
        0 => drop(text.remove(at)),
        1 => text.insert(
            at,
            dice.one_of(&["\"", "[", "]", "\n", "=", "-", "9", "\u{e9}"]).chars().next().unwrap_or(' '),
        ),
        _ => text.truncate(at),
    }
}

fn file(number: u64, corpus: &[String]) -> String {
    let dice = &mut Dice(number);
    let mut text = corpus[dice.below(corpus.len())].clone();
    for _ in 0..=dice.below(4) {
        match dice.below(8) {
            0 => change_line(dice, &mut text),
            1 => change_character(dice, &mut text),
            _ => change_value(dice, &mut text),
        }
    }
    text
}

#[test]
fn no_file_panics() {
    let (corpus, registries) = (corpus(), Registries::builtin());
    let path = FOLDER.path().join("file.toml");
    let trace = TraceFile { path: FOLDER.path().join("tiny.jsonl"), options: ReadOptions::default() };
    none_panics(
        inputs(2000),
        |number| file(number, &corpus),
        |number| {
            let source = Source::of("file.toml", &file(number, &corpus));
            for scale in [Scale::Smoke, Scale::Full] {
                if let Err(problem) = Experiment::of(&source, &path, scale, Some(&trace), &registries) {
                    assert!(!problem.message.is_empty());
                }
            }
            let Ok(single) = Single::of(&source, &path, Some(&trace), &[], &registries) else { return };
            // A large machine is no panic, and takes long.
            if single.deployment.instances <= 8 && single.deployment.check(&single.trace).is_ok() {
                drop(single.deployment.evaluate(&single.trace));
            }
        },
    );
}
