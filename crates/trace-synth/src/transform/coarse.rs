//! Larger blocks: several blocks of a prefix become one.

use kv_core::{Trace, TraceBuilder};

use super::TransformError;

/// The same requests in blocks of `block_tokens` tokens, a multiple of the trace's own block.
///
/// An id names a whole prefix, so the id at the end of a group of blocks names the group. A prompt's last group may be
/// cut short, as a last block may be: then it is a partial block of the new size. Nothing is guessed, and so blocks
/// cannot become smaller: what two prompts share below the trace's own block is not known.
///
/// # Errors
/// `block_tokens` is no multiple of the trace's block.
pub fn coarser_blocks(trace: &Trace, block_tokens: u32) -> Result<Trace, TransformError> {
    let own = trace.block_tokens();
    if block_tokens == 0 || !block_tokens.is_multiple_of(own) {
        let expected = "a multiple of the trace's own block: ids do not tell what smaller blocks share";
        let what = "the number of tokens in a block";
        return Err(TransformError::Value { what, value: f64::from(block_tokens), expected });
    }
    let factor = (block_tokens / own) as usize;
    let mut builder = TraceBuilder::new(block_tokens);
    if !trace.sharing_known() {
        builder.set_sharing_unknown();
    }
    let mut ids = Vec::new();
    for request in trace.requests() {
        let most = request.prompt_tokens.div_ceil(block_tokens) as usize;
        let groups = request.references.chunks(factor).take(most);
        ids.clear();
        ids.extend(groups.filter_map(<[_]>::last).map(|block| u64::from(block.0)));
        builder
            .push(request.arrival_ns, request.prompt_tokens, request.output_tokens, &ids, request.session)
            .expect("groups of blocks are blocks of the larger size");
    }
    Ok(builder.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of 4 tokens become blocks of 8: (1 2) (3 4) and a cut (5); (1 2) (3) cut; (1 9) (10).
    #[test]
    fn a_group_is_named_by_its_last_block() {
        let mut builder = TraceBuilder::new(4);
        builder.push(0, 18, 1, &[1, 2, 3, 4, 5], None).unwrap();
        builder.push(1, 12, 1, &[1, 2, 3], None).unwrap();
        builder.push(2, 12, 1, &[1, 9, 10], None).unwrap();
        let fine = builder.finish();
        let coarse = coarser_blocks(&fine, 8).unwrap();
        let ids = |index: usize| coarse.request(index).references.iter().map(|it| it.0).collect::<Vec<_>>();
        assert_eq!([ids(0), ids(1), ids(2)], [vec![0, 1, 2], vec![0, 3], vec![4, 5]]);
        // A group that is cut short is no full block.
        assert_eq!(coarse.request(0).prompt_blocks.len(), 2);
        assert_eq!(coarse.request(1).prompt_blocks.len(), 1);
        assert_eq!(coarser_blocks(&fine, 4).unwrap(), fine, "its own size is the trace itself");
    }

    #[test]
    fn smaller_blocks_and_parts_of_blocks_are_refused() {
        let mut builder = TraceBuilder::new(512);
        builder.push(0, 600, 1, &[1, 2], None).unwrap();
        let trace = builder.finish();
        for tokens in [0, 16, 768] {
            let message = coarser_blocks(&trace, tokens).unwrap_err().to_string();
            assert!(message.contains("a multiple of the trace's own block"), "{message}");
        }
    }

    /// Without the partial block's id, as some files have it, the groups still are the full blocks.
    #[test]
    fn a_file_may_leave_partial_blocks_out() {
        let mut builder = TraceBuilder::new(4);
        builder.push(0, 15, 1, &[1, 2, 3], None).unwrap();
        let coarse = coarser_blocks(&builder.finish(), 8).unwrap();
        assert_eq!((coarse.request(0).references.len(), coarse.request(0).prompt_blocks.len()), (2, 1));
    }
}
