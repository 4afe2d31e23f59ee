//! For build scripts: names the code of a crate, so that a record can say which code made it.
//!
//! A *revision* is 16 hexadecimal digits, a hash of the tokens of source files, of the versions of the packages that the
//! crate uses, and of the compiler. Comments, documentation, layout and tests are no part of it. So it changes when the
//! crate may compute something else, and a new comment does not change it.
//!
//! ```no_run
//! // build.rs
//! fn main() {
//!     code_revision::Crate::new().stated(&["kv-core"]).emit();
//! }
//! ```
//!
//! The crate then has its revision as `env!("CODE_REVISION")`. A crate may have *parts* ([`Crate::parts`]), such as a
//! policy each, that have a revision of their own: a change of one does not change the others.
//!
//! It reads the environment of a build script, and nothing at run time.
#![allow(clippy::print_stdout, reason = "a build script tells cargo by printing")]
#![allow(clippy::needless_doctest_main, reason = "a build script is a whole program")]
#![allow(clippy::disallowed_methods, reason = "cargo tells a build script by the environment what it builds")]

mod hash;
mod packages;
mod parts;
mod sources;
mod tokens;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use parts::Revisions;
use sources::Files;

/// The crate whose build script is running, and what of it is named.
#[derive(Debug, Clone)]
pub struct Crate {
    root: PathBuf,
    files: Files,
    stated: Vec<String>,
}

impl Default for Crate {
    fn default() -> Self {
        Self::new()
    }
}

impl Crate {
    /// Everything in `src`.
    ///
    /// # Panics
    /// Outside a build script.
    #[must_use]
    pub fn new() -> Self {
        let root = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
        Self { root, files: Files::default(), stated: Vec::new() }
    }

    /// Only these files and folders, as `src/ttl`; for a crate of which a part computes figures.
    #[must_use]
    pub fn only(mut self, paths: &[&str]) -> Self {
        self.files.only = paths.iter().map(PathBuf::from).collect();
        self
    }

    /// Every file of this folder but its `mod.rs` is a part.
    #[must_use]
    pub fn parts(mut self, folder: &str) -> Self {
        self.files.part_folders.push(folder.into());
        self
    }

    /// This file or folder is one part.
    #[must_use]
    pub fn part(mut self, path: &str) -> Self {
        self.files.whole_parts.push(path.into());
        self
    }

    /// Dependencies whose code has a revision of its own, which records name beside this one. A dependency by path must
    /// be one of them: its version does not name its code.
    #[must_use]
    pub fn stated(mut self, packages: &[&str]) -> Self {
        self.stated.extend(packages.iter().map(|&name| name.to_owned()));
        self
    }

    /// Sets `CODE_REVISION` for the crate: the revision of its code without the parts.
    ///
    /// With parts, also writes `code_revision.rs` to the output folder, to be included: `of(module_path!())` is the
    /// revisions that the code of a part's module has, its own and that of what all parts share.
    ///
    /// # Panics
    /// Where a path or file is missing, and where a dependency by path is not [`Crate::stated`]: the build then fails.
    pub fn emit(self) {
        let out = PathBuf::from(variable("OUT_DIR"));
        let locks = packages::lock_files(&[self.root.as_path(), &out]);
        for path in locks.iter().cloned().chain([self.root.join("src"), self.root.join("Cargo.toml")]) {
            println!("cargo:rerun-if-changed={}", path.display());
        }
        let package = variable("CARGO_PKG_NAME");
        let revisions = self.revisions(&package, &locks, &toolchain(), &features());
        let revisions = revisions.unwrap_or_else(|message| panic!("{message}"));
        println!("cargo:rustc-env=CODE_REVISION={}", revisions.shared);
        if !revisions.parts.is_empty() {
            let path = out.join("code_revision.rs");
            let text = revisions.lookup(&package.replace('-', "_"));
            std::fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
    }

    fn revisions(
        &self,
        package: &str,
        locks: &[PathBuf],
        toolchain: &str,
        features: &str,
    ) -> Result<Revisions, String> {
        let mut surroundings = vec![toolchain.to_owned()];
        for lock in locks {
            surroundings.extend(packages::locked(
                &self.root.join("Cargo.toml"),
                lock,
                package,
                &self.stated,
            )?);
        }
        let found = sources::read(&self.root, &self.files)?;
        if found.all().any(|file| file.code.identifiers.contains("feature")) {
            surroundings.push(features.to_owned());
        }
        Ok(Revisions::new(&found, &surroundings))
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name} for a build script, and there is none"))
}

/// Compiler and target: the functions of floating-point numbers may differ by both.
fn toolchain() -> String {
    let version = Command::new(variable("RUSTC")).arg("--version").output().ok();
    let version = version.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    format!("{} {}", version.trim(), variable("TARGET"))
}

/// The features that are on.
fn features() -> String {
    let mut names: Vec<String> =
        env::vars().map(|(name, _)| name).filter(|name| name.starts_with("CARGO_FEATURE_")).collect();
    names.sort();
    names.join(" ")
}

/// A path as records and messages have it on every platform.
fn shown(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
