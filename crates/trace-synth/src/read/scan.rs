//! The fast way through a JSONL line: one pass over the bytes, no allocation.
//!
//! It only takes lines of the plain kind (flat object, known fields as whole numbers, no escapes) and answers `None`
//! for anything else, also for anything wrong: then [`super::jsonl`] parses the line properly and has the last word.

use super::jsonl::Record;

/// The fields of a plain line, ids into `ids`; `None` where the line needs the proper parser.
pub(super) fn scan(line: &[u8], block_tokens: u32, ids: &mut Vec<u64>) -> Option<Record> {
    ids.clear();
    let mut cursor = Cursor { rest: line };
    let (mut timestamp, mut input, mut output, mut hashes, mut session) = (None, None, None, false, None);
    cursor.byte(b'{')?;
    loop {
        let key = cursor.string()?;
        cursor.byte(b':')?;
        match key {
            b"timestamp" => set(&mut timestamp, cursor.milliseconds()?)?,
            b"input_length" => set(&mut input, cursor.u32()?)?,
            b"output_length" => set(&mut output, cursor.u32()?)?,
            b"session_id" => set(&mut session, cursor.integer()?)?,
            b"block_tokens" if cursor.integer()? == u64::from(block_tokens) => {}
            b"hash_ids" if !hashes => {
                hashes = true;
                cursor.integers(ids)?;
            }
            _ => return None,
        }
        match cursor.any()? {
            b',' => {}
            b'}' => break,
            _ => return None,
        }
    }
    if !cursor.rest.is_empty() || !hashes || input == Some(0) {
        return None;
    }
    Some(Record { arrival_ns: timestamp?, input_length: input?, output_length: output?, session })
}

/// A field stands once in a line.
fn set<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn skip_spaces(&mut self) {
        while let [b' ' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// The next byte that is no space.
    fn any(&mut self) -> Option<u8> {
        self.skip_spaces();
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn byte(&mut self, wanted: u8) -> Option<()> {
        (self.any()? == wanted).then_some(())
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        self.byte(b'"')?;
        let end = self.rest.iter().position(|&b| b == b'"' || b == b'\\')?;
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.byte(b'"')?;
        Some(text)
    }

    /// A whole number of at most 18 digits, written as JSON wants it (no leading zero).
    fn integer(&mut self) -> Option<u64> {
        self.skip_spaces();
        let mut value = 0_u64;
        let mut digits = 0;
        while let Some(&byte) = self.rest.get(digits) {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            digits += 1;
        }
        let padded = digits > 1 && self.rest[0] == b'0';
        let fraction = matches!(self.rest.get(digits), Some(b'.' | b'e' | b'E'));
        if digits == 0 || digits > 18 || padded || fraction {
            return None;
        }
        self.rest = &self.rest[digits..];
        Some(value)
    }

    fn u32(&mut self) -> Option<u32> {
        u32::try_from(self.integer()?).ok()
    }

    /// Milliseconds as nanoseconds: whole, or with at most 6 decimals and 15 digits in all, which is exact.
    fn milliseconds(&mut self) -> Option<u64> {
        self.skip_spaces();
        let digits = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if self.rest.get(digits) != Some(&b'.') {
            return self.integer()?.checked_mul(1_000_000);
        }
        let (whole, rest) = self.rest.split_at(digits);
        let decimals = rest[1..].iter().take_while(|b| b.is_ascii_digit()).count();
        let padded = digits > 1 && whole[0] == b'0';
        let exponent = matches!(rest.get(1 + decimals), Some(b'e' | b'E' | b'.'));
        if digits == 0 || decimals == 0 || decimals > 6 || digits + decimals > 15 || padded || exponent {
            return None;
        }
        let value =
            |digits: &[u8]| digits.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
        let below = value(&rest[1..=decimals]) * 10_u64.pow(6 - u32::try_from(decimals).ok()?);
        self.rest = &rest[1 + decimals..];
        Some(value(whole) * 1_000_000 + below)
    }

    fn integers(&mut self, into: &mut Vec<u64>) -> Option<()> {
        self.byte(b'[')?;
        self.skip_spaces();
        if let [b']', rest @ ..] = self.rest {
            self.rest = rest;
            return Some(());
        }
        loop {
            into.push(self.integer()?);
            match self.any()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }
}
