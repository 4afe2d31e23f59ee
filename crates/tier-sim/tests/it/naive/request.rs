//! A request as an engine sees it.

use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Waiting,
    Loading,
    Loaded,
    Running,
    Ended,
}

/// A request, from its arrival on.
#[derive(Debug)]
pub(super) struct Req {
    pub(super) engine: usize,
    pub(super) prompt: u32,
    pub(super) output: u32,
    pub(super) phase: Phase,
    /// Tokens whose KV is there or planned.
    pub(super) computed: u32,
    /// Tokens that are generated or planned.
    pub(super) generated: u32,
    /// Whether all known tokens were computed since its last admission.
    pub(super) decodes: bool,
    pub(super) table: Vec<usize>,
    pub(super) named: usize,
    pub(super) next_store: usize,
    /// First block that was not refused yet: a refusal counts once.
    pub(super) refused: usize,
    pub(super) first_told: usize,
    pub(super) jobs: BTreeSet<u64>,
    pub(super) has_token: bool,
    pub(super) admitted: bool,
    pub(super) was_computed: u32,
    pub(super) load_since: u64,
    pub(super) asked_far: bool,
    /// Whether blocks were promoted for it since it was last put back, after its turn had come.
    pub(super) promoted_at_turn: bool,
    pub(super) promotions: Vec<u64>,
    /// (tier, position) of the blocks that were promoted for it.
    pub(super) promoted: Vec<(usize, usize)>,
    pub(super) promotion_start_ns: u64,
    pub(super) promotion_blocks: usize,
}

impl Req {
    pub(super) fn new(engine: usize, prompt: u32, output: u32) -> Self {
        Self {
            engine,
            prompt,
            output,
            phase: Phase::Waiting,
            computed: 0,
            generated: 0,
            decodes: false,
            table: Vec::new(),
            named: 0,
            next_store: 0,
            refused: 0,
            first_told: 0,
            jobs: BTreeSet::new(),
            has_token: false,
            admitted: false,
            was_computed: 0,
            load_since: 0,
            asked_far: false,
            promoted_at_turn: false,
            promotions: Vec::new(),
            promoted: Vec::new(),
            promotion_start_ns: 0,
            promotion_blocks: 0,
        }
    }

    pub(super) fn known(&self) -> u32 {
        self.prompt + self.generated
    }

    /// Its last token is in a step under way.
    pub(super) fn is_ending(&self) -> bool {
        self.generated == self.output
    }
}
