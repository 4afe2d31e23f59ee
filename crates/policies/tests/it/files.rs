//! Does every policy's file say what a reader needs? Its purpose, its source, and a worked example that fits in
//! one's head.

use kv_core::policy::{Registry, Spec};
use policies::{registry, routers, schedulers};
use std::path::Path;

/// Most accesses that an example has.
const MOST_ACCESSES: usize = 8;

/// Texts of the files that define a policy, in all folders.
fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for folder in ["src/eviction", "src/lease", "src/router", "src/scheduler"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in std::fs::read_dir(folder).expect("a folder of policies") {
            let path = entry.expect("an entry").path();
            let text = std::fs::read_to_string(&path).expect("a source file");
            if text.contains("pub(super) const SPEC: Spec") && !path.ends_with("template.rs") {
                files.push((path.display().to_string(), text));
            }
        }
    }
    files.sort();
    files
}

/// What stands between quotation marks in a line.
fn quoted(line: &str) -> Vec<&str> {
    line.split('"').skip(1).step_by(2).collect()
}

#[test]
fn a_file_for_each_policy() {
    let files = files();
    let registries = [registry(), routers(), schedulers()];
    let specs: Vec<&Spec> = registries.iter().flat_map(Registry::specs).collect();
    assert_eq!(files.len(), specs.len());
    for spec in specs {
        let name = format!("    name: \"{}\",\n    summary:", spec.name);
        assert_eq!(files.iter().filter(|(_, text)| text.contains(&name)).count(), 1, "{}", spec.name);
    }
}

#[test]
fn every_file_has_a_worked_example_of_a_few_accesses() {
    for (path, text) in files() {
        let docs: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
        assert!(docs.len() > 6, "{path}: a paragraph and an example");
        if docs.iter().any(|line| line.contains("route(") || line.contains("play_step(")) {
            continue; // a call with a few numbers
        }
        let plays: Vec<&&str> =
            docs.iter().filter(|line| line.contains("play(") || line.contains("play_lease(")).collect();
        assert!(!plays.is_empty(), "{path}: no example");
        for line in plays {
            // The last two texts of a line are the script and what happens; `random` has its script last.
            let texts = quoted(line);
            for script in texts.iter().rev().take(2) {
                let accesses = match script.contains('@') {
                    true => script.matches('@').count(),
                    false => script.chars().filter(char::is_ascii_lowercase).count(),
                };
                let is_outcome = script.contains(['+', '-', ',', '=']);
                assert!(
                    is_outcome || accesses <= MOST_ACCESSES,
                    "{path}: `{script}` has {accesses} accesses"
                );
            }
        }
    }
}
