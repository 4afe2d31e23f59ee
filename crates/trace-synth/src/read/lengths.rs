//! Block ids for prompts of which only lengths are known.

use super::LengthPrefixes;
use crate::streams::{Seed, Stream};
use crate::synth::{Class, Distribution, Ids, PrefixLevel, SharedPrefixes, Text};

/// Makes up ids: a shared beginning where one is asked for, then blocks that nobody else has.
pub(crate) struct LengthTexts {
    block_tokens: u32,
    shared: Option<Shared>,
    ids: Ids,
}

struct Shared {
    class: Class,
    seed: Seed,
    stream: Stream,
    prefixes: SharedPrefixes,
}

impl LengthTexts {
    pub(crate) fn new(prefixes: Option<&LengthPrefixes>, block_tokens: u32) -> Self {
        let shared = prefixes.map(|prefixes| Shared {
            class: only_prefixes(&prefixes.levels),
            seed: Seed(prefixes.seed),
            stream: Seed(prefixes.seed).stream("lengths", 0),
            prefixes: SharedPrefixes::default(),
        });
        Self { block_tokens, shared, ids: Ids::default() }
    }

    /// Ids of a prompt of so many tokens, a partial last block included.
    pub(crate) fn ids(&mut self, tokens: u32) -> Vec<u64> {
        let mut text = match &mut self.shared {
            Some(Shared { class, seed, stream, prefixes }) => {
                prefixes.text((0, class), 0.0, self.block_tokens, *seed, stream, &mut self.ids)
            }
            None => Text::default(),
        };
        text.cut(tokens, self.block_tokens);
        text.extend(tokens - text.tokens, self.block_tokens, &mut self.ids);
        if !tokens.is_multiple_of(self.block_tokens) {
            text.full_blocks.push(self.ids.fresh());
        }
        text.full_blocks
    }
}

/// A class of which only the shared prefixes are used.
fn only_prefixes(levels: &[PrefixLevel]) -> Class {
    let nothing = Distribution::Constant(0.0);
    Class {
        name: "lengths".to_owned(),
        share: 1.0,
        prefix: levels.to_vec(),
        first_tokens: nothing.clone(),
        followup_tokens: nothing.clone(),
        output_tokens: nothing.clone(),
        next_turn: vec![0.0],
        gap_s: nothing,
        breaks: Vec::new(),
        returns: 0.0,
        max_prompt_tokens: u32::MAX,
    }
}
