//! A whole trace through one tier, one request after another.

use super::{Tier, Touch};
use kv_core::policy::{Access, EvictionPolicy};
use kv_core::{BlockId, Group, RequestView, Trace};

/// Which blocks may not leave while a request is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pins {
    /// Every block may leave at any time: the classic paging model.
    None,
    /// The blocks of the request being played stay, as they do in an engine.
    Request,
}

/// Hits of a replay, in blocks. Only full prompt blocks count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hits {
    /// Full prompt blocks of all requests.
    pub references: u64,
    /// Those that were resident when they were touched.
    pub resident: u64,
    /// Those that were resident when their request came, with every block before them: what an engine can use.
    pub usable: u64,
}

/// Plays the full prompt blocks of every request, in order of arrival and deepest first, against `policy`.
///
/// # Panics
/// If the policy breaks its contract.
pub fn replay(trace: &Trace, policy: Box<dyn EvictionPolicy>, capacity: u32, pins: Pins) -> Hits {
    let mut tier = Tier::new(policy, capacity);
    let mut used_by = vec![None; trace.unique_blocks()];
    let mut hits = Hits::default();
    for (index, request) in trace.requests().enumerate() {
        let current = Some(index);
        hits.usable +=
            request.prompt_blocks.iter().take_while(|&&block| tier.slot(block).is_some()).count() as u64;
        hits.references += request.prompt_blocks.len() as u64;
        if pins == Pins::Request {
            request.prompt_blocks.iter().for_each(|block| used_by[block.index()] = current);
        }
        for access in accesses(index, &request) {
            let touch = tier.touch(&access, &|block: BlockId| used_by[block.index()] != current);
            hits.resident += u64::from(touch == Touch::Hit);
        }
    }
    hits
}

/// The full prompt blocks of a request as a tier reports them: deepest first, at its arrival.
pub(super) fn accesses<'a>(
    index: usize,
    request: &RequestView<'a>,
) -> impl Iterator<Item = Access> + use<'a> {
    let (blocks, now_ns) = (request.prompt_blocks, request.arrival_ns);
    let request = u32::try_from(index).expect("fewer than 2^32 requests");
    let depths = 0..u32::try_from(blocks.len()).expect("a prompt has fewer than 2^32 blocks");
    blocks.iter().zip(depths).rev().map(move |(&block, depth)| Access {
        block,
        depth,
        group: Group::REST,
        request,
        now_ns,
    })
}
