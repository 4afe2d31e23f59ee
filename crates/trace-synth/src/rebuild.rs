//! Copies requests of a trace into a builder: what every transformation of traces does.

use kv_core::{RequestView, TraceBuilder};

/// Adds a request of an existing trace at another time. Its dense ids serve as raw ids.
pub(crate) fn push_view(builder: &mut TraceBuilder, request: &RequestView<'_>, arrival_ns: u64) {
    let ids: Vec<u64> = request.references.iter().map(|block| u64::from(block.0)).collect();
    builder
        .push(arrival_ns, request.prompt_tokens, request.output_tokens, &ids, request.session)
        .expect("requests of a trace fit a trace of the same block size");
}
