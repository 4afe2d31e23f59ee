//! Text files as people save them: UTF-8, perhaps with a byte-order mark, and a plain word about any other encoding.

use thiserror::Error;

/// Bytes that are no UTF-8 text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotUtf8 {
    /// Text of an editor that saves two bytes for each character.
    #[error("it is UTF-16 text; allowed: UTF-8, so save it again with that encoding")]
    Utf16,
    /// A byte that has no place in UTF-8.
    #[error("line {line}: the byte 0x{byte:02X} is not UTF-8; allowed: text in UTF-8")]
    Byte {
        /// The line, from 1.
        line: usize,
        /// The byte.
        byte: u8,
    },
}

/// The text of a file, without the byte-order mark that some editors put first.
///
/// # Errors
/// [`NotUtf8`]: what the bytes are instead, or where they go wrong.
pub fn decode(bytes: Vec<u8>) -> Result<String, NotUtf8> {
    // Without a mark, every other byte of plain letters is 0, and no text has such bytes.
    if let [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, 1..=255, ..] | [1..=255, 0, ..] = bytes[..] {
        return Err(NotUtf8::Utf16);
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let (valid, bytes) = (error.utf8_error().valid_up_to(), error.as_bytes());
        let line = 1 + bytes[..valid].iter().filter(|byte| **byte == b'\n').count();
        NotUtf8::Byte { line, byte: bytes[valid] }
    })?;
    if text.starts_with('\u{FEFF}') {
        text.drain(..'\u{FEFF}'.len_utf8());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_no_text_and_other_encodings_are_named() {
        let plain = "a = \"\u{e9}\"\n";
        assert_eq!(decode(plain.into()), Ok(plain.to_owned()));
        assert_eq!(decode(format!("\u{FEFF}{plain}").into_bytes()), Ok(plain.to_owned()));
        assert_eq!(decode(Vec::new()), Ok(String::new()));
        for mark in ["\u{FEFF}", ""] {
            let units: Vec<u16> = format!("{mark}{plain}").encode_utf16().collect();
            let [little, big] = [u16::to_le_bytes, u16::to_be_bytes]
                .map(|bytes| units.iter().flat_map(|unit| bytes(*unit)).collect::<Vec<u8>>());
            assert_eq!((decode(little), decode(big)), (Err(NotUtf8::Utf16), Err(NotUtf8::Utf16)));
        }
        assert_eq!(decode(b"a\nb\xE9c".to_vec()), Err(NotUtf8::Byte { line: 2, byte: 0xE9 }));
        assert_eq!(decode(b"\xC3".to_vec()), Err(NotUtf8::Byte { line: 1, byte: 0xC3 }));
    }
}
