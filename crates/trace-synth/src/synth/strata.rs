//! Numbers for a synthesis: plainly random, or random but evenly spread.
//!
//! A session draws from streams of its own. Where a recipe is `stratified`, all sessions of a class draw from
//! the same few streams instead. Such a stream takes one number from each of 64 equal parts, in random order,
//! and then begins again. So every seed has nearly the recipe's own share of large sessions, even where they
//! are few.

use std::convert::Infallible;

use rand::seq::SliceRandom;
use rand::{Rng, TryRng};

use crate::streams::{Seed, Stream};

/// Parts: 2 to this power. With 16 or 256 of them the agentic trace's twins of 64 seeds scatter more.
const PART_BITS: u32 = 6;

/// A stream, evenly spread or not.
pub(super) struct Numbers {
    stream: Stream,
    /// Parts that have not had their turn; `None` where numbers are plainly random.
    parts: Option<Vec<u64>>,
}

impl Numbers {
    pub(super) fn plain(stream: Stream) -> Self {
        Self { stream, parts: None }
    }

    pub(super) fn spread(stream: Stream) -> Self {
        Self { stream, parts: Some(Vec::new()) }
    }
}

impl TryRng for Numbers {
    type Error = Infallible;

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let number = self.stream.next_u64();
        let Some(parts) = &mut self.parts else { return Ok(number) };
        if parts.is_empty() {
            parts.extend(0..1 << PART_BITS);
            parts.shuffle(&mut self.stream);
        }
        let part = parts.pop().expect("there are some again");
        Ok((part << (u64::BITS - PART_BITS)) | (number >> PART_BITS))
    }

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|number| (number >> u32::BITS) as u32)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes
            .chunks_mut(8)
            .for_each(|chunk| chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]));
        Ok(())
    }
}

/// What a session draws from, apart from each other.
pub(super) struct Streams {
    /// First prompts, where they have one of their own.
    pub(super) first: Option<Numbers>,
    pub(super) prompt: Numbers,
    pub(super) output: Numbers,
    pub(super) turns: Numbers,
    pub(super) gaps: Numbers,
    /// Whether and where follow-ups leave the conversation.
    pub(super) context: Numbers,
    /// How much they keep and how long they are, where they have one of their own.
    pub(super) broken: Option<Numbers>,
}

impl Streams {
    /// Of one session.
    pub(super) fn of_session(seed: Seed, number: u32) -> Self {
        let of = |name| Numbers::plain(seed.stream(name, u64::from(number)));
        Self {
            first: None,
            prompt: of("prompt"),
            output: of("output"),
            turns: of("turns"),
            gaps: of("gaps"),
            context: of("context"),
            broken: None,
        }
    }

    /// Of all sessions of a class.
    pub(super) fn of_class(seed: Seed, class: usize) -> Self {
        let of = |name| Numbers::spread(seed.stream(name, class as u64));
        Self {
            first: Some(of("class first")),
            prompt: of("class prompt"),
            output: of("class output"),
            turns: of("class turns"),
            gaps: of("class gaps"),
            context: of("class context"),
            broken: Some(of("class broken")),
        }
    }
}
