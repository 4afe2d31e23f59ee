//! The steps whose times are compared.

use serde::Serialize;
use tier_sim::step::{Chunk, StepModel, Work};

/// What a step serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepType {
    /// One chunk of a prompt.
    Prefill,
    /// Sequences that get one token each.
    Decode,
    /// Both.
    Mixed,
}

impl StepType {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Prefill, Self::Decode, Self::Mixed];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prefill => "prefill",
            Self::Decode => "decode",
            Self::Mixed => "mixed",
        }
    }
}

/// A step: a chunk of a prompt, sequences that decode, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Step {
    /// New tokens of the chunk; 0 without one.
    pub chunk_tokens: u32,
    /// Tokens before the chunk.
    pub chunk_context: u32,
    /// Sequences that decode.
    pub decodes: u32,
    /// Tokens before the new one in each of them.
    pub decode_context: u32,
}

impl Step {
    const fn prefill(chunk_tokens: u32, chunk_context: u32) -> Self {
        Self { chunk_tokens, chunk_context, decodes: 0, decode_context: 0 }
    }

    const fn decode(decodes: u32, decode_context: u32) -> Self {
        Self { chunk_tokens: 0, chunk_context: 0, decodes, decode_context }
    }

    /// Which type it is.
    #[must_use]
    pub fn step_type(&self) -> StepType {
        match (self.chunk_tokens, self.decodes) {
            (_, 0) => StepType::Prefill,
            (0, _) => StepType::Decode,
            _ => StepType::Mixed,
        }
    }

    /// New tokens.
    #[must_use]
    pub fn tokens(&self) -> u32 {
        self.chunk_tokens + self.decodes
    }

    /// Sequences. Each has one next token to choose.
    #[must_use]
    pub fn sequences(&self) -> u32 {
        self.decodes + u32::from(self.chunk_tokens > 0)
    }

    /// Tokens whose KV must be there when the step ends.
    #[must_use]
    pub fn kv_tokens(&self) -> u64 {
        let decoding = u64::from(self.decodes) * (u64::from(self.decode_context) + 1);
        u64::from(self.chunk_tokens) + u64::from(self.chunk_context) + decoding
    }

    /// What the simulator's step model says it takes \[ms\].
    #[must_use]
    pub fn model_ms(&self, model: &StepModel) -> f64 {
        let chunk = [Chunk { new: self.chunk_tokens, context: self.chunk_context }];
        let chunks = if self.chunk_tokens > 0 { &chunk[..] } else { &[] };
        let decode_context = u64::from(self.decodes) * u64::from(self.decode_context);
        model.step_fs(&Work { chunks, decodes: self.decodes, decode_context }) as f64 / 1e12
    }

    /// For a person: `2048 new after 8192, 64 decodes at 1024`.
    #[must_use]
    pub fn title(&self) -> String {
        let Self { chunk_tokens, chunk_context, decodes, decode_context } = self;
        let chunk = match chunk_context {
            0 => format!("{chunk_tokens} new"),
            _ => format!("{chunk_tokens} new after {chunk_context}"),
        };
        let decoding = format!("{decodes} decodes at {decode_context}");
        match self.step_type() {
            StepType::Prefill => chunk,
            StepType::Decode => decoding,
            StepType::Mixed => format!("{chunk}, {decoding}"),
        }
    }
}

/// The steps: prefill of 256 to 8192 new tokens, some with tokens before them; decodes of 1 to 256 sequences at 512 to 16,384
/// tokens; and both together.
#[must_use]
pub fn steps() -> Vec<Step> {
    let mut steps: Vec<Step> = [256, 512, 1024, 2048, 4096, 8192].map(|new| Step::prefill(new, 0)).to_vec();
    steps.extend(
        [(512, 4096), (2048, 4096), (2048, 14_336), (8192, 8192)].map(|(new, at)| Step::prefill(new, at)),
    );
    for decodes in [1, 4, 16, 32, 64, 128, 256] {
        steps.extend([512, 2048, 8192, 16_384].map(|context| Step::decode(decodes, context)));
    }
    let mixed = [
        (256, 0, 128, 1024),
        (512, 0, 16, 4096),
        (512, 4096, 64, 2048),
        (1024, 0, 64, 1024),
        (2048, 0, 32, 2048),
        (2048, 6144, 128, 1024),
        (4096, 0, 64, 4096),
        (8064, 0, 128, 2048),
    ];
    steps.extend(mixed.map(|(chunk_tokens, chunk_context, decodes, decode_context)| Step {
        chunk_tokens,
        chunk_context,
        decodes,
        decode_context,
    }));
    steps
}
