//! Which request follows the answer to which other one.

use super::{BlockId, RequestView, Trace};

const NONE: u32 = u32::MAX;

impl Trace {
    /// For each request the one whose answer it follows, by its position in the trace; `None` where nothing says that there
    /// is one. It takes one pass over the references.
    ///
    /// In a trace with sessions it is the latest earlier request of the same session whose full prompt blocks all begin the
    /// follow-up's prompt. In a trace without sessions it is the earlier request whose last full block lies deepest on the
    /// follow-up's path; that request must have been the first to name the block, because a shared system prompt is no
    /// evidence.
    #[must_use]
    pub fn previous_turns(&self) -> Vec<Option<u32>> {
        let mut earlier = Earlier::new(self);
        let requests = self.requests().zip(0..);
        requests
            .map(|(request, index)| {
                let before = earlier.answered_before(self, &request);
                earlier.add(&request, index);
                before
            })
            .collect()
    }
}

/// What has to be remembered of earlier requests to find the one that another follows.
enum Earlier {
    /// Per session its latest request, and per request the one before it in its session.
    BySession { latest: Vec<u32>, before: Vec<u32> },
    /// Per block the first request that named it as a full block.
    ByPath { first: Vec<u32> },
}

impl Earlier {
    fn new(trace: &Trace) -> Self {
        let sessions = trace.requests().filter_map(|r| r.session).max();
        match sessions {
            Some(highest) => Self::BySession {
                latest: vec![NONE; highest as usize + 1],
                before: Vec::with_capacity(trace.len()),
            },
            None => Self::ByPath { first: vec![NONE; trace.unique_blocks()] },
        }
    }

    fn answered_before(&self, trace: &Trace, later: &RequestView<'_>) -> Option<u32> {
        match self {
            Self::BySession { latest, before } => {
                let mut candidate = latest[later.session? as usize];
                while candidate != NONE {
                    if begins(trace.request(candidate as usize).prompt_blocks, later.prompt_blocks) {
                        return Some(candidate);
                    }
                    candidate = before[candidate as usize];
                }
                None
            }
            Self::ByPath { first } => {
                later.prompt_blocks.iter().enumerate().rev().find_map(|(depth, block)| {
                    let owner = first[block.index()];
                    let ends_here =
                        owner != NONE && trace.request(owner as usize).prompt_blocks.len() == depth + 1;
                    ends_here.then_some(owner)
                })
            }
        }
    }

    fn add(&mut self, request: &RequestView<'_>, index: u32) {
        match self {
            Self::BySession { latest, before } => {
                let session = request.session.expect("a trace names sessions for all requests or none");
                before.push(std::mem::replace(&mut latest[session as usize], index));
            }
            Self::ByPath { first } => {
                for block in request.prompt_blocks {
                    let slot = &mut first[block.index()];
                    *slot = (*slot).min(index);
                }
            }
        }
    }
}

/// Whether a path is the beginning of another. An id names its whole prefix, so the last block decides.
fn begins(path: &[BlockId], longer: &[BlockId]) -> bool {
    match path.last() {
        None => true,
        Some(last) => longer.get(path.len() - 1) == Some(last),
    }
}

#[cfg(test)]
mod tests {
    use crate::TraceBuilder;

    #[test]
    fn a_turn_follows_the_longest_prompt_that_it_extends() {
        let mut builder = TraceBuilder::new(4);
        // The first two share a system prompt; the third and the fifth go on where the first and the third ended.
        for (at, ids) in [&[1, 2][..], &[1, 3], &[1, 2, 4], &[9], &[1, 2, 4, 5, 6]].into_iter().enumerate() {
            builder.push(at as u64, ids.len() as u32 * 4, 1, ids, None).unwrap();
        }
        assert_eq!(builder.finish().previous_turns(), [None, None, Some(0), None, Some(2)]);
    }

    #[test]
    fn sessions_decide_where_there_are_any() {
        let mut builder = TraceBuilder::new(4);
        for (at, (ids, session)) in
            [(&[1, 2][..], 0), (&[1, 2, 3], 1), (&[1, 2, 4], 0), (&[7], 0)].into_iter().enumerate()
        {
            builder.push(at as u64, ids.len() as u32 * 4, 1, ids, Some(session)).unwrap();
        }
        assert_eq!(builder.finish().previous_turns(), [None, None, Some(0), None]);
    }
}
