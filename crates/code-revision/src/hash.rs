//! The hash of texts: SipHash-1-3 without a key, as 16 hexadecimal digits.

use std::hash::Hasher as _;

use siphasher::sip::SipHasher13;

/// The hash of texts in this order; where one ends counts.
pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = SipHasher13::new();
    for text in texts {
        hasher.write(&(text.len() as u64).to_le_bytes());
        hasher.write(text.as_bytes());
    }
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn where_a_text_ends_counts() {
        assert_ne!(of(["ab", "c"]), of(["a", "bc"]));
        assert_ne!(of(["a", ""]), of(["a"]));
    }
}
