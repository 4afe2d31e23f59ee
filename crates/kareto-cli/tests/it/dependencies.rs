//! Dependencies on the outside world: each is used, and its licence is one that we accept.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{CargoOpt, DependencyKind, MetadataCommand, Package};
use proc_macro2::{TokenStream, TokenTree};
use spdx::{Expression, LicenseReq, ParseMode};
use toml::{Table, Value};

/// Packages that name a file instead of a licence, and whose text that is.
const BY_FILE: [(&str, &str); 1] = [("slsqp", "MIT")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn table(path: &Path) -> Table {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn texts(list: Option<&Value>) -> BTreeSet<String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.map(|item| item.as_str().expect("a text").to_owned()).collect()
}

fn crates() -> Vec<Package> {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).no_deps().exec().expect("cargo metadata").packages
}

/// Every word of the Rust files of a folder, comments and texts left out.
fn words_of(folder: &Path, words: &mut BTreeSet<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        // A package of its own has its own dependencies.
        if path.is_dir() && !path.join("Cargo.toml").exists() {
            words_of(&path, words);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).expect("text");
            words_in(text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display())), words);
        }
    }
}

fn words_in(tokens: TokenStream, words: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => drop(words.insert(word.to_string())),
            TokenTree::Group(group) => words_in(group.stream(), words),
            _ => {}
        }
    }
}

/// Dependencies of a crate that its code does not name, but for those that its manifest says are there for another
/// reason: `[package.metadata.cargo-machete]`, as that program has it.
fn unused(package: &Package) -> Vec<String> {
    let folder = package.manifest_path.parent().expect("a folder").as_std_path();
    let machete = &package.metadata["cargo-machete"]["ignored"];
    let ignored: BTreeSet<&str> =
        machete.as_array().into_iter().flatten().filter_map(|name| name.as_str()).collect();
    let mut in_code = BTreeSet::new();
    words_of(&folder.join("src"), &mut in_code);
    let mut in_tests = in_code.clone();
    for part in ["tests", "benches", "examples"] {
        words_of(&folder.join(part), &mut in_tests);
    }
    let mut in_build = BTreeSet::new();
    if let Ok(text) = std::fs::read_to_string(folder.join("build.rs")) {
        words_in(text.parse().unwrap_or_else(|error| panic!("{}: {error}", package.name)), &mut in_build);
    }
    let mut found = Vec::new();
    for dependency in &package.dependencies {
        let name = dependency.rename.as_ref().unwrap_or(&dependency.name);
        let word = name.replace('-', "_");
        let named = match dependency.kind {
            DependencyKind::Development => in_tests.contains(&word),
            DependencyKind::Build => in_build.contains(&word),
            _ => in_code.contains(&word),
        };
        match (named, ignored.contains(name.as_str())) {
            (false, false) => found.push(format!("{} does not use {name}", package.name)),
            // The same name may be asked for twice, for code and for tests.
            (true, true) if dependency.kind == DependencyKind::Normal => {
                found.push(format!("{} uses {name}, and says that it does not", package.name));
            }
            _ => {}
        }
    }
    found
}

#[test]
fn every_dependency_is_used() {
    let crates = crates();
    let mut wrong: Vec<String> = crates.iter().flat_map(unused).collect();
    let asked: BTreeSet<&str> =
        crates.iter().flat_map(|package| &package.dependencies).map(|d| d.name.as_str()).collect();
    let workspace = table(&root().join("Cargo.toml"));
    let offered = workspace["workspace"]["dependencies"].as_table().expect("a table");
    let idle = offered.keys().filter(|name| !asked.contains(name.as_str()));
    wrong.extend(idle.map(|name| format!("no crate asks for {name} of [workspace.dependencies]")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `.ci/run` lints the features of `kareto`, and builds and tests `cuda` of `hardware` with the whole workspace. Others could
/// compile polars again.
#[test]
fn features_are_those_that_ci_builds() {
    for package in crates().iter().filter(|package| !["kareto", "hardware"].contains(&package.name.as_str()))
    {
        let own = package.features.iter().find(|(_, needs)| needs.iter().any(|need| !need.contains('/')));
        assert!(own.is_none(), "{} has a feature of its own: {own:?}; let `.ci/run` build it", package.name);
    }
}

/// The machine that tests are built for, as cargo names it.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc starts");
    let said = String::from_utf8(output.stdout).expect("text");
    said.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host").to_owned()
}

#[test]
#[ignore = "asks the registry for the packages of all features; `scripts/just check` and `.ci/run` run it"]
fn licences_are_among_those_accepted() {
    let deny = table(&root().join("deny.toml"));
    let accepted = texts(deny["licenses"].get("allow"));
    let is_accepted = |asked: &LicenseReq| accepted.contains(&asked.to_string());
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).features(CargoOpt::AllFeatures);
    command.other_options(["--locked".to_owned(), format!("--filter-platform={}", host())]);
    let packages = command.exec().expect("cargo metadata").packages;
    let mut wrong = Vec::new();
    for package in &packages {
        let by_file = BY_FILE.iter().find(|(name, _)| package.name == *name).map(|(_, licence)| *licence);
        let Some(licence) = package.license.as_deref().or(by_file) else {
            wrong.push(format!("{} {}: no licence", package.name, package.version));
            continue;
        };
        let parsed = Expression::parse_mode(licence, ParseMode::LAX);
        let parsed = parsed.unwrap_or_else(|error| panic!("{}: {error}", package.name));
        if !parsed.evaluate(is_accepted) {
            wrong.push(format!("{} {}: {licence}", package.name, package.version));
        }
    }
    assert!(packages.len() > 100 && wrong.is_empty(), "not accepted by deny.toml:\n{}", wrong.join("\n"));
}
