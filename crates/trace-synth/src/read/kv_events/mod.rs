//! Recorded KV-cache events of vLLM or SGLang, as JSON lines: requests as far as events tell.
//!
//! A line is an event or a batch of events, in order of time for each rank (the fields that the engines publish):
//! - `{"timestamp": s, "type": "BlockStored", "block_hashes": [h, ..], "parent_block_hash": h or null, "block_size": n}`.
//!   Instead of a `block_size`, `num_tokens` or `token_ids` may tell the tokens of the event's blocks.
//! - `{"timestamp": s, "type": "BlockRemoved", "block_hashes": [h, ..]}` and `{"timestamp": s, "type":
//!   "AllBlocksCleared"}`: the engine dropped blocks. They are checked; a trace has no use for them, because what a
//!   cache drops is what is to be simulated.
//! - `{"ts": s, "events": [event, ..], "data_parallel_rank": n}`, events without times of their own; and the same as
//!   arrays, as vLLM publishes it in msgpack: `[s, [["BlockStored", hashes, parent, token_ids, block_size, ..], ..], n]`.
//!
//! Hashes are whole numbers (signed or not) or texts and name prefixes. Events show only blocks that were computed: a
//! stored event is a request whose prompt is the path to its last block. No request of its own is
//! - a copy: an event whose `medium` is not the GPU's, or blocks that another rank stored less than
//!   [`ANOTHER_RANK_NS`] before,
//! - an event of another KV-cache group (`group_idx`) than the first that keeps whole prefixes,
//! - an event that goes on where a request's path ended: the next chunk of its prompt, less than [`CHUNK_NS`] later, or
//!   what it generates, one block at a time. While a request generates, several blocks at once are another request, and
//!   so is one block that comes much later than the blocks before it did.
//!
//! A recording that begins in the middle names parents that it does not have; their children start new roots. Not seen,
//! hence not in the trace: requests served wholly from cache, and partial blocks.

mod event;

use std::collections::BTreeMap;

use kv_core::{MalformedRequest, TraceBuilder};
use rustc_hash::{FxHashMap, FxHashSet};

use super::clock::TimeUnit;
use super::error::{LineError, ReadError};
use super::lines::Lines;
use super::{ReadOptions, Requests};
use event::{Batch, Event, Stored};

/// A chunk of a prompt comes sooner than this after the one before it: 1 s [ns]. A step takes less.
pub const CHUNK_NS: u64 = 1_000_000_000;
/// The first block that a request generates comes at most so long after its prompt: 5 s [ns].
pub const FIRST_BLOCK_NS: u64 = 5_000_000_000;
/// A further one comes at most so long after the one before it: 1 s [ns], or so many times the longest of the request's
/// gaps before, if that is longer.
pub const NEXT_BLOCK_NS: u64 = 1_000_000_000;
const GAPS: u64 = 3;
/// Blocks that one rank stores so soon after another did were sent to it, not asked for again: 5 s [ns].
pub const ANOTHER_RANK_NS: u64 = 5_000_000_000;

const EXAMPLE: &str = r#"{"timestamp": 1.5, "type": "BlockStored", "block_hashes": [7, 8], "parent_block_hash": null, "block_size": 16}"#;

/// Reads every event, or says what is wrong with the first that is not right.
pub(super) fn read(lines: &mut Lines<'_>, options: &ReadOptions) -> Result<Requests, ReadError> {
    let unit = options.time_unit.unwrap_or(TimeUnit::Seconds);
    let mut log = Log { told: options.block_tokens.map(std::num::NonZero::get), ..Log::default() };
    while let Some(line) = lines.next()? {
        let added = Batch::parse(line, unit).and_then(|batch| log.add(&batch));
        added.map_err(|error| lines.locate(error))?;
    }
    let chosen = log.groups.values().find(|group| !group.windowed).or(log.groups.values().next());
    let Some(group) = chosen.filter(|group| !group.requests.is_empty()) else {
        return Err(ReadError::Empty { file: lines.file().to_owned(), example: EXAMPLE });
    };
    let mut builder = TraceBuilder::new(group.block_tokens);
    for request in &group.requests {
        let path = group.path(request.prompt_end);
        let tokens = u32::try_from(path.len()).ok().and_then(|blocks| blocks.checked_mul(group.block_tokens));
        let tokens = tokens.ok_or_else(|| {
            lines.locate(LineError::line(
                "a prompt of more than 4294967295 tokens",
                "a shorter path of blocks",
            ))
        })?;
        let output = request.output_blocks.saturating_mul(group.block_tokens);
        let added = builder.push(request.arrival_ns, tokens, output, &path, None);
        added.map_err(|error| lines.locate(error.into()))?;
    }
    let assumed_unit = options.time_unit.is_none().then_some(unit);
    Ok(Requests { builder, assumed_unit, remarks: log.remarks(group) })
}

/// The events so far.
#[derive(Default)]
struct Log {
    /// Tokens in a block, where the reader was told.
    told: Option<u32>,
    groups: BTreeMap<u64, Group>,
    /// The last time of each rank \[ns\].
    last_ns: FxHashMap<u64, u64>,
    stored: u64,
    copies: u64,
}

impl Log {
    fn add(&mut self, batch: &Batch) -> Result<(), LineError> {
        let last_ns = self.last_ns.entry(batch.rank).or_insert(0);
        if batch.now_ns < *last_ns {
            #[expect(clippy::cast_precision_loss, reason = "shown only")]
            let now_s = batch.now_ns as f64 / 1e9;
            return Err(LineError::field("timestamp", now_s, "no earlier than the event before"));
        }
        *last_ns = batch.now_ns;
        for event in &batch.events {
            let Event::Stored(stored) = event else { continue };
            self.stored += 1;
            if !stored.in_hbm {
                self.copies += 1;
                continue;
            }
            let size = self.told.unwrap_or(stored.block_tokens);
            let group = self.groups.entry(stored.group).or_insert_with(|| Group::new(size));
            if group.block_tokens != stored.block_tokens {
                let expected = format!("{}, as before or as the reader was told", group.block_tokens);
                return Err(LineError::field("block_size", stored.block_tokens, expected));
            }
            group.windowed |= stored.windowed;
            group.add(stored, batch.now_ns, batch.rank)?;
        }
        Ok(())
    }

    fn remarks(&self, chosen: &Group) -> Vec<String> {
        let others = self.groups.values().map(|group| group.events).sum::<u64>() - chosen.events;
        let left_out = [
            (self.copies, "copies to other media"),
            (others, "events of other KV-cache groups"),
            (chosen.other_ranks, "copies on other ranks"),
        ];
        let left_out: Vec<String> = left_out
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{what} {count}"))
            .collect();
        let (events, requests) = (self.stored, chosen.requests.len());
        let mut remark = format!("requests: {requests}, made of BlockStored events: {events}");
        if !left_out.is_empty() {
            remark += &format!("; of these no requests: {}", left_out.join(", "));
        }
        let late = (chosen.new_roots > 0).then(|| {
            format!(
                "new roots: {}, for events that go on after a block that the log does not have, as where a recording begins \
                 late; the prompts above them are longer than is known",
                chosen.new_roots
            )
        });
        std::iter::once(remark).chain(late).collect()
    }
}

/// A request as far as events tell.
struct Request {
    arrival_ns: u64,
    last_event_ns: u64,
    /// The longest time between two of its generated blocks so far, the one to the first included \[ns\].
    longest_gap_ns: u64,
    /// The prompt's last block.
    prompt_end: u32,
    output_blocks: u32,
}

impl Request {
    /// Whether blocks that come now after its last one are its own.
    fn goes_on(&self, now_ns: u64, blocks: u32) -> bool {
        let gap_ns = now_ns.saturating_sub(self.last_event_ns);
        match (self.output_blocks, blocks) {
            (0, 1) => gap_ns <= FIRST_BLOCK_NS,
            (0, _) => gap_ns < CHUNK_NS,
            (_, 1) => gap_ns <= NEXT_BLOCK_NS.max(self.longest_gap_ns.saturating_mul(GAPS)),
            _ => false,
        }
    }
}

/// What one KV-cache group stored.
struct Group {
    block_tokens: u32,
    /// Whether it keeps no more than a window or a state.
    windowed: bool,
    events: u64,
    names: FxHashMap<String, u32>,
    /// Parent of each block plus one; 0 for none.
    parent_plus_one: Vec<u32>,
    /// Who stored each block last, and when.
    stored_by: Vec<(u64, u64)>,
    /// Roots whose parent the log does not have.
    orphans: FxHashSet<u32>,
    new_roots: u64,
    other_ranks: u64,
    requests: Vec<Request>,
    /// The request whose path ends at a block, by its index.
    ends_at: FxHashMap<u32, usize>,
}

impl Group {
    fn new(block_tokens: u32) -> Self {
        Self {
            block_tokens,
            windowed: false,
            events: 0,
            names: FxHashMap::default(),
            parent_plus_one: Vec::new(),
            stored_by: Vec::new(),
            orphans: FxHashSet::default(),
            new_roots: 0,
            other_ranks: 0,
            requests: Vec::new(),
            ends_at: FxHashMap::default(),
        }
    }

    fn add(&mut self, stored: &Stored, now_ns: u64, rank: u64) -> Result<(), LineError> {
        self.events += 1;
        let parent = stored.parent.as_ref().and_then(|name| self.names.get(name).copied());
        let orphan = stored.parent.is_some() && parent.is_none();
        let before = stored.hashes.last().and_then(|name| self.names.get(name)).copied();
        let mut last = parent;
        for (place, hash) in stored.hashes.iter().enumerate() {
            last = Some(self.block(hash, last, orphan && place == 0)?);
        }
        let end = last.expect("at least one block");
        let by_before = before.map(|_| self.stored_by[end as usize]);
        self.stored_by[end as usize] = (rank, now_ns);
        if let Some((other, at_ns)) = by_before
            && other != rank
            && now_ns.saturating_sub(at_ns) < ANOTHER_RANK_NS
        {
            self.other_ranks += 1;
            return Ok(());
        }
        let blocks = u32::try_from(stored.hashes.len()).expect("a line has fewer");
        self.request(now_ns, parent, end, blocks);
        Ok(())
    }

    /// The block of a name, after its parent.
    fn block(&mut self, hash: &str, parent: Option<u32>, orphan: bool) -> Result<u32, LineError> {
        let parent_plus_one = parent.map_or(0, |parent| parent + 1);
        if let Some(&block) = self.names.get(hash) {
            // A new root stays one when its parent turns up, and a block keeps the parent that a late one lacks.
            if self.parent_plus_one[block as usize] != parent_plus_one
                && !orphan
                && !self.orphans.contains(&block)
            {
                return Err(LineError::field("block_hashes", hash, "a hash after the same parent as before"));
            }
            return Ok(block);
        }
        let next = u32::try_from(self.names.len()).ok().filter(|&next| next < u32::MAX);
        let next = next.ok_or(LineError::Request(MalformedRequest::TooLarge))?;
        self.names.insert(hash.to_owned(), next);
        self.parent_plus_one.push(parent_plus_one);
        self.stored_by.push((0, 0));
        if orphan {
            self.orphans.insert(next);
            self.new_roots += 1;
        }
        Ok(next)
    }

    fn request(&mut self, now_ns: u64, parent: Option<u32>, end: u32, blocks: u32) {
        let running = parent.and_then(|parent| self.ends_at.get(&parent).map(|&index| (parent, index)));
        if let Some((parent, index)) = running
            && self.requests[index].goes_on(now_ns, blocks)
        {
            let request = &mut self.requests[index];
            if blocks == 1 {
                let gap_ns = now_ns.saturating_sub(request.last_event_ns);
                request.longest_gap_ns = request.longest_gap_ns.max(gap_ns);
                request.output_blocks += 1;
            } else {
                request.prompt_end = end;
            }
            request.last_event_ns = request.last_event_ns.max(now_ns);
            self.ends_at.remove(&parent);
            self.ends_at.insert(end, index);
            return;
        }
        self.ends_at.insert(end, self.requests.len());
        self.requests.push(Request {
            arrival_ns: now_ns,
            last_event_ns: now_ns,
            longest_gap_ns: 0,
            prompt_end: end,
            output_blocks: 0,
        });
    }

    fn path(&self, end: u32) -> Vec<u64> {
        let mut path = vec![u64::from(end)];
        let mut block = end;
        while let Some(parent) = self.parent_plus_one[block as usize].checked_sub(1) {
            path.push(u64::from(parent));
            block = parent;
        }
        path.reverse();
        path
    }
}
