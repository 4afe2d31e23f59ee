//! Which edits of a crate change which of its revisions?

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::Crate;
use crate::parts::Revisions;
use crate::sources::Files;

const FILES: [(&str, &str); 8] = [
    ("src/lib.rs", "mod lists; mod rules; pub mod testing;"),
    ("src/lists.rs", "pub struct Lists;"),
    (
        "src/rules/mod.rs",
        "mod fixed; mod lru; mod oracle; #[cfg(test)] mod sketch; const ALL: &[u8] = &[lru::SPEC, fixed::SPEC];",
    ),
    ("src/rules/lru.rs", "use crate::lists::Lists; pub const SPEC: u8 = 1; #[cfg(test)] mod tests;"),
    ("src/rules/lru/tests.rs", "#[test] fn one() {}"),
    ("src/rules/fixed.rs", "pub const SPEC: u8 = 2; pub const MOST: u8 = 9;"),
    ("src/rules/oracle.rs", "pub const SPEC: u8 = super::fixed::MOST;"),
    ("src/testing/mod.rs", "pub fn play() {}"),
];

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        FILES.iter().for_each(|(path, text)| folder.write(path, text));
        folder
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn of(&self, files: Files) -> Result<Revisions, String> {
        let this = Crate { root: self.0.path().to_owned(), files, stated: Vec::new() };
        this.revisions("rules", &[], "rustc 1.0 x86", "")
    }

    fn revisions(&self) -> Revisions {
        let (part_folders, whole_parts) = (vec!["src/rules".into()], vec!["src/testing".into()]);
        self.of(Files { only: Vec::new(), part_folders, whole_parts }).unwrap()
    }
}

/// What an edit changes, `shared` among them.
fn changed_by(path: &str, edit: impl FnOnce(&str) -> String) -> Vec<String> {
    let folder = Folder::new();
    let before = folder.revisions();
    let text = FILES.iter().find(|(known, _)| *known == path).map_or("", |(_, text)| text);
    folder.write(path, &edit(text));
    let after = folder.revisions();
    let known = |part: &&String| before.parts.contains_key(*part);
    let parts = after.parts.keys().filter(known).filter(|part| before.parts[*part] != after.parts[*part]);
    let mut changed: Vec<String> = parts.cloned().collect();
    if before.shared != after.shared {
        changed.push("shared".to_owned());
    }
    changed
}

fn with<'a>(more: &'a str) -> impl FnOnce(&str) -> String + 'a {
    move |text| format!("{text} {more}")
}

#[test]
fn a_part_changes_itself_and_those_that_use_it() {
    assert_eq!(changed_by("src/rules/lru.rs", with("fn new() {}")), ["src/rules/lru"]);
    assert_eq!(
        changed_by("src/rules/fixed.rs", with("fn new() {}")),
        ["src/rules/fixed", "src/rules/oracle"]
    );
    assert_eq!(changed_by("src/testing/mod.rs", with("fn new() {}")), ["src/testing"]);
    assert_eq!(changed_by("src/lists.rs", with("fn new() {}")), ["shared"]);
}

#[test]
fn comments_tests_and_a_new_part_change_nothing() {
    let nothing: [&str; 0] = [];
    for (path, _) in FILES {
        assert_eq!(changed_by(path, with("// a comment\n")), nothing, "{path}");
    }
    assert_eq!(changed_by("src/rules/lru/tests.rs", with("fn more() {}")), nothing);
    assert_eq!(changed_by("src/rules/fifo.rs", with("pub const SPEC: u8 = 3;")), nothing);
    let registered = |text: &str| text.replace("lru::SPEC", "lru::SPEC, oracle::SPEC");
    assert_eq!(changed_by("src/rules/mod.rs", registered), nothing);
}

#[test]
fn a_part_that_the_rest_uses_belongs_to_the_rest() {
    let folder = Folder::new();
    folder.write("src/lists.rs", "pub use crate::rules::fixed::MOST;");
    let before = folder.revisions();
    folder.write("src/rules/fixed.rs", "pub const MOST: u8 = 8;");
    assert_ne!(folder.revisions().shared, before.shared);
}

#[test]
fn only_some_files_and_a_path_that_is_missing() {
    let folder = Folder::new();
    let only = |path: &str| folder.of(Files { only: vec![PathBuf::from(path)], ..Files::default() });
    let before = only("src/rules").unwrap();
    folder.write("src/lists.rs", "pub struct Other;");
    assert_eq!(only("src/rules").unwrap(), before);
    assert!(only("src/rulez").unwrap_err().contains("src/rulez"));
    assert!(folder.of(Files { part_folders: vec!["src/x".into()], ..Files::default() }).is_err());
}

#[test]
fn the_compiler_counts() {
    let folder = Folder::new();
    let this = Crate { root: folder.0.path().to_owned(), files: Files::default(), stated: Vec::new() };
    let by = |toolchain| this.revisions("rules", &[], toolchain, "").unwrap();
    assert_ne!(by("rustc 1.0 x86"), by("rustc 1.1 x86"));
}

#[test]
fn features_count_where_the_code_asks_for_them() {
    let folder = Folder::new();
    let this = Crate { root: folder.0.path().to_owned(), files: Files::default(), stated: Vec::new() };
    let with = |features| this.revisions("rules", &[], "rustc", features).unwrap();
    assert_eq!(with(""), with("CARGO_FEATURE_FAST"));
    folder.write("src/lists.rs", "#[cfg(feature = \"fast\")] pub struct Lists;");
    assert_ne!(with(""), with("CARGO_FEATURE_FAST"));
}

#[test]
fn a_part_is_looked_up_by_its_module() {
    let parts = BTreeMap::from([("src/rules/lru".to_owned(), "1".to_owned())]);
    let text = Revisions { shared: "2".to_owned(), parts }.lookup("my_rules");
    assert!(text.contains("b\"my_rules::rules::lru\" => &[\"1\", \"2\"],"), "{text}");
}
