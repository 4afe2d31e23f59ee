//! Which edits change what a file says?

use std::collections::BTreeSet;

use super::{Code, read};

const SOURCE: &str = r#"
//! A file.
use crate::lists::{heap, Lists};

/// Adds one.
#[must_use]
pub fn add(x: u64) -> u64 {
    x + 1 // not two
}

const URL: &str = "https://example.org"; /* a link */
"#;

fn code(source: &str) -> Code {
    read(source, &BTreeSet::new())
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// `SOURCE` with a change that must be one.
fn changed(from: &str, to: &str) -> Code {
    assert!(SOURCE.contains(from), "{from}");
    code(&SOURCE.replacen(from, to, 1))
}

#[test]
fn comments_documentation_layout_and_lints_do_not_count() {
    let before = code(SOURCE);
    let silent = [
        ("// not two", "// nor three"),
        ("// not two", ""),
        ("/// Adds one.", "/// Adds 1.\n///\n/// # Panics\n/// Where it overflows."),
        ("//! A file.", "//! The file."),
        ("/* a link */", "/* a /* nested */ comment */"),
        ("#[must_use]", "#[must_use]\n#[allow(clippy::all, reason = \"of no importance\")]"),
        ("//! A file.", "//! A file.\n#![expect(unused)]\n"),
        ("{\n    x + 1", "{ x+1"),
    ];
    for (from, to) in silent {
        assert_eq!(changed(from, to).text, before.text, "{from} -> {to}");
    }
}

#[test]
fn code_counts_and_so_do_marks_of_comments_in_a_string() {
    let before = code(SOURCE);
    let loud = [
        ("x + 1", "x + 2"),
        ("x + 1", "x - 1"),
        ("//example.org", "//example.com"),
        ("https://example.org", "https:/* */example.org"),
        ("pub fn", "fn"),
        ("#[must_use]", "#[inline]"),
        ("u64 {", "u32 {"),
    ];
    for (from, to) in loud {
        assert_ne!(changed(from, to).text, before.text, "{from} -> {to}");
    }
    assert_ne!(code("f(a && b)").text, code("f(a & &b)").text);
    assert_ne!(code("f(a, b)").text, code("f([a, b])").text);
}

#[test]
fn items_of_tests_do_not_count() {
    let before = code(SOURCE);
    let items = [
        "#[cfg(test)]\nmod tests { use super::*; #[test] fn one() { assert_eq!(add(1), 2); } }",
        "#[cfg(test)]\nmod tests;",
        "#[cfg(test)] use std::{fs, io};",
        "#[cfg(test)] #[derive(Debug)] pub(crate) struct Two(u8, u8);",
        "#[cfg(test)] pub const fn two() -> [u8; 2] { [1, 2] }",
        "#[cfg(test)] const TWO: Two = Two { first: 1, second: 2 };",
        "#[cfg(test)] impl Two { fn first(&self) -> u8 { self.0 } }",
        "#[cfg(doctest)] #[doc = include_str!(\"../README.md\")] struct Readme;",
        "#[cfg(test)] let x = { 1; 2 };",
    ];
    for item in items {
        let with = code(&format!("{SOURCE}{item}"));
        assert_eq!(with.text, before.text, "{item}");
        // What stands behind is read on.
        let behind = code(&format!("{item} fn behind() {{}}"));
        assert_eq!(behind.text, code("fn behind() {}").text, "{item}");
    }
    assert_eq!(
        code("#[cfg(test)] mod tests; #[cfg(test)] mod look;").test_modules,
        names(&["look", "tests"])
    );
    // Where it is not sure that this is an item, it counts.
    assert_ne!(code("struct S { #[cfg(test)] a: u8, b: u8 }").text, code("struct S { b: u8 }").text);
    assert_ne!(code("#[cfg(not(test))] fn f() {}").text, code("").text);
}

#[test]
fn names_in_paths_are_those_of_modules_that_are_used() {
    let of = |source: &str| code(source).in_paths;
    assert_eq!(code(SOURCE).in_paths, names(&["Lists", "crate", "heap", "lists"]));
    assert_eq!(
        of("use super::{lru::{self, Lru}, fifo as f};"),
        names(&["Lru", "as", "f", "fifo", "lru", "self", "super"])
    );
    assert!(of("let random = 3; fifo(random); S { lru: 1 }").is_empty());
}

#[test]
fn a_listed_module_may_come_and_go() {
    let of = |source: &str| read(source, &names(&["lru", "fifo"])).text;
    assert_eq!(
        of("mod a; mod lru; const ALL: &[Spec] = &[lru::SPEC, a::SPEC];"),
        of("mod a; const ALL: &[Spec] = &[a::SPEC];")
    );
    assert_eq!(of("pub(crate) mod lru;"), "");
    // Any other use counts.
    assert_ne!(of("use lru::Lru;"), "");
    assert_ne!(of("const OTHER: u8 = lru::OTHER;"), of("const OTHER: u8 = ;"));
}

#[test]
fn what_is_no_rust_counts_as_it_is() {
    assert_eq!(code("fn ( {").text, "fn ( {");
}
