//! Finds the data beside the project.

use std::path::PathBuf;

use kv_core::Trace;
use trace_synth::read::{ReadOptions, read_path};

/// A file under `../shared/data`, or `None` with a word about it.
pub(crate) fn data(path: &str) -> Option<PathBuf> {
    let shared = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if shared.is_dir() {
        return Some(shared.join(path));
    }
    eprintln!("skipped: no ../shared");
    None
}

/// A trace under `../shared/data`.
pub(crate) fn trace(path: &str) -> Option<Trace> {
    let block_tokens = path.contains("ragpulse").then_some(64).and_then(std::num::NonZero::new);
    data(path).map(|path| read_path(&path, &ReadOptions { block_tokens, ..ReadOptions::AS_FILED }).unwrap())
}
