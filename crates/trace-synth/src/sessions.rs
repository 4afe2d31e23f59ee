//! Sessions where a trace names none.

use kv_core::Trace;

/// A session number for each request: the trace's own, or, without them, requests chained by their prompts.
///
/// A request goes on where an earlier one ended if that one's last full block is on its path and was named by
/// that one first; the deepest such request is the one before it in its session. Requests that share a system
/// prompt only are different sessions. Numbers are dense, in order of first arrival.
#[must_use]
pub fn infer_sessions(trace: &Trace) -> Vec<u32> {
    let mut sessions: Vec<u32> = Vec::with_capacity(trace.len());
    let mut count = 0;
    // Per block: the request that named it first as a full block.
    let mut first: Vec<Option<usize>> = vec![None; trace.unique_blocks()];
    for (index, request) in trace.requests().enumerate() {
        let before = request.prompt_blocks.iter().enumerate().rev().find_map(|(depth, block)| {
            first[block.index()].filter(|&owner| trace.request(owner).prompt_blocks.len() == depth + 1)
        });
        let session = match (request.session, before) {
            (Some(session), _) => session,
            (None, Some(before)) => sessions[before],
            (None, None) => {
                count += 1;
                count - 1
            }
        };
        sessions.push(session);
        for block in request.prompt_blocks {
            first[block.index()].get_or_insert(index);
        }
    }
    sessions
}
