//! Units, and the few spellings of them that files may use.
//!
//! Inside, time is an integer number of nanoseconds and size an integer number of bytes. Files written by people
//! say `"512 GiB"`, `"4 GB/s"`, `"600 s"`: these functions are the only place where such text becomes a number.
//! GB is 10^9 bytes and GiB is 2^30; neither is ever taken for the other.

use thiserror::Error;

/// Nanoseconds in a second.
pub const NS_PER_S: u64 = 1_000_000_000;
/// Femtoseconds in a nanosecond: step times are added in femtoseconds so that sums are exact.
pub const FS_PER_NS: u64 = 1_000_000;
/// Bytes in a GiB.
pub const GIB: u64 = 1 << 30;

/// Sizes a file may use, with their bytes.
const SIZES: [(&str, u64); 9] = [
    ("B", 1),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// Durations a file may use, with their nanoseconds.
const DURATIONS: [(&str, u64); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", NS_PER_S),
    ("min", 60 * NS_PER_S),
    ("h", 3_600 * NS_PER_S),
    ("d", 86_400 * NS_PER_S),
];

/// The largest quantity: it leaves room for sums, and nothing real is near it.
const LIMIT: u64 = i64::MAX as u64;

/// A quantity that does not parse: what was read and what would have been understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{value}` is not a {what}{why}; write a non-negative number and one of {allowed}, for example \"{example}\""
)]
pub struct ParseQuantityError {
    /// The text as it stands in the file.
    pub value: String,
    /// What was wanted, such as `size`.
    pub what: &'static str,
    /// Why not, after a colon, where more than the units is to say.
    pub why: String,
    /// The units that are understood, separated by commas.
    pub allowed: String,
    /// A spelling that parses.
    pub example: &'static str,
}

/// Parses a size such as `"512 GiB"` into bytes.
///
/// # Errors
/// A missing or unknown unit, a number that is negative, not finite or too large, or trailing text.
pub fn parse_bytes(text: &str) -> Result<u64, ParseQuantityError> {
    parse(text, &SIZES, "", "size", "512 GiB")
}

/// Parses a duration such as `"600 s"` into nanoseconds.
///
/// # Errors
/// As [`parse_bytes`].
pub fn parse_duration_ns(text: &str) -> Result<u64, ParseQuantityError> {
    parse(text, &DURATIONS, "", "duration", "600 s")
}

/// Parses a bandwidth such as `"55 GB/s"` into bytes per second.
///
/// # Errors
/// As [`parse_bytes`].
pub fn parse_bandwidth_bytes_per_s(text: &str) -> Result<u64, ParseQuantityError> {
    parse(text, &SIZES, "/s", "bandwidth", "55 GB/s")
}

fn parse(
    text: &str,
    units: &[(&str, u64)],
    suffix: &str,
    what: &'static str,
    example: &'static str,
) -> Result<u64, ParseQuantityError> {
    let because = |why: String| ParseQuantityError {
        value: text.to_owned(),
        what,
        why,
        allowed: units.iter().map(|(name, _)| format!("{name}{suffix}")).collect::<Vec<_>>().join(", "),
        example,
    };
    let error = || because(String::new());
    let starts_number = |c: char| c.is_ascii_digit() || c == '.';
    let trimmed = text.trim();
    if let Some(rest) = trimmed.strip_prefix(['-', '+']).filter(|rest| rest.starts_with(starts_number)) {
        let sign = &trimmed[..trimmed.len() - rest.len()];
        return Err(because(format!(": numbers have no sign `{sign}`")));
    }
    let split = trimmed.find(|c: char| !(c.is_ascii_digit() || c == '.')).ok_or_else(error)?;
    let (number, unit) = trimmed.split_at(split);
    if let Some(exponent) = unit.strip_prefix(['e', 'E']) {
        let power = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if power.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(because(": numbers are written in digits, without an exponent".to_owned()));
        }
    }
    if let Some(separator) = unit.chars().next().filter(|c| ",_'".contains(*c)) {
        return Err(because(format!(": numbers have no separator `{separator}`")));
    }
    let unit = unit.trim().strip_suffix(suffix).ok_or_else(error)?;
    let factor = units.iter().find(|(name, _)| *name == unit).ok_or_else(error)?.1;
    let most = || {
        let most = LIMIT / factor;
        because(format!(": that is too much; the most is {most} {}{suffix}", unit))
    };
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(factor).filter(|value| *value <= LIMIT).ok_or_else(most);
    }
    let value = number.parse::<f64>().map_err(|_| error())? * factor as f64;
    if value < LIMIT as f64 { Ok(value.round() as u64) } else { Err(most()) }
}

/// Seconds to nanoseconds, rounded to the nearest; `None` if negative, not finite, or beyond 292 years.
#[must_use]
pub fn ns_from_s(seconds: f64) -> Option<u64> {
    let ns = (seconds * NS_PER_S as f64).round();
    (0.0..9.2e18).contains(&ns).then_some(ns as u64)
}

/// A time as a decimal number, such as `1761816192.1347115`, in nanoseconds, rounded to the nearest. The unit of the text
/// is 10^`decimals` ns: 9 for seconds. `None` for what is no such number, is negative, or does not fit.
///
/// A binary fraction of the seconds since 1970 is off by up to 0.2 us; this is exact. The shortest decimal of an `f64`
/// (`{}`) is what a file had, up to 15 digits and mostly up to 17.
#[must_use]
pub fn ns_from_decimal(text: &str, decimals: u32) -> Option<u64> {
    let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0)?;
    if text.contains(['e', 'E']) {
        return ns_from_digits(&format!("{number}"), decimals);
    }
    ns_from_digits(text.trim_start_matches(['+', '-']), decimals)
}

/// Of digits with at most one point among them.
fn ns_from_digits(text: &str, decimals: u32) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (fraction, places) = (fraction.as_bytes(), decimals as usize);
    let whole = if whole.is_empty() { 0 } else { whole.parse::<u64>().ok()? };
    let mut below = 0_u64;
    for place in 0..places {
        below = below * 10 + u64::from(fraction.get(place).map_or(0, |digit| digit - b'0'));
    }
    let round_up = fraction.get(places).is_some_and(|&digit| digit >= b'5');
    whole.checked_mul(10_u64.checked_pow(decimals)?)?.checked_add(below + u64::from(round_up))
}

/// Nanoseconds to seconds, for reports.
#[must_use]
pub fn s_from_ns(ns: u64) -> f64 {
    ns as f64 / NS_PER_S as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gib_and_gb_differ() {
        assert_eq!(parse_bytes("512 GiB"), Ok(512 << 30));
        assert_eq!(parse_bytes("512GB"), Ok(512_000_000_000));
        assert_eq!(parse_bytes("0.5 TiB"), Ok(1 << 39));
    }

    #[test]
    fn bandwidth_is_bytes_per_second() {
        assert_eq!(parse_bandwidth_bytes_per_s("55 GB/s"), Ok(55_000_000_000));
        assert!(parse_bandwidth_bytes_per_s("55 GB").is_err());
        assert!(parse_bandwidth_bytes_per_s("55 gbps").is_err());
    }

    #[test]
    fn durations() {
        assert_eq!(parse_duration_ns("1.5 ms"), Ok(1_500_000));
        assert_eq!(parse_duration_ns("2 d"), Ok(2 * 86_400 * NS_PER_S));
    }

    #[test]
    fn a_number_in_another_form_is_told_from_a_unit() {
        let why = |text: &str| parse_bytes(text).expect_err(text).why;
        for (text, told) in [
            ("1e18 GiB", ": numbers are written in digits, without an exponent"),
            ("1E+3GiB", ": numbers are written in digits, without an exponent"),
            ("-1 GiB", ": numbers have no sign `-`"),
            ("1,000 GiB", ": numbers have no separator `,`"),
            ("8388608 TiB", ": that is too much; the most is 8388607 TiB"),
            ("99999999999999999999 TB", ": that is too much; the most is 9223372 TB"),
            ("9223372036854775808 B", ": that is too much; the most is 9223372036854775807 B"),
            ("512 gib", ""),
            ("1e GiB", ""),
            ("-", ""),
            ("", ""),
        ] {
            assert_eq!(why(text), told, "{text}");
        }
        assert_eq!(parse_bytes("8388607 TiB"), Ok(8_388_607 << 40));
        let error = parse_bandwidth_bytes_per_s("1e18 GB/s").expect_err("an exponent").to_string();
        assert!(
            error.contains("`1e18 GB/s` is not a bandwidth: numbers") && error.contains("TiB/s"),
            "{error}"
        );
        let error = parse_duration_ns("1000000 d").expect_err("2700 years").to_string();
        assert!(error.contains("the most is 106751 d"), "{error}");
    }

    #[test]
    fn what_does_not_parse_says_what_would() {
        for bad in [
            "",
            "512",
            "-1 GiB",
            "1e3 GiB",
            "lots",
            "512 gib",
            "99999999999999999999 TB",
            "1.2.3 GB",
            "NaN GB",
        ] {
            let error = parse_bytes(bad).expect_err(bad);
            assert_eq!(error.value, bad);
            assert!(error.allowed.contains("GiB"));
        }
    }
}
