//! Tables that give only times and lengths: Azure LLM inference (2023, 2024) and BurstGPT.
//!
//! Azure has `TIMESTAMP` (a date and time), `ContextTokens` and `GeneratedTokens`. BurstGPT has `Timestamp`
//! [s], `Request tokens`, `Response tokens`, and in its later edition `Session ID`. Columns are found by name.
//! Such a table does not say what prompts share: that is unknown, or made up of a shared prefix tree of a recipe
//! ([`super::LengthPrefixes`]). Only times and lengths are real.
//!
//! `csv-core`, the parser of the crate `csv`, splits rows into cells, and `jiff` reads dates. `csv` itself is
//! not used: lines, their numbers and their compression are those of all readers here.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use kv_core::TraceBuilder;

use super::clock::{TimeUnit, text_ns};
use super::error::{LineError, ReadError};
use super::fields::Numbered;
use super::jsonl::MOONCAKE_BLOCK_TOKENS;
use super::lengths::LengthTexts;
use super::lines::Lines;
use super::{Format, ReadOptions, Requests};

struct Row {
    arrival_ns: u64,
    input: u32,
    output: u32,
    session: Option<u32>,
}

/// Reads every row, or says what is wrong with the first that is not right.
pub(super) fn read(
    lines: &mut Lines<'_>,
    format: Format,
    options: &ReadOptions,
) -> Result<Requests, ReadError> {
    let example = match format {
        Format::Azure => "TIMESTAMP,ContextTokens,GeneratedTokens",
        _ => "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type",
    };
    let mut records = Records::new();
    let empty = |lines: &Lines<'_>| ReadError::Empty { file: lines.file().to_owned(), example };
    let found = records.next(lines, example)?;
    let header = found.ok_or_else(|| empty(lines))?;
    let columns = Columns::find(&header, format, example).map_err(|error| lines.locate(error))?;
    let unit = options.time_unit.unwrap_or(TimeUnit::Seconds);
    let block_tokens = options.block_tokens.map_or(MOONCAKE_BLOCK_TOKENS, std::num::NonZero::get);
    let mut texts = LengthTexts::new(options.length_prefixes.as_ref(), block_tokens);
    let mut builder = TraceBuilder::new(block_tokens);
    if options.length_prefixes.is_none() {
        builder.set_sharing_unknown();
    }
    let mut sessions = Numbered::default();
    let mut any = false;
    while let Some(cells) = records.next(lines, example)? {
        let added = columns.row(&cells, (format, unit), &mut sessions).and_then(|row| {
            let ids = texts.ids(row.input);
            Ok(builder.push(row.arrival_ns, row.input, row.output, &ids, row.session)?)
        });
        added.map_err(|error| lines.locate(error))?;
        any = true;
    }
    if !any {
        return Err(empty(lines));
    }
    let mut remarks = Vec::new();
    if format == Format::Azure && options.time_unit.is_some() {
        remarks.push("the unit of times has no effect (--time-unit): TIMESTAMP is a date".to_owned());
    }
    let assumed_unit = (format != Format::Azure && options.time_unit.is_none()).then_some(unit);
    Ok(Requests { builder, assumed_unit, remarks })
}

/// Splits lines into rows of cells. A quoted cell may hold commas, quotes and line ends.
struct Records {
    parser: csv_core::Reader,
    /// The current line with its end, as the parser wants it.
    line: Vec<u8>,
    /// The cells of the current row, one after another.
    text: Vec<u8>,
    /// Where in `text` each of them ends.
    ends: Vec<usize>,
}

impl Records {
    fn new() -> Self {
        let parser = csv_core::ReaderBuilder::new().terminator(csv_core::Terminator::Any(b'\n')).build();
        Self { parser, line: Vec::new(), text: Vec::new(), ends: Vec::new() }
    }

    /// The cells of the next row; `None` at the end of the file.
    fn next(&mut self, lines: &mut Lines<'_>, example: &str) -> Result<Option<Cells<'_>>, ReadError> {
        let (mut bytes, mut cells) = (0, 0);
        loop {
            let Some(line) = lines.next()? else {
                if bytes == 0 && cells == 0 {
                    return Ok(None);
                }
                let error = LineError::line("the end of the file within quotes", "a closing quote");
                return Err(lines.locate(error));
            };
            self.line.clear();
            self.line.extend_from_slice(line);
            self.line.push(b'\n');
            // A line gives at most as many bytes as it has, and at most as many cells.
            self.text.resize(bytes + self.line.len(), 0);
            self.ends.resize(cells + self.line.len(), 0);
            let (result, _, more_bytes, more_cells) =
                self.parser.read_record(&self.line, &mut self.text[bytes..], &mut self.ends[cells..]);
            bytes += more_bytes;
            cells += more_cells;
            if result == csv_core::ReadRecordResult::Record {
                break;
            }
        }
        let ends = &self.ends[..cells];
        let text = std::str::from_utf8(&self.text[..bytes]).ok();
        match text.filter(|text| ends.iter().all(|&end| text.is_char_boundary(end))) {
            Some(text) => Ok(Some(Cells { text, ends })),
            None => Err(lines.locate(LineError::line("not UTF-8", format!("a row of {example}")))),
        }
    }
}

/// The cells of one row.
struct Cells<'a> {
    text: &'a str,
    ends: &'a [usize],
}

impl<'a> Cells<'a> {
    fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell without spaces around it.
    fn get(&self, column: usize) -> &'a str {
        let start = column.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text[start..self.ends[column]].trim()
    }
}

/// The columns of time, prompt tokens and generated tokens.
fn columns(format: Format) -> [&'static str; 3] {
    match format {
        Format::Azure => ["TIMESTAMP", "ContextTokens", "GeneratedTokens"],
        _ => ["Timestamp", "Request tokens", "Response tokens"],
    }
}

/// Where the columns stand.
struct Columns {
    count: usize,
    time: usize,
    input: usize,
    output: usize,
    session: Option<usize>,
}

impl Columns {
    fn find(header: &Cells<'_>, format: Format, example: &str) -> Result<Self, LineError> {
        let at = |name: &str| (0..header.len()).find(|&column| header.get(column) == name);
        let [time, input, output] = columns(format);
        let need = |name: &str| {
            at(name).ok_or_else(|| {
                LineError::line(format!("a header without {name:?}"), format!("one like {example}"))
            })
        };
        let session = at("Session ID");
        Ok(Self {
            count: header.len(),
            time: need(time)?,
            input: need(input)?,
            output: need(output)?,
            session,
        })
    }

    fn row(
        &self,
        cells: &Cells<'_>,
        (format, unit): (Format, TimeUnit),
        sessions: &mut Numbered,
    ) -> Result<Row, LineError> {
        if cells.len() != self.count {
            let found = format!("{} cells", cells.len());
            return Err(LineError::line(found, format!("{}, as in the header", self.count)));
        }
        let time = cells.get(self.time);
        let arrival_ns = match format {
            Format::Azure => date_time_ns(time).ok_or_else(|| {
                LineError::field(
                    "TIMESTAMP",
                    time,
                    "a time such as 2023-11-16 18:15:46.6805900, from 1970 on",
                )
            })?,
            _ => text_ns(time, unit).ok_or_else(|| LineError::field("Timestamp", time, unit.expected()))?,
        };
        let tokens = |field: &'static str, cell: &str, least: u32| match cell.parse::<u32>() {
            Ok(tokens) if tokens >= least => Ok(tokens),
            _ => Err(LineError::field(field, cell, format!("a whole number of tokens from {least}"))),
        };
        Ok(Row {
            arrival_ns,
            input: tokens(columns(format)[1], cells.get(self.input), 1)?,
            output: tokens(columns(format)[2], cells.get(self.output), 0)?,
            session: self.session.map(|column| sessions.of(cells.get(column).to_owned())),
        })
    }
}

/// A date and a time of day with seconds, in nanoseconds since 1970. Without an offset it is taken as UTC; a
/// leap second counts as the second before it. Every other calendar question is jiff's.
fn date_time_ns(text: &str) -> Option<u64> {
    // `YYYY-MM-DD hh:mm:ss`; jiff would also take a date alone, or a time without seconds.
    if text.as_bytes().get(16) != Some(&b':') {
        return None;
    }
    let with_offset = text.parse::<Timestamp>().ok();
    let instant = with_offset.or_else(|| {
        let civil = text.parse::<DateTime>().ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()
    })?;
    u64::try_from(instant.as_nanosecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_count_from_1970() {
        // 2000-03-01 is 11,017 days on: 30 years of 365, 7 leap days before 2000, then 31 + 29 days.
        let days = 30 * 365 + 7 + 31 + 29;
        assert_eq!(date_time_ns("2000-03-01 00:00:00"), Some(days * 86_400_000_000_000));
        for same in ["1970-01-02 00:00:01.5", "1970-01-02T00:00:01.5Z", "1970-01-02 01:00:01.500000+01:00"] {
            assert_eq!(date_time_ns(same), Some(86_401_500_000_000), "{same}");
        }
        for wrong in [
            "",
            "2023-11-16",
            "2023-13-16 00:00:00",
            "2023-02-29 00:00:00",
            "2023-11-16 00:00",
            "1969-01-01 00:00:00",
            "a b",
        ] {
            assert_eq!(date_time_ns(wrong), None, "{wrong}");
        }
    }
}
