//! Tables that give only times and lengths: Azure LLM inference (2023, 2024) and BurstGPT.
//!
//! Azure: `TIMESTAMP` (a date and time), `ContextTokens`, `GeneratedTokens`. BurstGPT: `Timestamp` [s], `Request tokens`,
//! `Response tokens`, and in its later edition `Session ID`. Columns are found by name. Times count from the earliest
//! row. Nothing is known about what prompts share, so it is either nothing or what a shared prefix tree of a recipe
//! says ([`super::LengthPrefixes`]); such a trace's reuse is made up and only its times and lengths are real.

use kv_core::{Trace, TraceBuilder};
use rustc_hash::FxHashMap;

use super::error::{LineError, ReadError};
use super::fields::to_ns;
use super::jsonl::MOONCAKE_BLOCK_TOKENS;
use super::lines::Lines;
use super::{Format, ReadOptions};
use crate::synth::LengthTexts;

struct Row {
    arrival_ns: u64,
    input: u32,
    output: u32,
    session: Option<u32>,
}

/// Reads every row, or says what is wrong with the first that is not right.
pub(super) fn read(lines: &mut Lines<'_>, format: Format, options: &ReadOptions) -> Result<Trace, ReadError> {
    let example = match format {
        Format::Azure => "TIMESTAMP,ContextTokens,GeneratedTokens",
        _ => "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type",
    };
    let header = lines.next()?.map(|line| Columns::find(&String::from_utf8_lossy(line), format, example));
    let empty = || ReadError::Empty { file: lines.file().to_owned(), example };
    let columns = header.ok_or_else(empty)?.map_err(|error| lines.locate(error))?;
    let mut rows = Vec::new();
    let mut sessions = FxHashMap::default();
    while let Some(line) = lines.next()? {
        let row = std::str::from_utf8(line)
            .map_err(|_| LineError::line("not UTF-8", format!("a row of {example}")))
            .and_then(|line| columns.row(line, format, &mut sessions));
        rows.push(row.map_err(|error| lines.locate(error))?);
    }
    let Some(start_ns) = rows.iter().map(|row| row.arrival_ns).min() else {
        return Err(ReadError::Empty { file: lines.file().to_owned(), example });
    };
    let block_tokens = options.block_tokens.map_or(MOONCAKE_BLOCK_TOKENS, std::num::NonZero::get);
    let mut texts = LengthTexts::new(options.length_prefixes.as_ref(), block_tokens);
    let mut builder = TraceBuilder::new(block_tokens);
    for row in rows {
        let ids = texts.ids(row.input);
        let added = builder.push(row.arrival_ns - start_ns, row.input, row.output, &ids, row.session);
        added.map_err(|error| lines.locate(error.into()))?;
    }
    Ok(builder.finish())
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
    fn find(header: &str, format: Format, example: &str) -> Result<Self, LineError> {
        let names: Vec<&str> = header.trim_start_matches('\u{feff}').split(',').map(str::trim).collect();
        let at = |name: &str| names.iter().position(|n| *n == name);
        let [time, input, output] = columns(format);
        let need = |name: &str| {
            at(name).ok_or_else(|| {
                LineError::line(format!("a header without {name:?}"), format!("one like {example}"))
            })
        };
        let session = at("Session ID");
        Ok(Self {
            count: names.len(),
            time: need(time)?,
            input: need(input)?,
            output: need(output)?,
            session,
        })
    }

    fn row(
        &self,
        line: &str,
        format: Format,
        sessions: &mut FxHashMap<String, u32>,
    ) -> Result<Row, LineError> {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        if cells.len() != self.count {
            let found = format!("{} cells", cells.len());
            return Err(LineError::line(found, format!("{}, as in the header", self.count)));
        }
        let time = cells[self.time];
        let arrival_ns = match format {
            Format::Azure => date_time_ns(time).ok_or_else(|| {
                LineError::field(
                    "TIMESTAMP",
                    time,
                    "a time such as 2023-11-16 18:15:46.6805900, from 1970 on",
                )
            })?,
            _ => to_ns(time.parse().ok(), 1e9).ok_or_else(|| {
                LineError::field("Timestamp", time, "a time in seconds, from 0 to 18446744073")
            })?,
        };
        let tokens = |field: &'static str, cell: &str, least: u32| match cell.parse::<u32>() {
            Ok(tokens) if tokens >= least => Ok(tokens),
            _ => Err(LineError::field(field, cell, format!("a whole number of tokens from {least}"))),
        };
        let next = u32::try_from(sessions.len()).expect("fewer than lines of a file");
        Ok(Row {
            arrival_ns,
            input: tokens(columns(format)[1], cells[self.input], 1)?,
            output: tokens(columns(format)[2], cells[self.output], 0)?,
            session: self.session.map(|column| *sessions.entry(cells[column].to_owned()).or_insert(next)),
        })
    }
}

/// `YYYY-MM-DD hh:mm:ss[.fraction][+hh:mm]` in nanoseconds since 1970; a leap second counts as the next one.
fn date_time_ns(text: &str) -> Option<u64> {
    let (date, rest) = text.split_once([' ', 'T'])?;
    let rest = rest.trim_end_matches('Z');
    let (time, offset) = match rest.find(['+', '-']) {
        Some(sign) => rest.split_at(sign),
        None => (rest, "+00:00"),
    };
    let whole = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i64>().ok())?;
    let mut date = date.split('-').map(whole);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut clock = clock.split(':').map(whole);
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let (offset_hour, offset_minute) = offset[1..].split_once(':')?;
    let (offset_hour, offset_minute) = (whole(offset_hour)?, whole(offset_minute)?);
    let fits = (1970..=2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !fits || hour > 23 || minute > 59 || second > 60 || offset_hour > 14 || offset_minute > 59 {
        return None;
    }
    let offset_s = (offset_hour * 60 + offset_minute) * if offset.starts_with('-') { -60 } else { 60 };
    let seconds = ((days_from_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second - offset_s;
    let below = whole(format!("{fraction:0<9}").get(..9)?)?;
    u64::try_from(seconds * 1_000_000_000 + below).ok()
}

/// Days of the Gregorian calendar since 1970-01-01: years counted from March, so that leap days end a year.
fn days_from_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let months_from_march = (month + 9) % 12;
    let day_of_year = (153 * months_from_march + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_count_from_1970() {
        // 2000-03-01 is 11,017 days on: 30 years of 365, 7 leap days before 2000, then 31 + 29 days.
        assert_eq!(days_from_1970(2000, 3, 1), 30 * 365 + 7 + 31 + 29);
        assert_eq!(date_time_ns("1970-01-02 00:00:01.5"), Some(86_401_500_000_000));
        assert_eq!(date_time_ns("1970-01-02 01:00:01.500000+01:00"), Some(86_401_500_000_000));
        for wrong in
            ["", "2023-11-16", "2023-13-16 00:00:00", "2023-11-16 00:00", "1969-01-01 00:00:00", "a b"]
        {
            assert_eq!(date_time_ns(wrong), None, "{wrong}");
        }
    }
}
