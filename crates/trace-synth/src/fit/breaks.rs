//! Follow-ups that leave the conversation. There are two kinds, and they have little in common.
//!
//! An edit changes the end of a prompt and keeps a share of it near 1. A rewrite keeps a system prompt or
//! nothing, whatever the length of the prompt, and sends the rest anew: the text was compacted or changed near
//! its head, or the question is a side question.

use super::distribution;
use super::observe::rounded;
use crate::numbers::ratio;
use crate::synth::{Breaks, Distribution};

/// What keeps at least this share of the prompt before is an edit.
const EDIT_SHARE: f64 = 0.9;

/// A break: the prompt before and what of it was kept, and the new prompt [tokens].
#[derive(Debug, Clone, Copy)]
pub(super) struct Break {
    pub(super) before: f64,
    pub(super) kept: f64,
    pub(super) length: f64,
    /// Whether it is its session's first follow-up.
    pub(super) first: bool,
}

impl Break {
    pub(super) fn is_edit(&self) -> bool {
        self.kept >= EDIT_SHARE * self.before
    }
}

/// Breaks of one kind, and the follow-ups among which they were seen.
#[derive(Debug, Default)]
pub(super) struct Kind {
    breaks: Vec<Break>,
    /// First follow-ups of their sessions, and later ones.
    follow_ups: [usize; 2],
}

impl Kind {
    /// Of the breaks of a kind among so many first and later follow-ups.
    pub(super) fn new(breaks: Vec<Break>, follow_ups: [usize; 2]) -> Self {
        Self { breaks, follow_ups }
    }

    /// As a part of a recipe that keeps shares; `None` where none was seen.
    pub(super) fn of_share(&self) -> Option<Breaks> {
        let kept_share = self.sample(|it| it.kept / it.before)?;
        Some(Breaks { chance: self.chance(), kept_share, kept_tokens: None, length_ratio: self.lengths()? })
    }

    /// As a part of a recipe that keeps a number of tokens.
    pub(super) fn of_tokens(&self) -> Option<Breaks> {
        let kept_tokens = self.sample(|it| it.kept);
        let kept_share = Distribution::Constant(1.0);
        Some(Breaks { chance: self.chance(), kept_share, kept_tokens, length_ratio: self.lengths()? })
    }

    /// First prompts are left more often than later ones.
    fn chance(&self) -> Vec<f64> {
        let first = self.breaks.iter().filter(|it| it.first).count();
        let counts = [first, self.breaks.len() - first];
        counts.iter().zip(self.follow_ups).map(|(&count, of)| rounded(ratio(count, of))).collect()
    }

    fn lengths(&self) -> Option<Distribution> {
        self.sample(|it| it.length / it.before)
    }

    fn sample(&self, of: impl Fn(&Break) -> f64) -> Option<Distribution> {
        (!self.breaks.is_empty()).then(|| distribution(self.breaks.iter().map(of).collect()))
    }
}
