//! A request trace as columns: what the simulator walks, millions of references a second.
//!
//! Block ids are interned to dense `u32` and name the *whole prefix* up to the block's end, so residency, parents
//! and groups are plain arrays. The trace is immutable and shared between threads. Reading files is not done here.

use rustc_hash::FxHashMap;
use thiserror::Error;

/// A block of one prefix: dense, from 0, in order of first appearance in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(pub u32);

impl BlockId {
    /// The id as an array index.
    #[must_use]
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A prefix group: requests under one frequent prefix subtree, or the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group(pub u16);

impl Group {
    /// Everything that is in no named group.
    pub const REST: Self = Self(0);
}

/// A replayable request trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    block_tokens: u32,
    arrival_ns: Vec<u64>,
    prompt_tokens: Vec<u32>,
    output_tokens: Vec<u32>,
    /// References of request i are `blocks[block_start[i]..block_start[i + 1]]`.
    block_start: Vec<u32>,
    blocks: Vec<BlockId>,
    /// Parent of each block, as its id plus one; 0 for the first block of a prefix.
    parent_plus_one: Vec<u32>,
    /// Blocks that request i fills while it generates, as far as a later request names them.
    output_start: Vec<u32>,
    output_blocks: Vec<BlockId>,
    session: Option<Vec<u32>>,
    reordered: u32,
}

/// One request, borrowed from a [`Trace`].
#[derive(Debug, Clone, Copy)]
pub struct RequestView<'a> {
    /// When it reaches the service, from the start of the trace [ns].
    pub arrival_ns: u64,
    /// Prompt length [tokens], at least 1.
    pub prompt_tokens: u32,
    /// Generated length [tokens]. An engine generates at least one token, also where a trace says 0.
    pub output_tokens: u32,
    /// Every block id that the trace gives, including a last partial block, which is never reusable.
    pub references: &'a [BlockId],
    /// The full blocks of the prompt: the reusable ones.
    pub prompt_blocks: &'a [BlockId],
    /// The full blocks after the prompt's that it fills while generating, where a later request names them.
    pub output_blocks: &'a [BlockId],
    /// Session, where the trace tells.
    pub session: Option<u32>,
}

impl Trace {
    /// Tokens in a block.
    #[must_use]
    pub fn block_tokens(&self) -> u32 {
        self.block_tokens
    }

    /// Number of requests.
    #[must_use]
    pub fn len(&self) -> usize {
        self.arrival_ns.len()
    }

    /// Whether there are no requests.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.arrival_ns.is_empty()
    }

    /// Number of distinct block ids, partial blocks included.
    #[must_use]
    pub fn unique_blocks(&self) -> usize {
        self.parent_plus_one.len()
    }

    /// Number of block references in prompts, partial blocks included.
    #[must_use]
    pub fn references(&self) -> usize {
        self.blocks.len()
    }

    /// How many requests stood in the file before an earlier one, and were sorted.
    #[must_use]
    pub fn reordered(&self) -> u32 {
        self.reordered
    }

    /// The request at a position.
    #[must_use]
    pub fn request(&self, index: usize) -> RequestView<'_> {
        let references = &self.blocks[self.block_start[index] as usize..self.block_start[index + 1] as usize];
        let prompt_tokens = self.prompt_tokens[index];
        let output_blocks = if self.output_start.is_empty() {
            &[]
        } else {
            &self.output_blocks[self.output_start[index] as usize..self.output_start[index + 1] as usize]
        };
        RequestView {
            arrival_ns: self.arrival_ns[index],
            prompt_tokens,
            output_tokens: self.output_tokens[index],
            references,
            prompt_blocks: &references[..(prompt_tokens / self.block_tokens) as usize],
            output_blocks,
            session: self.session.as_ref().map(|s| s[index]),
        }
    }

    /// All requests, in order of arrival.
    pub fn requests(&self) -> impl ExactSizeIterator<Item = RequestView<'_>> + '_ {
        (0..self.len()).map(|index| self.request(index))
    }

    /// Arrival times [ns], never decreasing.
    #[must_use]
    pub fn arrivals_ns(&self) -> &[u64] {
        &self.arrival_ns
    }

    /// The block before this one in its prefix.
    #[must_use]
    pub fn parent(&self, block: BlockId) -> Option<BlockId> {
        self.parent_plus_one[block.index()].checked_sub(1).map(BlockId)
    }

    /// Whether the trace names sessions.
    #[must_use]
    pub fn has_sessions(&self) -> bool {
        self.session.is_some()
    }

    /// Sets the blocks that requests fill while generating: `starts` has one entry per request and one more.
    ///
    /// # Panics
    /// If the offsets do not fit the trace or the blocks.
    #[must_use]
    pub fn with_output_blocks(mut self, starts: Vec<u32>, blocks: Vec<BlockId>) -> Self {
        assert_eq!(starts.len(), self.len() + 1, "one offset per request and one more");
        assert!(starts.is_sorted() && starts.last().copied() == u32::try_from(blocks.len()).ok());
        assert!(
            blocks.iter().all(|b| b.index() < self.unique_blocks()),
            "a block that the trace does not name"
        );
        self.output_start = starts;
        self.output_blocks = blocks;
        self
    }

    /// Bytes that the columns take.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.len() * (8 + 4 + 4)
            + 4 * (self.block_start.len() + self.blocks.len() + self.parent_plus_one.len())
            + 4 * (self.output_start.len()
                + self.output_blocks.len()
                + self.session.as_ref().map_or(0, Vec::len))
    }

    /// A hash of every column: names the trace in records.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        // FNV-1a over the words; stable across platforms and versions, which a hasher of a crate is not.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut mix = |word: u64| hash = (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
        mix(u64::from(self.block_tokens));
        for request in self.requests() {
            mix(request.arrival_ns);
            mix(u64::from(request.prompt_tokens) << 32 | u64::from(request.output_tokens));
            mix(request.session.map_or(0, |s| u64::from(s) + 1));
            request.references.iter().chain(request.output_blocks).for_each(|b| mix(u64::from(b.0)));
        }
        hash
    }
}

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
    /// More than 2^32 - 1 references or ids.
    #[error("the trace has more than 4294967294 block references or distinct ids")]
    TooLarge,
}

/// Collects requests and makes a [`Trace`] of them.
#[derive(Debug)]
pub struct TraceBuilder {
    trace: Trace,
    ids: FxHashMap<u64, u32>,
    raw_of: Vec<u64>,
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
            },
            ids: FxHashMap::default(),
            raw_of: Vec::new(),
        }
    }

    /// Adds a request whose `hash_ids` name prefixes: the full blocks of the prompt, and optionally the partial one.
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
        if hash_ids.len() < least || hash_ids.len() > most {
            return Err(MalformedRequest::WrongBlockCount {
                found: hash_ids.len(),
                prompt_tokens,
                block_tokens: self.trace.block_tokens,
                least,
                most,
            });
        }
        let mut parent_plus_one = 0;
        for &raw in hash_ids {
            let next = u32::try_from(self.raw_of.len()).map_err(|_| MalformedRequest::TooLarge)?;
            let id = *self.ids.entry(raw).or_insert(next);
            if id == next {
                self.raw_of.push(raw);
                self.trace.parent_plus_one.push(parent_plus_one);
            } else if self.trace.parent_plus_one[id as usize] != parent_plus_one {
                return Err(self.not_a_prefix(raw, parent_plus_one, self.trace.parent_plus_one[id as usize]));
            }
            parent_plus_one = id.checked_add(1).ok_or(MalformedRequest::TooLarge)?;
            self.trace.blocks.push(BlockId(id));
        }
        let end = u32::try_from(self.trace.blocks.len()).map_err(|_| MalformedRequest::TooLarge)?;
        self.trace.block_start.push(end);
        self.trace.arrival_ns.push(arrival_ns);
        self.trace.prompt_tokens.push(prompt_tokens);
        self.trace.output_tokens.push(output_tokens);
        if let Some(session) = session {
            let sessions = self.trace.session.get_or_insert_default();
            assert_eq!(
                sessions.len() + 1,
                self.trace.arrival_ns.len(),
                "sessions are given for all requests or none"
            );
            sessions.push(session);
        }
        Ok(())
    }

    fn not_a_prefix(&self, id: u64, here: u32, before: u32) -> MalformedRequest {
        let raw = |plus_one: u32| match plus_one.checked_sub(1) {
            Some(index) => self.raw_of[index as usize].to_string(),
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
}
