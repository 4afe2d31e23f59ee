//! Which module names something of which other, read from the tokens of the sources.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::graph::Graph;

/// The path of a module in its crate; empty for the root.
pub(super) type Module = Vec<String>;

/// What one source file says.
#[derive(Default)]
struct File {
    /// Paths that it names, from the crate's root.
    named: BTreeSet<Module>,
    /// Names that it passes on by `pub use`, and what they stand for.
    passed_on: BTreeMap<String, Module>,
    /// Modules declared under `#[cfg(test)]` that have files of their own.
    tests: BTreeSet<Module>,
}

/// What each module imports of the others, given the text of each. Modules for tests are left out.
pub(super) fn imports_of(sources: &BTreeMap<Module, String>) -> Graph {
    let read = |(module, text): (&Module, &String)| {
        let mut reader = Reader { module: module.clone(), file: File::default() };
        reader.read(text.parse().unwrap_or_else(|error| panic!("{}: {error}", module.join("::"))));
        (module.clone(), reader.file)
    };
    let mut files: BTreeMap<Module, File> = sources.iter().map(read).collect();
    let tests: Vec<Module> = files.values().flat_map(|file| file.tests.iter().cloned()).collect();
    files.retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
    let imported = |(module, file): (&Module, &File)| {
        let found = file.named.iter().filter_map(|path| behind(path, &files, 0));
        (module.clone(), found.filter(|other| other != module).collect())
    };
    files.iter().map(imported).collect()
}

/// The module that has what a path names: the longest part of the path that is a module, or where that only passes the
/// next name on, the module behind it.
fn behind(path: &[String], files: &BTreeMap<Module, File>, hops: usize) -> Option<Module> {
    let length = (0..=path.len()).rev().find(|&length| files.contains_key(&path[..length]))?;
    let passed_on = path.get(length).and_then(|name| files[&path[..length]].passed_on.get(name));
    match passed_on {
        // Names that stand for each other would never end.
        Some(target) if hops < 8 => behind(&[target, &path[length + 1..]].concat(), files, hops + 1),
        _ => Some(path[..length].to_vec()),
    }
}

/// Reads the tokens of one file.
struct Reader {
    /// The module whose tokens are read: the file's, or one written inside it.
    module: Module,
    file: File,
}

impl Reader {
    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        let mut for_tests = false;
        while let Some(token) = tokens.get(at) {
            let rest = &tokens[at + 1..];
            at += 1;
            match token {
                TokenTree::Punct(mark) if mark.as_char() == '#' && is_cfg_test(rest) => {
                    for_tests = true;
                    at += 1;
                }
                TokenTree::Ident(word) if *word == "mod" && rest.len() > 1 => {
                    self.declared(&rest[0], &rest[1], std::mem::take(&mut for_tests));
                    at += 2;
                }
                TokenTree::Ident(word) if *word == "use" => {
                    let end = rest.iter().position(|token| is_mark(token, ';')).unwrap_or(rest.len());
                    if !std::mem::take(&mut for_tests) {
                        self.used(&rest[..end], is_public(&tokens[..at - 1]));
                    }
                    at += end + 1;
                }
                TokenTree::Ident(word) if *word == "crate" || *word == "super" || *word == "self" => {
                    let path = path(&tokens[at - 1..]);
                    // `self` alone is a value, `super` and `crate` alone are a visibility.
                    if path.len() > 1 && !for_tests {
                        self.file.named.extend(self.module_at(&path));
                    }
                    at += 3 * (path.len() - 1);
                }
                TokenTree::Group(group) => {
                    if !for_tests {
                        self.read(group.stream());
                    }
                    // An item for tests ends with its braces, or with a semicolon.
                    for_tests &= group.delimiter() != Delimiter::Brace;
                }
                _ => for_tests &= !is_mark(token, ';'),
            }
        }
    }

    /// `mod name { ... }` or `mod name;`
    fn declared(&mut self, name: &TokenTree, body: &TokenTree, for_tests: bool) {
        self.module.push(name.to_string());
        match body {
            TokenTree::Group(group) if !for_tests => self.read(group.stream()),
            TokenTree::Punct(_) if for_tests => {
                self.file.tests.insert(self.module.clone());
            }
            _ => {}
        }
        self.module.pop();
    }

    /// The tree of a `use`, without the word and the semicolon.
    fn used(&mut self, tree: &[TokenTree], public: bool) {
        let mut leaves = Vec::new();
        leaves_of(tree, &mut Vec::new(), &mut leaves);
        for (path, name) in leaves {
            // A path that starts with neither `crate` nor a child's name is another crate's.
            let Some(path) = self.module_at(&path) else { continue };
            if public && name != "*" {
                self.file.passed_on.insert(name, path);
            } else if !public {
                self.file.named.insert(path);
            }
        }
    }

    /// A path as seen from the crate's root.
    fn module_at(&self, path: &[String]) -> Option<Module> {
        let supers = path.iter().take_while(|part| *part == "super").count();
        let (mut module, skipped) = match path.first()?.as_str() {
            "crate" => (Module::new(), 1),
            "self" => (self.module.clone(), 1),
            _ => (self.module[..self.module.len().checked_sub(supers)?].to_vec(), supers),
        };
        module.extend(path[skipped..].iter().cloned());
        Some(module)
    }
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == mark)
}

fn is_cfg_test(after_hash: &[TokenTree]) -> bool {
    let is = |group: &Group| group.stream().to_string().replace(' ', "") == "cfg(test)";
    matches!(after_hash.first(), Some(TokenTree::Group(group)) if is(group))
}

/// Whether tokens end with `pub` or `pub(...)`.
fn is_public(before: &[TokenTree]) -> bool {
    let before = match before {
        [front @ .., TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis => front,
        all => all,
    };
    matches!(before.last(), Some(TokenTree::Ident(word)) if *word == "pub")
}

/// The words of a path `a::b::c` with which tokens begin.
fn path(tokens: &[TokenTree]) -> Module {
    let mut words = vec![tokens[0].to_string()];
    let mut rest = &tokens[1..];
    while let [first, second, TokenTree::Ident(word), after @ ..] = rest
        && is_mark(first, ':')
        && is_mark(second, ':')
    {
        words.push(word.to_string());
        rest = after;
    }
    words
}

/// Each path of a `use` tree and the name that it gets.
fn leaves_of(tree: &[TokenTree], prefix: &mut Module, leaves: &mut Vec<(Module, String)>) {
    for branch in tree.split(|token| is_mark(token, ',')) {
        let length = prefix.len();
        let mut name = None;
        for (at, token) in branch.iter().enumerate() {
            match token {
                TokenTree::Ident(word) if *word == "as" => {
                    name = branch.get(at + 1).map(ToString::to_string);
                    break;
                }
                // `a::{self}` names `a`.
                TokenTree::Ident(word) if *word == "self" && length > 0 => name = prefix.last().cloned(),
                TokenTree::Ident(word) => prefix.push(word.to_string()),
                TokenTree::Punct(mark) if mark.as_char() == '*' => prefix.push("*".to_owned()),
                TokenTree::Group(group) => {
                    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                    leaves_of(&inside, prefix, leaves);
                    prefix.truncate(length);
                }
                _ => {}
            }
        }
        if prefix.len() > length || name.is_some() {
            let name = name.unwrap_or_else(|| prefix[prefix.len() - 1].clone());
            leaves.push((prefix.clone(), name));
        }
        prefix.truncate(length);
    }
}
