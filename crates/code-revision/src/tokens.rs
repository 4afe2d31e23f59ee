//! The tokens of a source file, without what cannot change what it computes: comments, documentation, tests and the
//! levels of lints.

use std::collections::BTreeSet;
use std::iter::Peekable;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// Attributes that never change what code computes.
const SILENT: [&str; 7] = ["doc", "allow", "expect", "warn", "deny", "forbid", "must_use"];

/// What a source file says to the compiler.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Code {
    /// The tokens, one after another.
    pub(crate) text: String,
    pub(crate) identifiers: BTreeSet<String>,
    /// The names that are parts of paths: `lists` in `crate::lists::Lists` and in `use super::{lists, heap}`.
    pub(crate) in_paths: BTreeSet<String>,
    /// Modules that only tests have, declared as `#[cfg(test)] mod name;`.
    pub(crate) test_modules: BTreeSet<String>,
}

/// Reads a source file. `listed` are modules whose declaration (`mod name;`) and whose row in a table (`name::SPEC`) do
/// not count: the file says with them only that they are there.
///
/// A file that is not Rust counts as it is, so that the compiler is the one to say what is wrong with it.
pub(crate) fn read(source: &str, listed: &BTreeSet<String>) -> Code {
    let mut code = Code::default();
    match source.parse::<TokenStream>() {
        Ok(stream) => Reader { code: &mut code, listed }.stream(stream, false),
        Err(_) => source.clone_into(&mut code.text),
    }
    code
}

struct Reader<'a> {
    code: &'a mut Code,
    listed: &'a BTreeSet<String>,
}

impl Reader<'_> {
    /// Adds a sequence of tokens; `in_use_list` where it is the braces of `a::{b, c}`.
    fn stream(&mut self, stream: TokenStream, in_use_list: bool) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut place = 0;
        while place < tokens.len() {
            let rest = &tokens[place..];
            let left_out = silent_attribute(rest)
                .or_else(|| self.test_item(rest))
                .or_else(|| self.listed_module(rest))
                .or_else(|| self.listed_row(rest));
            if let Some(length) = left_out {
                place += length;
                continue;
            }
            let after_colons = place >= 2 && is_colons(&tokens[place - 2..]);
            match &tokens[place] {
                TokenTree::Group(group) => {
                    let [open, close] = match group.delimiter() {
                        Delimiter::Parenthesis => ["(", ")"],
                        Delimiter::Brace => ["{", "}"],
                        Delimiter::Bracket => ["[", "]"],
                        Delimiter::None => ["", ""],
                    };
                    self.token(open);
                    let braces = group.delimiter() == Delimiter::Brace;
                    self.stream(group.stream(), braces && (after_colons || in_use_list));
                    self.token(close);
                }
                TokenTree::Ident(name) => {
                    let name = name.to_string();
                    self.token(&name);
                    if after_colons || in_use_list || is_colons(&tokens[place + 1..]) {
                        self.code.in_paths.insert(name.clone());
                    }
                    self.code.identifiers.insert(name);
                }
                TokenTree::Punct(mark) => {
                    // `&&` and `& &` are two things.
                    let joint = if mark.spacing() == Spacing::Joint { "_" } else { "" };
                    self.token(&format!("{}{joint}", mark.as_char()));
                }
                TokenTree::Literal(literal) => self.token(&literal.to_string()),
            }
            place += 1;
        }
    }

    fn token(&mut self, text: &str) {
        self.code.text.push_str(text);
        self.code.text.push('\0');
    }

    /// The length of an item that only tests have, its attributes included.
    fn test_item(&mut self, tokens: &[TokenTree]) -> Option<usize> {
        let first = attribute(tokens).filter(|(_, is)| is("cfg(test)") || is("cfg(doctest)"))?.0;
        let mut start = first;
        while let Some((length, _)) = attribute(&tokens[start..]) {
            start += length;
        }
        let item = &tokens[start..];
        let length = item_length(item)?;
        if let Some(name) = declared_module(&item[..length]) {
            self.code.test_modules.insert(name);
        }
        Some(start + length)
    }

    /// The length of the declaration of a listed module.
    fn listed_module(&self, tokens: &[TokenTree]) -> Option<usize> {
        let length = tokens.len() - visibility(tokens.iter().peekable()).count() + 3;
        declared_module(tokens.get(..length)?).filter(|name| self.listed.contains(name)).map(|_| length)
    }

    /// The length of a listed module's row in a table, with the comma after it.
    fn listed_row(&self, tokens: &[TokenTree]) -> Option<usize> {
        let [TokenTree::Ident(name), _, _, TokenTree::Ident(item), ..] = tokens else { return None };
        let row = is_colons(&tokens[1..]) && item == "SPEC" && self.listed.contains(&name.to_string());
        let comma = tokens.get(4).is_some_and(|token| is_mark(token, ','));
        row.then_some(4 + usize::from(comma))
    }
}

/// The length of an outer or inner attribute, and whether its text without spaces is a given one.
fn attribute(tokens: &[TokenTree]) -> Option<(usize, impl Fn(&str) -> bool + use<>)> {
    let inner = tokens.get(1).is_some_and(|token| is_mark(token, '!'));
    let length = if inner { 3 } else { 2 };
    match (tokens.first()?, tokens.get(length - 1)?) {
        (first, TokenTree::Group(group))
            if is_mark(first, '#') && group.delimiter() == Delimiter::Bracket =>
        {
            let text: String = group.stream().to_string().split_whitespace().collect();
            Some((length, move |other: &str| text == other))
        }
        _ => None,
    }
}

/// The length of an attribute that changes nothing.
fn silent_attribute(tokens: &[TokenTree]) -> Option<usize> {
    let (length, _) = attribute(tokens)?;
    let TokenTree::Group(group) = &tokens[length - 1] else { return None };
    match group.stream().into_iter().next() {
        Some(TokenTree::Ident(name)) if SILENT.iter().any(|silent| name == silent) => Some(length),
        _ => None,
    }
}

/// The length of an item without attributes; none for what is no item, such as a field.
fn item_length(tokens: &[TokenTree]) -> Option<usize> {
    const WITH_BODY: [&str; 8] = ["fn", "mod", "struct", "enum", "union", "impl", "trait", "macro_rules"];
    const WITHOUT: [&str; 5] = ["use", "const", "static", "type", "let"];
    let mut header = visibility(tokens.iter().peekable());
    let TokenTree::Ident(first) = header.peek()? else { return None };
    let first = first.to_string();
    let before_value = tokens.iter().take_while(|token| !is_mark(token, '=') && !is_mark(token, ';'));
    let mut words = before_value.filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    let item =
        ["unsafe", "async", "extern"].iter().chain(&WITH_BODY).chain(&WITHOUT).any(|word| *word == first);
    let body = WITH_BODY.contains(&first.as_str())
        || (first != "use" && item && words.any(|word| WITH_BODY[..1].contains(&word.as_str())))
        || ["unsafe", "extern"].contains(&first.as_str());
    let is_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => body && group.delimiter() == Delimiter::Brace,
        token => is_mark(token, ';'),
    };
    tokens.iter().position(is_end).filter(|_| item).map(|last| last + 1)
}

/// Walks past `pub` and `pub(crate)`.
fn visibility<'a, I: Iterator<Item = &'a TokenTree>>(mut tokens: Peekable<I>) -> Peekable<I> {
    if tokens.next_if(|token| matches!(token, TokenTree::Ident(name) if name == "pub")).is_some() {
        let parenthesis = |token: &&TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
        tokens.next_if(parenthesis);
    }
    tokens
}

/// The name of a module whose text is in another file: `mod name;`.
fn declared_module(item: &[TokenTree]) -> Option<String> {
    match item {
        [.., TokenTree::Ident(word), TokenTree::Ident(name), end] if word == "mod" && is_mark(end, ';') => {
            Some(name.to_string())
        }
        _ => None,
    }
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == mark)
}

/// Whether tokens begin with `::`.
fn is_colons(tokens: &[TokenTree]) -> bool {
    tokens.len() >= 2 && is_mark(&tokens[0], ':') && is_mark(&tokens[1], ':')
}

#[cfg(test)]
mod tests;
