//! Numbers as people read them: a few digits, no `.0`, thousands apart.
//!
//! Only for text, pages and charts. Data files keep every digit.

/// `value` to at most `digits` significant digits, without an exponent where that is readable and without trailing
/// zeros.
///
/// ```
/// use report::number::significant;
/// assert_eq!(significant(1024.0, 4), "1024");
/// assert_eq!(significant(0.123_456, 3), "0.123");
/// assert_eq!(significant(123_456.0, 3), "123456"); // whole digits are never rounded away
/// assert_eq!(significant(2.5e-9, 3), "2.5e-9");
/// ```
pub fn significant(value: f64, digits: usize) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".to_owned();
    }
    if !(1e-5..1e15).contains(&size) {
        let text = format!("{value:.*e}", digits.saturating_sub(1));
        return match text.split_once('e') {
            Some((mantissa, exponent)) => format!("{}e{exponent}", without_trailing_zeros(mantissa)),
            None => text, // infinite or not a number: no exponent
        };
    }
    without_trailing_zeros(&format!("{value:.*}", decimals_for(value, digits))).to_owned()
}

/// Puts commas between the thousands of a number's whole part, if that has five digits or more.
///
/// ```
/// use report::number::grouped;
/// assert_eq!(grouped("1024"), "1024");
/// assert_eq!(grouped("-12031.5"), "-12,031.5");
/// ```
pub fn grouped(number: &str) -> String {
    grouped_from(number, 5)
}

/// The same for numbers that are read together: if one of them has five digits, those of four are set apart too.
pub(crate) fn grouped_alike(numbers: &[String]) -> Vec<String> {
    let least = if numbers.iter().any(|number| whole_digits(number) >= 5) { 4 } else { 5 };
    numbers.iter().map(|number| grouped_from(number, least)).collect()
}

fn whole_digits(number: &str) -> usize {
    number.trim_start_matches('-').chars().take_while(char::is_ascii_digit).count()
}

fn grouped_from(number: &str, least: usize) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let whole = whole_digits(rest);
    if whole < least {
        return number.to_owned();
    }
    let mut out = sign.to_owned();
    for (i, digit) in rest[..whole].chars().enumerate() {
        if i > 0 && (whole - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + &rest[whole..]
}

/// Values that are read side by side: whole numbers as they are, others with `digits` significant digits each, zeros
/// included (`1.50` beside `0.873`). `None` gives an empty text.
pub(crate) fn side_by_side(values: &[Option<f64>], digits: usize) -> Vec<String> {
    let whole = values.iter().flatten().all(|v| v.fract() == 0.0);
    let show = |v: f64| {
        let readable = v == 0.0 || (1e-3..1e7).contains(&v.abs());
        if whole || !readable || v == 0.0 {
            significant(v, digits)
        } else {
            format!("{v:.*}", decimals_for(v, digits))
        }
    };
    grouped_alike(&values.iter().map(|v| v.map_or_else(String::new, show)).collect::<Vec<_>>())
}

/// How many digits after the point show `digits` significant ones of `value`.
pub(crate) fn decimals_for(value: f64, digits: usize) -> usize {
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    let before_point = value.abs().log10().floor() as i64 + 1;
    usize::try_from(digits as i64 - before_point).unwrap_or(0)
}

/// `1.500` -> `1.5`, `2.000` -> `2`; leaves `100` alone.
pub(crate) fn without_trailing_zeros(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}
