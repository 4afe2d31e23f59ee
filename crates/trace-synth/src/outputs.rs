//! Which blocks a request fills while it generates, as far as a later request names them.
//!
//! Engines cache generated tokens too, but a trace names only prompt blocks. Where the prompt of a follow-up
//! holds the prompt and the output of an earlier request, its ids there are the earlier request's output
//! blocks. The rule needs evidence that one request follows the other. Without evidence it resolves nothing.

use kv_core::{BlockId, RequestView, Trace};

/// The trace with output blocks set where follow-ups name them. It takes one pass over the references.
///
/// Which request a follow-up follows says [`Trace::previous_turns`]. The follow-up's prompt must hold all of the parent's
/// prompt and output, or nothing is resolved. The first follow-up of a request decides: an answer that is
/// generated again does not change what was cached.
#[must_use]
pub fn resolve_outputs(trace: Trace) -> Trace {
    let mut found: Vec<Option<(u32, u32, u32)>> = vec![None; trace.len()];
    for (index, (later, parent)) in trace.requests().zip(trace.previous_turns()).enumerate() {
        if let Some(parent) = parent.map(|parent| parent as usize) {
            let (start, end) = extension(&trace, parent, &later);
            let slot = &mut found[parent];
            if slot.is_none() && start < end {
                *slot = Some((position(index), start, end));
            }
        }
    }
    let mut starts = Vec::with_capacity(trace.len() + 1);
    let mut blocks: Vec<BlockId> = Vec::new();
    starts.push(0);
    for slot in &found {
        if let Some((later, start, end)) = *slot {
            blocks.extend(&trace.request(later as usize).prompt_blocks[start as usize..end as usize]);
        }
        starts.push(position(blocks.len()));
    }
    trace.with_output_blocks(starts, blocks)
}

/// The blocks of `later` that `parent` filled while generating, as a range of its prompt blocks.
fn extension(trace: &Trace, parent: usize, later: &RequestView<'_>) -> (u32, u32) {
    let parent = trace.request(parent);
    let whole = u64::from(parent.prompt_tokens) + u64::from(parent.output_tokens);
    if u64::from(later.prompt_tokens) < whole {
        return (0, 0);
    }
    // whole <= later.prompt_tokens, which is a u32.
    let end = position(usize::try_from(whole).expect("a u32")) / trace.block_tokens();
    (position(parent.prompt_blocks.len()), end.min(position(later.prompt_blocks.len())))
}

fn position(index: usize) -> u32 {
    u32::try_from(index).expect("a trace has fewer than 2^32 requests and references")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kv_core::TraceBuilder;
    use proptest::prelude::*;

    /// The same rule, written out: every earlier request is looked at, paths are compared whole.
    fn slow(trace: &Trace) -> Vec<Vec<BlockId>> {
        let requests: Vec<_> = trace.requests().collect();
        let mut outputs: Vec<Vec<BlockId>> = vec![Vec::new(); requests.len()];
        for (index, later) in requests.iter().enumerate() {
            let earlier = requests[..index].iter().enumerate();
            let mut begins = earlier.filter(|(_, r)| later.prompt_blocks.starts_with(r.prompt_blocks));
            let parent = if trace.has_sessions() {
                begins.rfind(|(_, r)| r.session == later.session)
            } else {
                let owns = |index: usize| {
                    requests[index].prompt_blocks.last().is_some_and(|last| {
                        !requests[..index].iter().any(|earlier| earlier.prompt_blocks.contains(last))
                    })
                };
                begins.filter(|(index, _)| owns(*index)).max_by_key(|(_, r)| r.prompt_blocks.len())
            };
            let Some((parent, request)) = parent else { continue };
            let whole = request.prompt_tokens + request.output_tokens;
            if outputs[parent].is_empty() && later.prompt_tokens >= whole {
                let end = later.prompt_blocks.len().min((whole / trace.block_tokens()) as usize);
                outputs[parent] = later.prompt_blocks[request.prompt_blocks.len().min(end)..end].to_vec();
            }
        }
        outputs
    }

    /// A trace over the token paths of a small tree: request = (path as child choices, extra tokens, output,
    /// session).
    fn tree_trace(requests: &[(Vec<u8>, u32, u32, u32)], sessions: bool) -> Trace {
        let mut builder = TraceBuilder::new(4);
        for (time, (path, extra, output, session)) in requests.iter().enumerate() {
            let mut id = 1_u64;
            let ids: Vec<u64> = path
                .iter()
                .map(|&child| {
                    id = id * 3 + u64::from(child);
                    id
                })
                .collect();
            let tokens = 4 * u32::try_from(path.len()).unwrap() + extra;
            builder.push(time as u64, tokens.max(1), *output, &ids, sessions.then_some(*session)).unwrap();
        }
        builder.finish()
    }

    #[test]
    fn a_follow_up_names_the_blocks_that_were_generated() {
        // Blocks of 4 tokens. 6 prompt tokens and 7 generated make 13: full blocks 0, 1, 2; block 0 is prompt.
        let first = (vec![0], 2, 7, 0);
        let follow_up = (vec![0, 1, 2, 0], 1, 5, 0);
        for sessions in [false, true] {
            let trace = resolve_outputs(tree_trace(&[first.clone(), follow_up.clone()], sessions));
            let blocks = trace.request(1).prompt_blocks;
            assert_eq!(trace.request(0).output_blocks, &blocks[1..3]);
            assert_eq!(trace.request(1).output_blocks, []);
        }
    }

    #[test]
    fn a_prompt_too_short_to_hold_the_answer_resolves_nothing() {
        // 6 + 7 = 13 tokens, the later prompt has 12.
        let trace = resolve_outputs(tree_trace(&[(vec![0], 2, 7, 0), (vec![0, 1, 2], 0, 1, 0)], true));
        assert!(trace.requests().all(|r| r.output_blocks.is_empty()));
    }

    #[test]
    fn a_shared_system_prompt_is_no_evidence() {
        // The second request ends at block 0, which the first named before it.
        let requests = [(vec![0, 0], 0, 1, 0), (vec![0], 1, 4, 1), (vec![0, 1, 2], 0, 1, 2)];
        let trace = resolve_outputs(tree_trace(&requests, false));
        assert!(trace.requests().all(|r| r.output_blocks.is_empty()));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]
        #[test]
        fn as_the_slow_twin(
            requests in prop::collection::vec(
                (prop::collection::vec(0..2_u8, 0..6), 0..4_u32, 0..9_u32, 0..3_u32), 1..25),
            sessions: bool,
        ) {
            let trace = tree_trace(&requests, sessions);
            let expected = slow(&trace);
            let resolved = resolve_outputs(trace);
            for (request, expected) in resolved.requests().zip(expected) {
                prop_assert_eq!(request.output_blocks, expected);
            }
        }
    }
}
