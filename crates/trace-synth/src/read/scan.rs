//! The fast way through a JSONL line: one pass over the bytes, no allocation.
//!
//! It takes only plain lines: a flat object, known fields as whole numbers, no escapes. It answers `None` for
//! anything else, and also for anything wrong; then [`super::jsonl`] parses the line properly and decides. A
//! test compares the two on many lines.
//!
//! This scanner is our own because it is measured: reading speed hangs on it (see `crates/README.md`).

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

    /// A whole number below 2^64, written as JSON wants it (no leading zero).
    fn integer(&mut self) -> Option<u64> {
        self.skip_spaces();
        let mut value = 0_u64;
        let mut digits = 0;
        while let Some(&chunk) = self.rest.get(digits..).and_then(|rest| rest.first_chunk()) {
            let (more, below) = eight_digits(chunk);
            value = value.checked_mul(POWERS_OF_TEN[more])?.checked_add(below)?;
            digits += more;
            if more < 8 {
                return self.taken(digits, value);
            }
        }
        while let Some(digit) = self.rest.get(digits).map(|byte| byte.wrapping_sub(b'0')).filter(|&d| d <= 9)
        {
            value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
            digits += 1;
        }
        self.taken(digits, value)
    }

    /// The value of so many digits that stand here, unless they are no whole number of JSON.
    fn taken(&mut self, digits: usize, value: u64) -> Option<u64> {
        let padded = digits > 1 && self.rest[0] == b'0';
        let fraction = matches!(self.rest.get(digits), Some(b'.' | b'e' | b'E'));
        if digits == 0 || padded || fraction {
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
            return bounded(self.integer()?.checked_mul(1_000_000)?);
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
        bounded(value(whole).checked_mul(1_000_000)?.checked_add(below)?)
    }

    fn integers(&mut self, into: &mut Vec<u64>) -> Option<()> {
        self.byte(b'[')?;
        self.skip_spaces();
        if let [b']', rest @ ..] = self.rest {
            self.rest = rest;
            return Some(());
        }
        loop {
            // The usual list in a tight loop; what it leaves, and the last few bytes of a line, go the longer way.
            while let Some((value, digits)) = ahead(self.rest) {
                let rest = match &self.rest[digits..] {
                    [b',', b' ', rest @ ..] | [b',', rest @ ..] => rest,
                    _ => break,
                };
                into.push(value);
                self.rest = rest;
            }
            into.push(self.integer()?);
            match self.any()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }
}

/// A time that a trace may have.
fn bounded(ns: u64) -> Option<u64> {
    (ns <= kv_core::LATEST_ARRIVAL_NS).then_some(ns)
}

const POWERS_OF_TEN: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// The whole number of JSON that begins 24 bytes or more, and its digits; `None` where there are fewer bytes,
/// or no such number, or perhaps one.
#[inline(always)]
fn ahead(bytes: &[u8]) -> Option<(u64, usize)> {
    let ([a, b, c, ..], _) = bytes.as_chunks() else { return None };
    let (first, below) = eight_digits(*a);
    if first < 8 {
        let padded = first > 1 && a[0] == b'0';
        return (first > 0 && !padded).then_some((below, first));
    }
    let (second, middle) = eight_digits(*b);
    let above = below * POWERS_OF_TEN[second] + middle; // at most 16 digits fit in any case
    if second < 8 {
        return (a[0] != b'0').then_some((above, 8 + second));
    }
    let (third, below) = eight_digits(*c);
    let value = above.checked_mul(POWERS_OF_TEN[third])?.checked_add(below)?;
    (a[0] != b'0').then_some((value, 16 + third))
}

/// How many of eight bytes are digits before the first that is not, and their value: all at once in one word,
/// since block ids are most of a trace.
fn eight_digits(chunk: [u8; 8]) -> (usize, u64) {
    // The first byte is the lowest. XOR makes digits 0 to 9; adding 0x76 sets the high bit of any other byte below 0x8a,
    // and what is above has it. Carries only reach bytes after a first one that is no digit.
    let word = u64::from_le_bytes(chunk) ^ 0x3030_3030_3030_3030;
    let others = (word.wrapping_add(0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080;
    let digits = others.trailing_zeros() / 8;
    if digits == 0 {
        return (0, 0);
    }
    // Leading zeros first, then pairs of digits, pairs of pairs, and the two halves.
    let padded = word << (64 - 8 * digits);
    let pairs = padded.wrapping_mul(10).wrapping_add(padded >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    let value = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    (digits as usize, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_eight_at_a_time() {
        let cases: [(&[u8; 8], (usize, u64)); 6] = [
            (b"1, 2, 3,", (1, 1)),
            (b"182789]}", (6, 182_789)),
            (b"0000007,", (7, 7)),
            (b"9999999 ", (7, 9_999_999)),
            (b"x1234567", (0, 0)),
            (b"12/3:45\xff", (2, 12)),
        ];
        for (chunk, expected) in cases {
            assert_eq!(eight_digits(*chunk), expected, "{chunk:?}");
        }
        let integer = |text: &str| Cursor { rest: text.as_bytes() }.integer();
        for whole in [0, 7, 99_999_999, 100_000_000, 1 << 60, u64::MAX] {
            assert_eq!(integer(&whole.to_string()), Some(whole));
            assert_eq!(integer(&format!("  {whole}, 5]          ")), Some(whole));
        }
        // 2^64, a leading zero, a fraction, an exponent, nothing.
        for other in ["18446744073709551616", "99999999999999999999999", "01", "1.5", "12345678e3", "", "-1"]
        {
            assert_eq!(integer(other), None, "{other}");
        }
        let milliseconds = |text: &str| Cursor { rest: text.as_bytes() }.milliseconds();
        assert_eq!(milliseconds("1844674407370.25 "), Some(1_844_674_407_370_250_000));
        assert_eq!(milliseconds("44073709551615.0 "), None, "more than 2^64 ns");
        // Every byte that is no digit ends a number, whatever follows.
        for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_digit()) {
            assert_eq!(eight_digits([b'4', b'2', byte, 0xff, 0, b'9', 0x8a, 0x3a]), (2, 42), "{byte}");
        }
        assert_eq!(eight_digits(*b"12345678"), (8, 12_345_678));
    }
}
