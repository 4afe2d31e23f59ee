//! Layers inside the crates: which file imports which, and does that run in circles?
//!
//! Two rules hold for every crate of the workspace. A circle of imports has at most three files. No circle of imports
//! joins two folders that lie side by side. A file imports another where it names something of it, by `use` or in full;
//! `pub use` passes a name on and is no import, so an import that goes through it counts for the file behind it. Code
//! under `#[cfg(test)]` may import what it likes.

mod graph;
mod imports;

use std::collections::BTreeMap;
use std::path::Path;

use cargo_metadata::MetadataCommand;

use self::graph::{Graph, circles};
use self::imports::{Module, imports_of};

/// Files that a circle may have: types that need each other may stand in files of their own.
const MOST_FILES: usize = 3;

/// Crates that still break a rule. To be emptied: a crate here that breaks none fails the test too.
const STILL_OPEN: [&str; 0] = [];

/// What breaks the rules in a crate, a line for each circle.
fn broken(sources: &BTreeMap<Module, String>) -> Vec<String> {
    let imports = imports_of(sources);
    let mut found = Vec::new();
    for circle in circles(&imports).into_iter().filter(|circle| circle.len() > MOST_FILES) {
        let names: Vec<String> = circle.iter().map(|module| module.join("::")).collect();
        found.push(format!("a circle of {} files: {}", names.len(), names.join(", ")));
    }
    for parent in parents(sources) {
        let (between, examples) = between_children(&imports, &parent);
        let is_folder =
            |child: &Module| sources.keys().any(|m| m.len() > child.len() && m.starts_with(child));
        for circle in circles(&between) {
            let folders: Vec<&Module> = circle.iter().filter(|child| is_folder(child)).collect();
            if folders.len() < 2 {
                continue;
            }
            let names: Vec<String> = circle.iter().map(|module| module.join("::")).collect();
            let inside =
                examples.iter().filter(|((from, to), _)| circle.contains(from) && circle.contains(to));
            let why: Vec<&str> = inside.map(|(_, example)| example.as_str()).collect();
            found.push(format!("a circle between folders: {} ({})", names.join(", "), why.join("; ")));
        }
    }
    found
}

/// Modules that have others inside.
fn parents(sources: &BTreeMap<Module, String>) -> Vec<Module> {
    let mut parents: Vec<Module> =
        sources.keys().flat_map(|m| (0..m.len()).map(|n| m[..n].to_vec())).collect();
    parents.sort();
    parents.dedup();
    parents
}

/// Imports between the direct children of a module, each child with all that is inside it, and one import as an example
/// for each pair. The module's own file is no child.
fn between_children(imports: &Graph, parent: &Module) -> (Graph, BTreeMap<(Module, Module), String>) {
    let child =
        |module: &Module| module.starts_with(parent).then(|| module.get(..=parent.len()).map(<[_]>::to_vec));
    let (mut between, mut examples) = (Graph::new(), BTreeMap::new());
    for (from, all) in imports {
        for to in all {
            let (Some(Some(a)), Some(Some(b))) = (child(from), child(to)) else { continue };
            if a != b {
                between.entry(b.clone()).or_default();
                between.entry(a.clone()).or_default().insert(b.clone());
                let example = || format!("{} imports {}", from.join("::"), to.join("::"));
                examples.entry((a, b)).or_insert_with(example);
            }
        }
    }
    (between, examples)
}

/// The text of every source file of a folder, by the path of its module. A binary's `main.rs` beside a `lib.rs` is a
/// crate of its own, and left out.
fn sources(folder: &Path, module: &Module, found: &mut BTreeMap<Module, String>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        let stem = path.file_stem().expect("a name").to_str().expect("UTF-8").to_owned();
        let mut inside = module.clone();
        if path.is_dir() {
            inside.push(stem);
            sources(&path, &inside, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let root = stem == "lib" || stem == "main" && !folder.join("lib.rs").exists();
            if stem == "main" && !root {
                continue;
            }
            if !root && stem != "mod" {
                inside.push(stem);
            }
            found.insert(inside, std::fs::read_to_string(&path).expect("text"));
        }
    }
}

#[test]
fn imports_run_in_no_circle() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo metadata");
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let folder = package.manifest_path.parent().expect("a folder").join("src");
        let mut found = BTreeMap::new();
        sources(folder.as_std_path(), &Module::new(), &mut found);
        let broken = broken(&found);
        let open = STILL_OPEN.contains(&package.name.as_str());
        if open && broken.is_empty() {
            wrong.push(format!("{}: no rule is broken; take it out of STILL_OPEN", package.name));
        }
        let lines = broken.into_iter().map(|line| format!("{}: {line}", package.name));
        if open { lines.for_each(|line| println!("still open: {line}")) } else { wrong.extend(lines) }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn crate_of(files: &[(&str, &str)]) -> BTreeMap<Module, String> {
    let module = |path: &str| path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
    files.iter().map(|(path, text)| (module(path), (*text).to_owned())).collect()
}

#[test]
fn circles_are_named() {
    let files = [
        ("", "mod a; mod b; mod one; mod two; pub use one::One;"),
        // Four files in a ring, by each way to write an import; the last goes through what the root passes on.
        ("one", "use crate::two::Two; pub struct One;"),
        ("two", "fn two() { super::a::three() }"),
        ("a", "mod deep; pub(crate) use deep::three;"),
        ("a::deep", "mod inline { use crate::{b::{self, Four}, two as _}; }"),
        ("b", "use crate::One; mod part;"),
        // Comments, texts and tests import nothing.
        (
            "b::part",
            "// use crate::one;\nconst TEXT: &str = \"crate::one\"; #[cfg(test)] mod tests { use crate::one; }",
        ),
    ];
    insta::assert_snapshot!(broken(&crate_of(&files)).join("\n"), @r"
    a circle of 4 files: a::deep, b, one, two
    a circle between folders: a, b, one, two (a::deep imports b; a::deep imports two; b imports one; one imports two; two imports a::deep)
    ");
    let short = [
        ("", "mod a; mod b;"),
        ("a", "use crate::b;"),
        ("b", "use crate::a; #[cfg(test)] mod tests;"),
        ("b::tests", "use crate::a;"),
    ];
    assert_eq!(
        broken(&crate_of(&short)),
        Vec::<String>::new(),
        "two files of one folder may need each other"
    );
}
