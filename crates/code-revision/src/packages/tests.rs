//! Which packages of a lock count?

use std::fs;

use super::locked;

const MANIFEST: &str = r#"
[dependencies]
core = { path = "../core" }
random.workspace = true
serde = "1"
solver = { version = "1", optional = true }

[target.'cfg(unix)'.dependencies]
clock = "0.1"

[dev-dependencies]
tester = "1"
"#;

const LOCK: &str = r#"
version = 4

[[package]]
name = "mine"
version = "0.1.0"
dependencies = ["clock", "core", "random 0.2.0", "serde", "solver", "tester"]

[[package]]
name = "core"
version = "0.1.0"
dependencies = ["tester"]

[[package]]
name = "random"
version = "0.1.0"
source = "registry"
checksum = "a"

[[package]]
name = "random"
version = "0.2.0"
source = "registry"
checksum = "b"
dependencies = ["maths"]

[[package]]
name = "maths"
version = "3.0.0"
source = "registry"
checksum = "c"

[[package]]
name = "clock"
version = "0.1.0"
source = "git+https://example.org/clock#1234"

[[package]]
name = "serde"
version = "1.0.0"
source = "registry"

[[package]]
name = "solver"
version = "1.0.0"
source = "registry"

[[package]]
name = "tester"
version = "1.0.0"
source = "registry"
"#;

#[test]
fn what_the_code_uses_and_what_that_uses() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, lock) = (folder.path().join("Cargo.toml"), folder.path().join("Cargo.lock"));
    fs::write(&manifest, MANIFEST).unwrap();
    fs::write(&lock, LOCK).unwrap();
    let of = |package: &str, stated: &[String]| locked(&manifest, &lock, package, stated);
    let stated = ["core".to_owned()];
    let expected = [
        "clock 0.1.0 git+https://example.org/clock#1234 ",
        "maths 3.0.0 registry c",
        "random 0.2.0 registry b",
    ];
    assert_eq!(of("mine", &stated).unwrap(), expected);
    assert!(of("another", &stated).unwrap().is_empty());
    let error = of("mine", &[]).unwrap_err();
    assert!(error.contains("`core` is a dependency by path"), "{error}");
}
