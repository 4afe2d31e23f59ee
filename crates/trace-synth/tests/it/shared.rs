//! Reads the traces that lie beside the project.

use kv_core::Trace;
use trace_synth::read::{ReadOptions, read_path};

/// A trace under `../shared/data`, or `None` where it is not at hand.
pub(crate) fn trace(path: &str) -> Option<Trace> {
    let block_tokens = path.contains("ragpulse").then_some(64).and_then(std::num::NonZero::new);
    test_data::shared(path)
        .map(|path| read_path(&path, &ReadOptions { block_tokens, ..ReadOptions::AS_FILED }).unwrap())
}
