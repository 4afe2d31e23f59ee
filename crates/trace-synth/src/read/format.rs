//! The formats there are, and telling them apart by a file's first line.

use super::error::{LineError, ReadError, shortened};
use super::fields::Fields;
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
    /// Agent sessions, one a line: see [`super::weka`].
    Weka,
    /// Request traces of Dynamo: see [`super::dynamo`].
    Dynamo,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Mooncake,
        Self::QwenBailian,
        Self::Azure,
        Self::BurstGpt,
        Self::KvEvents,
        Self::Weka,
        Self::Dynamo,
    ];

    /// The name as written with `--format`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mooncake => "mooncake",
            Self::QwenBailian => "qwen-bailian",
            Self::Azure => "azure",
            Self::BurstGpt => "burstgpt",
            Self::KvEvents => "kv-events",
            Self::Weka => "weka",
            Self::Dynamo => "dynamo",
        }
    }

    /// The format of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// What the first line says, and a remark where that is a guess. An object is Mooncake's unless it has fields of
    /// another format; a table is told by its header. Nothing at all is left to the Mooncake reader, which says so.
    pub(super) fn detect(lines: &mut Lines<'_>) -> Result<(Self, Option<String>), ReadError> {
        let Some(line) = lines.peek()? else { return Ok((Self::Mooncake, None)) };
        if line.trim_ascii_start().starts_with(b"{") || line.trim_ascii_start().starts_with(b"[") {
            let (format, field) = Self::of_json(line);
            return Ok((format, field.map(|field| format.guessed_by(field))));
        }
        let text = String::from_utf8_lossy(line);
        match () {
            () if text.contains("ContextTokens") => Ok((Self::Azure, None)),
            () if text.contains("Request tokens") => Ok((Self::BurstGpt, None)),
            () => {
                let found = format!("the first line {:?}", shortened(&text));
                let names = Self::ALL.map(Self::name).join(", ");
                let expected =
                    format!("a JSON object, or the header of a known table; --format names one of {names}");
                Err(lines.locate(LineError::line(found, expected)))
            }
        }
    }

    /// The format of a JSON line, and the field that told it from Mooncake's.
    fn of_json(line: &[u8]) -> (Self, Option<&'static str>) {
        // A usual line of Mooncake's, which may be long, is not parsed here.
        let has = |part: &str| memchr::memmem::find(line, part.as_bytes()).is_some();
        let is_list = line.trim_ascii_start().starts_with(b"[");
        if is_list && (has("\"BlockStored\"") || has("\"BlockRemoved\"") || has("\"AllBlocksCleared\"")) {
            return (Self::KvEvents, Some("events"));
        }
        let signs = [
            ("chat_id", Self::QwenBailian),
            ("requests", Self::Weka),
            ("event", Self::Dynamo),
            ("event_type", Self::Dynamo),
            ("block_hashes", Self::KvEvents),
            ("events", Self::KvEvents),
            ("type", Self::KvEvents),
        ];
        if is_list || !signs.iter().any(|(field, _)| has(&format!("\"{field}\""))) {
            return (Self::Mooncake, None);
        }
        let Ok(fields) = serde_json::from_slice::<Fields>(line) else { return (Self::Mooncake, None) };
        let told = signs.into_iter().find(|(field, format)| {
            let event_types = ["BlockStored", "BlockRemoved", "AllBlocksCleared"];
            fields.get(*field).is_some_and(|value| match (*field, format) {
                ("type", _) => value.as_str().is_some_and(|name| event_types.contains(&name)),
                ("requests" | "events", _) => value.is_array(),
                ("event", _) => value.is_object(),
                _ => true,
            })
        });
        told.map_or((Self::Mooncake, None), |(field, format)| (format, Some(field)))
    }

    fn guessed_by(self, field: &str) -> String {
        let what = match self {
            Self::QwenBailian => ": times in seconds, ids that name a block's own tokens",
            Self::Weka => ": times in seconds from each session's start",
            Self::KvEvents => ": times in seconds, requests as far as events tell",
            _ => "",
        };
        format!("read as {} by its field `{field}`{what}; --format says otherwise", self.name())
    }
}
