//! Reads a table of step times: one row per measured (or predicted) engine step.
//!
//! The columns are `kind,bs,new,ctx,ms`. The three parts of mixed rows, `shared,ctxattn,decattn`, may follow. Any other
//! columns after them are ignored. `kind` is
//! - `prefill`: `bs` sequences with `new` new tokens each after `ctx` cached ones;
//! - `decode`: `bs` sequences that decode one token each at context `ctx`;
//! - `mixed`: `bs` such decodes beside `new` tokens of prompts of `ctx` tokens each. Such a row stands for a step in
//!   the middle of a prompt, so that its attention work is that of the average token: `new * ctx / 2`.

use std::fmt;
use thiserror::Error;
use tier_sim::step::{Chunk, Work};

/// The columns that every table starts with.
const COLUMNS: &str = "kind,bs,new,ctx,ms";
/// The columns that come next where mixed rows have their parts.
pub(super) const PARTS: &str = "shared,ctxattn,decattn";

/// What a step serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum StepType {
    /// Decodes only.
    Decode,
    /// Prefill chunks only.
    Prefill,
    /// Both.
    Mixed,
}

impl StepType {
    /// All, in the order in which files list them.
    pub(crate) const ALL: [Self; 3] = [Self::Decode, Self::Prefill, Self::Mixed];

    /// Its name in tables and profile files.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Prefill => "prefill",
            Self::Mixed => "mixed",
        }
    }
}

impl fmt::Display for StepType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One step of a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// Where the table has it.
    pub(crate) place: Place,
    /// What it serves.
    pub(crate) step_type: StepType,
    /// Its prefill chunks.
    pub(crate) chunks: Vec<Chunk>,
    /// Its decoding sequences.
    pub(crate) decodes: u32,
    /// The tokens they attend to, summed \[tokens\].
    pub(crate) decode_context: u64,
    /// How long it takes \[ms\], above 0.
    pub(crate) ms: f64,
}

/// The sizes of a row, and its line in the file. The header is line 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Place {
    pub(crate) line: usize,
    /// Column `bs`.
    pub(crate) sequences: u32,
    /// Column `new`.
    pub(crate) new: u32,
    /// Column `ctx`.
    pub(crate) context: u32,
    /// Columns `shared`, `ctxattn`, `decattn` \[ms\], where the row has all of them.
    pub(crate) parts: Option<[f64; 3]>,
}

impl Row {
    /// The step as the simulator describes it.
    #[must_use]
    pub(crate) fn work(&self) -> Work<'_> {
        Work { chunks: &self.chunks, decodes: self.decodes, decode_context: self.decode_context }
    }
}

/// A table that cannot be read.
#[derive(Debug, Clone, PartialEq, Error)]
pub(crate) enum TableError {
    /// Another header.
    #[error("line 1: the columns are `{found}`; a step table starts with `{COLUMNS}`")]
    Header {
        /// The line as it stands.
        found: String,
    },
    /// A field that is missing or means nothing.
    #[error("line {line}: `{column}` is `{value}`; expected {expected}")]
    Field {
        /// Line, the header being 1.
        line: usize,
        /// Column.
        column: &'static str,
        /// Text of the field.
        value: String,
        /// What would be read.
        expected: &'static str,
    },
    /// Fewer than two rows of a step type: nothing can be fitted to them.
    #[error("the table has {count} `{step_type}` rows; a fit needs at least 2 of each step type")]
    TooFew {
        /// Step type.
        step_type: StepType,
        /// Its rows.
        count: usize,
    },
    /// A mixed row without its parts, where a table is made of them.
    #[error("line {line}: a table of mixed steps needs the columns `{PARTS}` after `{COLUMNS}`, filled in")]
    NoParts {
        /// Line.
        line: usize,
    },
    /// Two rows that give one place two times.
    #[error("line {line}: {what} is {ms} ms; an earlier line has {earlier} ms")]
    Twice {
        /// The later line.
        line: usize,
        /// Which time.
        what: String,
        /// It.
        ms: f64,
        /// The other.
        earlier: f64,
    },
    /// A hole in a grid: sizes may be missing at the end of a row only.
    #[error("there is no {what}; sizes that are not measured may only be the last of their row")]
    Hole {
        /// Which times.
        what: String,
    },
}

/// Reads the text of a table.
///
/// # Errors
/// Another header, a field that does not parse, or too few rows of a step type.
pub(crate) fn parse_table(text: &str) -> Result<Vec<Row>, TableError> {
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default();
    if header != COLUMNS && !header.starts_with(&format!("{COLUMNS},")) {
        return Err(TableError::Header { found: header.to_owned() });
    }
    let has_parts = header.starts_with(&format!("{COLUMNS},{PARTS}"));
    let rows = lines
        .enumerate()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(index, text)| parse_row(index + 2, text, has_parts))
        .collect::<Result<Vec<_>, _>>()?;
    for step_type in StepType::ALL {
        let count = rows.iter().filter(|r| r.step_type == step_type).count();
        if count < 2 {
            return Err(TableError::TooFew { step_type, count });
        }
    }
    Ok(rows)
}

fn parse_row(line: usize, text: &str, has_parts: bool) -> Result<Row, TableError> {
    let fields: Vec<&str> = text.split(',').map(str::trim).collect();
    let field = |index: usize| fields.get(index).copied().unwrap_or_default();
    let wrong = |index: usize, expected| TableError::Field {
        line,
        column: ["kind", "bs", "new", "ctx", "ms", "shared", "ctxattn", "decattn"][index],
        value: field(index).to_owned(),
        expected,
    };
    let count = |index: usize, least: u32| {
        let expected = if least == 0 { "a whole number" } else { "a whole number above 0" };
        field(index).parse::<u32>().ok().filter(|&n| n >= least).ok_or_else(|| wrong(index, expected))
    };
    let (sequences, new, context) = (count(1, 1)?, count(2, 1)?, count(3, 0)?);
    let ms = field(4).parse::<f64>().ok().filter(|ms| ms.is_finite() && *ms > 0.0);
    let ms = ms.ok_or_else(|| wrong(4, "milliseconds above 0"))?;
    let decode_context = u64::from(sequences) * u64::from(context);
    let part = |index: usize| match field(index) {
        "" => Ok(None),
        text => match text.parse::<f64>() {
            Ok(ms) if ms.is_finite() && ms >= 0.0 => Ok(Some(ms)),
            _ => Err(wrong(index, "milliseconds, or nothing")),
        },
    };
    let parts = if has_parts { [part(5)?, part(6)?, part(7)?] } else { [None; 3] };
    let parts = match parts {
        [Some(shared), Some(chunks), Some(decodes)] => Some([shared, chunks, decodes]),
        _ => None,
    };
    let place = Place { line, sequences, new, context, parts };
    Ok(match field(0) {
        "prefill" => {
            let chunks = vec![Chunk { new, context }; sequences as usize];
            Row { place, step_type: StepType::Prefill, chunks, decodes: 0, decode_context: 0, ms }
        }
        "decode" => Row {
            place,
            step_type: StepType::Decode,
            chunks: Vec::new(),
            decodes: sequences,
            decode_context,
            ms,
        },
        "mixed" => {
            let chunks = average_chunks(new, count(3, 1)?);
            Row { place, step_type: StepType::Mixed, chunks, decodes: sequences, decode_context, ms }
        }
        _ => return Err(wrong(0, "prefill, decode or mixed")),
    })
}

/// Chunks of `new` tokens in all with the attention work of average tokens of prompts of `prompt` tokens.
fn average_chunks(new: u32, prompt: u32) -> Vec<Chunk> {
    let whole = new / prompt;
    let rest = new % prompt;
    let mut chunks = vec![Chunk { new: prompt, context: 0 }; whole as usize];
    if rest > 0 {
        // A chunk in the middle: context + rest / 2 = prompt / 2.
        chunks.push(Chunk { new: rest, context: (prompt - rest) / 2 });
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "kind,bs,new,ctx,ms,shared\n\
        prefill,2,64,512,3.5,\nprefill,1,64,0,3,\n\
        decode,4,4,128,2.0,\ndecode,4,4,256,2.1,\n\
        mixed,8,256,1024,5.0,4\nmixed,8,2048,1024,6.0,4\n";

    #[test]
    fn rows_become_steps() {
        let rows = parse_table(GOOD).unwrap();
        assert_eq!(rows[0].chunks, vec![Chunk { new: 64, context: 512 }; 2]);
        assert_eq!((rows[2].decodes, rows[2].decode_context), (4, 512));
        // 256 of a prompt of 1024: 256 * (384 + 128) = 256 * 1024 / 2.
        assert_eq!(rows[4].chunks, [Chunk { new: 256, context: 384 }]);
        // 2048 new tokens of prompts of 1024 are two whole prompts: 2 * 1024 * 512 = 2048 * 1024 / 2.
        assert_eq!(rows[5].chunks, vec![Chunk { new: 1024, context: 0 }; 2]);
        assert_eq!(rows[5].work().tokens(), 2056);
    }

    #[test]
    fn what_does_not_read_is_named() {
        let message = |from: &str, to: &str| parse_table(&GOOD.replace(from, to)).unwrap_err().to_string();
        assert_eq!(
            message("kind,bs", "kind,size"),
            "line 1: the columns are `kind,size,new,ctx,ms,shared`; a step table starts with `kind,bs,new,ctx,ms`"
        );
        assert_eq!(
            message("decode,4,4,128,2.0", "decode,4,4,128,-2"),
            "line 4: `ms` is `-2`; expected milliseconds above 0"
        );
        assert_eq!(
            message("mixed,8,256", "mixing,8,256"),
            "line 6: `kind` is `mixing`; expected prefill, decode or mixed"
        );
        assert_eq!(
            message("decode,4,4,256,2.1,\n", ""),
            "the table has 1 `decode` rows; a fit needs at least 2 of each step type"
        );
    }
}
