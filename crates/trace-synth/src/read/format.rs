//! The formats there are, and telling them apart by a file's first line.

use super::error::{LineError, ReadError, shortened};
use super::lines::Lines;

/// A trace format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Mooncake JSONL, and plain JSONL of the same fields: see [`super::jsonl`].
    Mooncake,
    /// Qwen-Bailian JSONL: see [`super::qwen`].
    QwenBailian,
    /// Azure LLM inference CSV, 2023 or 2024: see [`super::csv`].
    Azure,
    /// BurstGPT CSV: see [`super::csv`].
    BurstGpt,
    /// Recorded KV-cache events as JSONL: see [`super::kv_events`].
    KvEvents,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Mooncake, Self::QwenBailian, Self::Azure, Self::BurstGpt, Self::KvEvents];

    /// The name as written with `--format`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mooncake => "mooncake",
            Self::QwenBailian => "qwen-bailian",
            Self::Azure => "azure",
            Self::BurstGpt => "burstgpt",
            Self::KvEvents => "kv-events",
        }
    }

    /// The format of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// What the first line says. An object is Mooncake's unless it has fields of another format; a table is told by
    /// its header. Nothing at all is left to the Mooncake reader, which says so.
    pub(super) fn detect(lines: &mut Lines<'_>) -> Result<Self, ReadError> {
        let Some(line) = lines.peek()? else { return Ok(Self::Mooncake) };
        let text = String::from_utf8_lossy(line);
        let has = |part: &str| text.contains(part);
        if text.trim_start().starts_with(['{', '[']) {
            return Ok(match () {
                () if has("\"chat_id\"") => Self::QwenBailian,
                () if has("\"block_hashes\"") || has("\"AllBlocksCleared\"") => Self::KvEvents,
                () => Self::Mooncake,
            });
        }
        match () {
            () if has("ContextTokens") => Ok(Self::Azure),
            () if has("Request tokens") => Ok(Self::BurstGpt),
            () => {
                let found = format!("the first line {:?}", shortened(&text));
                let names = Self::ALL.map(Self::name).join(", ");
                let expected =
                    format!("a JSON object, or the header of a known table; --format names one of {names}");
                Err(lines.locate(LineError::line(found, expected)))
            }
        }
    }
}
