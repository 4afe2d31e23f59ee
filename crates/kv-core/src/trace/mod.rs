//! A request trace as columns. The simulator walks millions of references a second through it.
//!
//! Block ids are interned to dense `u32`. An id names the *whole prefix* up to the block's end, so residency,
//! parents and groups are plain arrays. A trace cannot be changed, and threads share it. Files are read
//! elsewhere.

mod builder;
mod hashed;
mod ids;
mod turns;

pub use builder::{LATEST_ARRIVAL_NS, MalformedRequest, TraceBuilder};

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
    sharing_known: bool,
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

    /// Whether block ids say what prompts share. Where only lengths are known, ids are made up and every block is named
    /// once; then nothing can be said about reuse.
    #[must_use]
    pub fn sharing_known(&self) -> bool {
        self.sharing_known
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

    /// A hash of every column except the parents, which the references determine. It names the trace in
    /// records.
    ///
    /// It is the same on all platforms and in all versions. It takes 64-bit words and mixes each in by an
    /// exclusive or, a product and a rotation. The two constants are those of FNV-1a. FNV-1a itself takes bytes
    /// and does not rotate; this variant stays, because records name traces by it.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
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
