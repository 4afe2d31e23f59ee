//! Who may depend on whom. The table is the one of `crates/README.md`; a new edge is a decision, made in both places.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, PackageId};

/// Crate, what its code may use of this workspace, and what its tests may use beside that.
const EDGES: [(&str, &[&str], &[&str]); 17] = [
    // For build scripts only.
    ("code-revision", &[], &[]),
    ("kv-core", &["code-revision"], &[]),
    ("test-data", &[], &[]),
    ("trace-synth", &["code-revision", "kv-core"], &["test-data"]),
    ("policies", &["code-revision", "kv-core"], &["test-data", "tier-sim", "trace-synth"]),
    ("tier-sim", &["code-revision", "kv-core"], &["policies", "test-data", "trace-synth"]),
    ("whole-file", &[], &[]),
    ("kareto", &["code-revision", "kv-core", "whole-file"], &[]),
    ("report", &["whole-file"], &[]),
    ("hardware", &["report", "tier-sim"], &["test-data"]),
    // A library that tests load as if it were CUDA's driver.
    ("cuda-stub", &[], &[]),
    ("deployment", &["code-revision", "kv-core", "policies", "tier-sim"], &["test-data", "trace-synth"]),
    ("engine-runs", &["kv-core", "tier-sim", "deployment"], &["policies"]),
    (
        "experiment",
        &[
            "code-revision",
            "kv-core",
            "trace-synth",
            "policies",
            "kareto",
            "report",
            "deployment",
            "engine-runs",
        ],
        &[],
    ),
    ("pages", &["kv-core", "trace-synth", "kareto", "report", "deployment", "experiment"], &[]),
    (
        "kareto-cli",
        &[
            "kv-core",
            "trace-synth",
            "policies",
            "tier-sim",
            "kareto",
            "report",
            "deployment",
            "engine-runs",
            "experiment",
            "pages",
            "whole-file",
            "hardware",
        ],
        &["test-data", "cuda-stub"],
    ),
    // Stands for a crate outside the workspace.
    ("outside-policy", &["kv-core", "kareto", "kareto-cli"], &["policies"]),
];

/// Dependencies of the outside world that one crate alone may have, each a decision of its own: polars takes minutes to
/// compile, and argument parsing, progress bars and error pages belong to the binary.
const ONLY: [(&str, &str); 7] = [
    ("polars", "report"),
    ("plotters", "report"),
    ("clap", "kareto-cli"),
    ("indicatif", "kareto-cli"),
    ("miette", "kareto-cli"),
    ("cudarc", "hardware"),
    ("libloading", "hardware"),
];

fn workspace() -> Metadata {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    // Without the outside world's packages: their names are in the manifests, and nothing is fetched.
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo metadata of this workspace")
}

/// Names that each crate depends on, for its code or for its tests.
fn dependencies(tests: bool) -> BTreeMap<String, BTreeSet<String>> {
    let wanted = |kind| (kind == DependencyKind::Development) == tests;
    let of = |package: cargo_metadata::Package| {
        let chosen = package.dependencies.into_iter().filter(|d| wanted(d.kind)).map(|d| d.name);
        (package.name.to_string(), chosen.collect())
    };
    workspace().packages.into_iter().map(of).collect()
}

#[test]
fn crates_see_only_what_they_may() {
    for tests in [false, true] {
        let all = dependencies(tests);
        let crates: Vec<&str> = all.keys().map(String::as_str).collect();
        let mut known = EDGES.map(|(name, ..)| name);
        known.sort_unstable();
        assert_eq!(crates, known, "the crates of the workspace are those of crates/README.md");
        for (name, for_code, for_tests) in EDGES {
            let allowed: Vec<&str> = if tests { [for_code, for_tests].concat() } else { for_code.to_vec() };
            let seen = all[name].iter().filter(|d| all.contains_key(*d));
            let forbidden: Vec<&String> = seen.filter(|d| !allowed.contains(&d.as_str())).collect();
            assert!(forbidden.is_empty(), "{name} may depend on {allowed:?} and not on {forbidden:?}");
        }
    }
}

#[test]
fn heavy_and_telling_dependencies_have_one_owner() {
    for tests in [false, true] {
        for (name, found) in dependencies(tests) {
            for (dependency, owner) in ONLY {
                let family = |d: &&String| **d == dependency || d.starts_with(&format!("{dependency}-"));
                let member = found.iter().find(family);
                assert!(member.is_none() || name == owner, "{name} depends on {member:?}; only {owner} may");
            }
        }
    }
}

/// The packages that cargo would build on this machine, by name, each with those that it needs.
fn built(features: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let mut command = MetadataCommand::new();
    command.manifest_path(manifest).other_options(["--locked".to_owned(), "--offline".to_owned()]);
    let features = features.iter().map(|feature| (*feature).to_owned()).collect();
    command.features(CargoOpt::SomeFeatures(features));
    let metadata = command.exec().expect("cargo metadata of all that is built");
    let name = |id: &PackageId| {
        metadata.packages.iter().find(|package| package.id == *id).expect("a package").name.to_string()
    };
    let resolved = metadata.resolve.as_ref().expect("resolved").nodes.iter();
    resolved.map(|node| (name(&node.id), node.dependencies.iter().map(name).collect())).collect()
}

/// CUDA's bindings are in a build only where `kareto-cli/cuda` was asked for, and then `hardware` alone has them.
#[test]
fn cuda_is_asked_for_and_has_one_owner() {
    let (plain, cuda) = (built(&[]), built(&["kareto-cli/cuda"]));
    assert!(plain.len() > 100 && !plain.contains_key("cudarc"), "a default build has no cudarc");
    let owners: Vec<&String> =
        cuda.iter().filter(|(_, needs)| needs.contains("cudarc")).map(|(name, _)| name).collect();
    assert_eq!(owners, ["hardware"]);
}
