//! The little markup that texts may have: `` `code` ``, `**strong**`, `[words](link)`. Anything else, and anything
//! unfinished, is shown as it is written.

use maud::{Markup, html};

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Plain(&'a str),
    Code(&'a str),
    Strong(&'a str),
    Link { words: &'a str, to: &'a str },
}

pub(super) fn inline(text: &str) -> Markup {
    html! {
        @for piece in pieces(text) {
            @match piece {
                Piece::Plain(text) => (text),
                Piece::Code(text) => code { (text) },
                Piece::Strong(text) => strong { (text) },
                Piece::Link { words, to } => a href=(to) { (words) },
            }
        }
    }
}

/// The text without markup, for titles and ids.
pub(super) fn plain(text: &str) -> String {
    let words = |piece| match piece {
        Piece::Plain(text) | Piece::Code(text) | Piece::Strong(text) => text,
        Piece::Link { words, .. } => words,
    };
    pieces(text).into_iter().map(words).collect()
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut plain_from, mut at) = (0, 0);
    while at < text.len() {
        match marked(&text[at..]) {
            Some((piece, length)) => {
                if plain_from < at {
                    pieces.push(Piece::Plain(&text[plain_from..at]));
                }
                pieces.push(piece);
                at += length;
                plain_from = at;
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    if plain_from < text.len() {
        pieces.push(Piece::Plain(&text[plain_from..]));
    }
    pieces
}

/// The marked piece that `text` begins with, and its length in bytes.
fn marked(text: &str) -> Option<(Piece<'_>, usize)> {
    if let Some(rest) = text.strip_prefix('`') {
        let end = rest.find('`').filter(|end| *end > 0)?;
        return Some((Piece::Code(&rest[..end]), end + 2));
    }
    if let Some(rest) = text.strip_prefix("**") {
        let end = rest.find("**").filter(|end| *end > 0)?;
        return Some((Piece::Strong(&rest[..end]), end + 4));
    }
    let rest = text.strip_prefix('[')?;
    let (words, after) = rest.split_once("](")?;
    let (to, _) = after.split_once(')')?;
    let fits = !words.is_empty() && !words.contains(['[', ']']) && is_safe_link(to);
    fits.then_some((Piece::Link { words, to }, words.len() + to.len() + 4))
}

/// Web addresses, fragments and paths relative to the page; nothing else that has a scheme, so no `javascript:`.
pub(super) fn is_safe_link(to: &str) -> bool {
    let web = to.starts_with("https://") || to.starts_with("http://");
    let clean = !to.is_empty() && !to.chars().any(|c| c.is_whitespace() || c.is_control());
    clean && (web || !to.starts_with('/') && !to.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html_of(text: &str) -> String {
        inline(text).into_string()
    }

    #[test]
    fn marks_become_elements_and_everything_is_escaped() {
        insta::assert_snapshot!(html_of("a `b < c` **d & e** [f](g.csv)."), @r#"a <code>b &lt; c</code> <strong>d &amp; e</strong> <a href="g.csv">f</a>."#);
    }

    #[test]
    fn unfinished_marks_and_odd_links_stay_text() {
        for text in ["2 ** 3", "`open", "[x](javascript:1)", "[x](/etc)", "``", "a[0](", "é`"] {
            assert_eq!(html_of(text), text);
        }
    }
}
