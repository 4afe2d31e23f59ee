//! What is committed under `reports/` is from one clean revision, and README says what it says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folders of the committed records.
fn records() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("reports")).expect("reports/");
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    folders.retain(|path| path.join("manifest.toml").is_file());
    folders.sort();
    folders
}

#[test]
fn every_table_is_of_one_clean_revision() {
    let mut revisions = BTreeSet::new();
    for folder in records() {
        let text = std::fs::read_to_string(folder.join("manifest.toml")).expect("a manifest");
        let manifest: toml::Table = text.parse().expect("TOML");
        let named: BTreeSet<&str> = manifest["table"]
            .as_array()
            .expect("tables")
            .iter()
            .map(|table| {
                revisions.insert(table["revision"].as_str().expect("a revision").to_owned());
                table["file"].as_str().expect("a file")
            })
            .collect();
        revisions.extend(
            manifest["run"]
                .as_array()
                .expect("runs")
                .iter()
                .map(|run| run["revision"].as_str().expect("a revision").to_owned()),
        );
        let entries = std::fs::read_dir(&folder).expect("a folder");
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            let name = path.file_name().expect("a name").to_str().expect("UTF-8").to_owned();
            assert!(!name.ends_with(".csv") || named.contains(name.as_str()), "{name} is in no [[table]]");
        }
    }
    assert_eq!(revisions.len(), 1, "tables and runs are of {revisions:?}");
    assert!(
        revisions.iter().all(|revision| revision.len() == 40),
        "of files that were not committed: {revisions:?}"
    );
}

#[test]
fn every_experiment_has_a_committed_record() {
    let experiments = std::fs::read_dir(root().join("experiments")).expect("experiments/");
    let names = experiments.map(|entry| entry.expect("an entry").path());
    let names: BTreeSet<String> = names
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|path| path.file_stem().expect("a name").to_str().expect("UTF-8").to_owned())
        .collect();
    let folders = records();
    let recorded: BTreeSet<String> = folders
        .iter()
        .map(|path| path.file_name().expect("a name").to_str().expect("UTF-8").to_owned())
        .collect();
    assert_eq!(names, recorded);
}

#[test]
fn readme_has_every_verdict() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    for folder in records() {
        let Ok(text) = std::fs::read_to_string(folder.join("claims.csv")) else { continue };
        let claims = report::Table::from_csv(&text).expect("a table");
        let texts = |name: &str| match claims.column(name).expect("a column") {
            report::Column::Text(values) => values.clone(),
            _ => panic!("{name} is text"),
        };
        for (says, verdict) in texts("says").iter().zip(texts("verdict")) {
            let (says, verdict) = (says.as_deref().expect("words"), verdict.expect("a verdict"));
            // Two experiments may claim the same.
            let link = format!("](reports/{}/)", folder.file_name().expect("a name").display());
            // Claims that differ only in how they are measured, which stands in brackets, share a row.
            let subject = says.split(" (").next().expect("a first part");
            let told = [says, subject].map(|words| format!("| {words} |"));
            let line = readme
                .lines()
                .find(|line| line.contains(&link) && told.iter().any(|told| line.contains(told)));
            let line = line.unwrap_or_else(|| panic!("README has no claim `{says}` of {link}"));
            let verdicts = line.trim_end_matches(" |").rsplit("| ").next().expect("a last cell");
            assert!(
                verdicts.split(", ").any(|it| it == verdict),
                "README says: {line}; the record: {verdict}"
            );
        }
    }
}
