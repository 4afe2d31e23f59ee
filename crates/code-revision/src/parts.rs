//! The revisions of a crate's parts: each is named with the other parts that it uses.
//!
//! A part uses another where one of its paths names the other's module. What nobody names is not used: a part must not
//! implement a trait for, or add methods to, a type that is not its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::hash;
use crate::sources::{SourceFile, Sources, module};

/// The names of a crate's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Revisions {
    /// Of what is no part, of the packages and of the compiler.
    pub(crate) shared: String,
    /// Of each part's own code, by path without the ending.
    pub(crate) parts: BTreeMap<String, String>,
}

impl Revisions {
    /// Names what was read; `surroundings` are texts that count beside it.
    pub(crate) fn new(sources: &Sources, surroundings: &[String]) -> Self {
        let shared_parts = used(sources, &sources.shared, BTreeSet::new());
        let shared = sources.shared.iter().chain(shared_parts.iter().flat_map(|part| &sources.parts[*part]));
        let shared = hash::of(surroundings.iter().map(String::as_str).chain(texts(shared)));
        let own = |part: &str| {
            let with = BTreeSet::from([part]);
            let used = used(sources, &sources.parts[part], with);
            hash::of(texts(used.iter().flat_map(|part| &sources.parts[*part])))
        };
        let parts = sources.parts.keys().map(|part| (part.clone(), own(part)));
        Self { shared, parts: parts.collect() }
    }

    /// Rust: a function that gives the revisions of a part's module of the crate `name`.
    pub(crate) fn lookup(&self, name: &str) -> String {
        let shared = &self.shared;
        let rows = self.parts.iter().map(|(part, own)| {
            let path = part.strip_prefix("src/").unwrap_or(part).replace('/', "::");
            format!("        b\"{name}::{path}\" => &[\"{own}\", \"{shared}\"],\n")
        });
        let rows: String = rows.collect();
        format!(
            "/// The revisions of the code of a module that is a part: its own, and that of what all parts share.\n\
             pub(crate) const fn of(module: &str) -> &'static [&'static str] {{\n    match module.as_bytes() {{\n{rows}        \
             _ => panic!(\"the build script knows no such part\"),\n    }}\n}}\n"
        )
    }
}

/// The parts `known`, and all that these files and the parts that they name use.
fn used<'a>(sources: &'a Sources, files: &[SourceFile], mut known: BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let mut todo: Vec<&SourceFile> = files.iter().collect();
    while let Some(file) = todo.pop() {
        for (part, more) in &sources.parts {
            if file.code.in_paths.contains(module(part)) && known.insert(part) {
                todo.extend(more);
            }
        }
    }
    known
}

fn texts<'a>(files: impl Iterator<Item = &'a SourceFile>) -> impl Iterator<Item = &'a str> {
    files.flat_map(|file| [file.path.as_str(), file.code.text.as_str()])
}

#[cfg(test)]
mod tests;
