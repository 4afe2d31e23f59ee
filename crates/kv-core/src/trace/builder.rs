//! Collects requests into a [`Trace`], and refuses those that do not fit one.

use thiserror::Error;

use super::ids::Ids;
use super::{BlockId, Trace};

/// A request that cannot be part of a trace.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MalformedRequest {
    /// A prompt of no tokens.
    #[error("a prompt has at least 1 token, here 0")]
    EmptyPrompt,
    /// More or fewer ids than the prompt has blocks.
    #[error(
        "{found} hash_ids for a prompt of {prompt_tokens} tokens; with {block_tokens}-token blocks it needs {least} to {most}"
    )]
    WrongBlockCount {
        /// Ids given.
        found: usize,
        /// Prompt length [tokens].
        prompt_tokens: u32,
        /// Block size [tokens].
        block_tokens: u32,
        /// Full blocks.
        least: usize,
        /// Full blocks and the partial one.
        most: usize,
    },
    /// An id follows different blocks in different requests, so it does not name a prefix.
    #[error(
        "block id {id} follows block {here} here and block {before} in an earlier request; ids must name the whole prefix"
    )]
    NotAPrefix {
        /// The id, as the file gives it.
        id: u64,
        /// Its predecessor in this request; `none` for the first block.
        here: String,
        /// Its predecessor in an earlier request.
        before: String,
    },
    /// A session where the requests before have none, or none where they have one.
    #[error(
        "{} session, unlike the requests before; sessions are named for all requests or for none",
        if *.named { "a" } else { "no" }
    )]
    SessionsOfSome {
        /// Whether this request names a session.
        named: bool,
    },
    /// An arrival after [`LATEST_ARRIVAL_NS`].
    #[error("it arrives at {arrival_ns} ns; an arrival is at most 2^62 ns, which is 4611686018 s")]
    TooLate {
        /// The arrival [ns].
        arrival_ns: u64,
    },
    /// More than 2^32 - 1 references or ids.
    #[error("the trace has more than 4294967294 block references or distinct ids")]
    TooLarge,
}

/// The latest arrival that a trace may have: 2^62 ns, about 146 years. Sums of an arrival and of what is done to the
/// request then fit 64 bits.
pub const LATEST_ARRIVAL_NS: u64 = 1 << 62;

/// Collects requests and makes a [`Trace`] of them.
#[derive(Debug)]
pub struct TraceBuilder {
    trace: Trace,
    ids: Ids,
}

impl TraceBuilder {
    /// An empty trace with blocks of `block_tokens` tokens.
    ///
    /// # Panics
    /// If `block_tokens` is 0.
    #[must_use]
    pub fn new(block_tokens: u32) -> Self {
        assert!(block_tokens > 0, "a block has at least one token");
        Self {
            trace: Trace {
                block_tokens,
                arrival_ns: Vec::new(),
                prompt_tokens: Vec::new(),
                output_tokens: Vec::new(),
                block_start: vec![0],
                blocks: Vec::new(),
                parent_plus_one: Vec::new(),
                output_start: Vec::new(),
                output_blocks: Vec::new(),
                session: None,
                reordered: 0,
                sharing_known: true,
            },
            ids: Ids::new(),
        }
    }

    /// An empty trace for requests of `other`: blocks of its size, and sharing as far as it is known there.
    #[must_use]
    pub fn like(other: &Trace) -> Self {
        let mut builder = Self::new(other.block_tokens);
        builder.trace.sharing_known = other.sharing_known;
        builder
    }

    /// Says that ids were made up because only lengths are known: see [`Trace::sharing_known`].
    pub fn set_sharing_unknown(&mut self) {
        self.trace.sharing_known = false;
    }

    /// Adds a request whose `hash_ids` name prefixes: the full blocks of the prompt, and optionally the partial one.
    /// A `session` is given for all requests or for none.
    ///
    /// # Errors
    /// See [`MalformedRequest`]. The builder must not be used after an error.
    pub fn push(
        &mut self,
        arrival_ns: u64,
        prompt_tokens: u32,
        output_tokens: u32,
        hash_ids: &[u64],
        session: Option<u32>,
    ) -> Result<(), MalformedRequest> {
        let least = (prompt_tokens / self.trace.block_tokens) as usize;
        let most = prompt_tokens.div_ceil(self.trace.block_tokens) as usize;
        if prompt_tokens == 0 {
            return Err(MalformedRequest::EmptyPrompt);
        }
        if arrival_ns > LATEST_ARRIVAL_NS {
            return Err(MalformedRequest::TooLate { arrival_ns });
        }
        if hash_ids.len() < least || hash_ids.len() > most {
            return Err(MalformedRequest::WrongBlockCount {
                found: hash_ids.len(),
                prompt_tokens,
                block_tokens: self.trace.block_tokens,
                least,
                most,
            });
        }
        let requests = self.trace.arrival_ns.len();
        if requests > 0 && session.is_some() != self.trace.session.is_some() {
            return Err(MalformedRequest::SessionsOfSome { named: session.is_some() });
        }
        let mut parent_plus_one = 0;
        let start = self.trace.blocks.len();
        self.ids.number(hash_ids, &mut self.trace.blocks).ok_or(MalformedRequest::TooLarge)?;
        for (&raw, &BlockId(id)) in hash_ids.iter().zip(&self.trace.blocks[start..]) {
            if id as usize == self.trace.parent_plus_one.len() {
                self.trace.parent_plus_one.push(parent_plus_one);
            } else if self.trace.parent_plus_one[id as usize] != parent_plus_one {
                return Err(self.not_a_prefix(raw, parent_plus_one, self.trace.parent_plus_one[id as usize]));
            }
            parent_plus_one = id + 1;
        }
        let end = u32::try_from(self.trace.blocks.len()).map_err(|_| MalformedRequest::TooLarge)?;
        self.trace.block_start.push(end);
        self.trace.arrival_ns.push(arrival_ns);
        self.trace.prompt_tokens.push(prompt_tokens);
        self.trace.output_tokens.push(output_tokens);
        if let Some(session) = session {
            self.trace.session.get_or_insert_default().push(session);
        }
        Ok(())
    }

    fn not_a_prefix(&self, id: u64, here: u32, before: u32) -> MalformedRequest {
        let raw = |plus_one: u32| match plus_one.checked_sub(1) {
            Some(dense) => self.ids.raw(dense).to_string(),
            None => "none".to_owned(),
        };
        MalformedRequest::NotAPrefix { id, here: raw(here), before: raw(before) }
    }

    /// The trace, sorted by arrival; requests of equal arrival keep their order.
    #[must_use]
    pub fn finish(self) -> Trace {
        let mut trace = self.trace;
        let out_of_order = trace.arrival_ns.windows(2).filter(|pair| pair[1] < pair[0]).count();
        if out_of_order > 0 {
            trace = sorted(&trace);
            trace.reordered = u32::try_from(out_of_order).unwrap_or(u32::MAX);
        }
        trace.shrink();
        trace
    }

    /// The trace as of [`TraceBuilder::finish`], with a clock that starts at its first arrival; and where that was
    /// on the clock before [ns].
    #[must_use]
    pub fn finish_from_first(self) -> (Trace, u64) {
        let mut trace = self.finish();
        let start_ns = trace.arrival_ns.first().copied().unwrap_or(0);
        trace.arrival_ns.iter_mut().for_each(|arrival_ns| *arrival_ns -= start_ns);
        (trace, start_ns)
    }
}

impl Trace {
    fn shrink(&mut self) {
        self.arrival_ns.shrink_to_fit();
        self.prompt_tokens.shrink_to_fit();
        self.output_tokens.shrink_to_fit();
        self.block_start.shrink_to_fit();
        self.blocks.shrink_to_fit();
        self.parent_plus_one.shrink_to_fit();
    }
}

/// A copy in order of arrival. Ids keep the order of the file.
fn sorted(trace: &Trace) -> Trace {
    let mut order: Vec<usize> = (0..trace.len()).collect();
    order.sort_by_key(|&index| trace.arrival_ns[index]);
    let mut blocks = Vec::with_capacity(trace.blocks.len());
    let mut block_start = vec![0];
    for &index in &order {
        blocks.extend_from_slice(trace.request(index).references);
        block_start.push(u32::try_from(blocks.len()).expect("as many as before"));
    }
    let pick = |column: &[u32]| order.iter().map(|&index| column[index]).collect::<Vec<_>>();
    Trace {
        block_tokens: trace.block_tokens,
        arrival_ns: order.iter().map(|&index| trace.arrival_ns[index]).collect(),
        prompt_tokens: pick(&trace.prompt_tokens),
        output_tokens: pick(&trace.output_tokens),
        block_start,
        blocks,
        parent_plus_one: trace.parent_plus_one.clone(),
        output_start: Vec::new(),
        output_blocks: Vec::new(),
        session: trace.session.as_deref().map(pick),
        reordered: 0,
        sharing_known: trace.sharing_known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_interned_with_parents() {
        let mut builder = TraceBuilder::new(4);
        builder.push(0, 9, 1, &[70, 80, 90], None).unwrap();
        builder.push(5, 8, 2, &[70, 81], None).unwrap();
        let trace = builder.finish();
        assert_eq!((trace.len(), trace.references(), trace.unique_blocks()), (2, 5, 4));
        // 9 tokens fill 2 blocks of 4; the third id is the partial block.
        assert_eq!(trace.request(0).prompt_blocks, [BlockId(0), BlockId(1)]);
        assert_eq!(trace.request(0).references.len(), 3);
        assert_eq!(trace.parent(BlockId(3)), Some(BlockId(0)));
        assert_eq!(trace.parent(BlockId(0)), None);
    }

    #[test]
    fn late_lines_are_sorted_and_counted() {
        let mut builder = TraceBuilder::new(4);
        builder.push(9, 4, 1, &[1], Some(7)).unwrap();
        builder.push(3, 5, 1, &[2], Some(8)).unwrap();
        builder.push(9, 6, 1, &[1], Some(9)).unwrap();
        let trace = builder.finish();
        assert_eq!(trace.reordered(), 1);
        assert_eq!(trace.arrivals_ns(), [3, 9, 9]);
        assert_eq!(trace.requests().map(|r| r.prompt_tokens).collect::<Vec<_>>(), [5, 4, 6]);
        assert_eq!(trace.requests().map(|r| r.session).collect::<Vec<_>>(), [Some(8), Some(7), Some(9)]);
    }

    #[test]
    fn a_clock_may_start_at_the_first_arrival() {
        let mut builder = TraceBuilder::new(4);
        builder.push(LATEST_ARRIVAL_NS, 4, 1, &[1], None).unwrap();
        builder.push(1_780_722_000_040_000_000, 4, 1, &[1], None).unwrap();
        let late = builder.push(LATEST_ARRIVAL_NS + 1, 4, 1, &[1], None).unwrap_err();
        assert_eq!(
            late.to_string(),
            "it arrives at 4611686018427387905 ns; an arrival is at most 2^62 ns, which is 4611686018 s"
        );
        let (trace, start_ns) = builder.finish_from_first();
        assert_eq!(start_ns, 1_780_722_000_040_000_000);
        assert_eq!(trace.arrivals_ns(), [0, LATEST_ARRIVAL_NS - start_ns]);
    }

    #[test]
    fn malformed_requests_say_what_is_wrong() {
        let mut builder = TraceBuilder::new(4);
        assert_eq!(builder.push(0, 0, 1, &[], None), Err(MalformedRequest::EmptyPrompt));
        let error = builder.push(0, 8, 1, &[1], None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "1 hash_ids for a prompt of 8 tokens; with 4-token blocks it needs 2 to 2"
        );
        builder.push(0, 8, 1, &[1, 2], None).unwrap();
        let error = builder.push(0, 8, 1, &[3, 2], None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "block id 2 follows block 3 here and block 1 in an earlier request; ids must name the whole prefix"
        );
    }

    #[test]
    fn sessions_are_named_for_all_or_for_none() {
        for first in [None, Some(7)] {
            let mut builder = TraceBuilder::new(4);
            builder.push(0, 4, 1, &[1], first).unwrap();
            let other = if first.is_none() { Some(7) } else { None };
            let error = builder.push(1, 4, 1, &[1], other).unwrap_err();
            assert_eq!(error, MalformedRequest::SessionsOfSome { named: other.is_some() });
            assert!(error.to_string().contains("session, unlike the requests before"), "{error}");
        }
    }
}
