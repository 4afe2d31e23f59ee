//! Finds what tests need and the project does not contain, and records where it is absent: data that lies beside the
//! project, and programs. It also records tests that this build cannot run.
//!
//! Some tests compare with public traces and with recorded runs of real engines. These files are too large for the
//! repository; they lie in `../shared/data`. A clone without them can still run all other tests. Two environment
//! variables say what happens to a test that finds no data:
//!
//! - `KARETO_REQUIRE_DATA=1`: the test fails.
//! - `KARETO_SKIPPED_FILE=path`: the test's name is appended to that file, a line each, so that a script can count them.
//!
//! A test that needs a program, such as a browser, is treated alike; its variable is `KARETO_REQUIRE_PROGRAMS`.
//!
//! With neither the test prints `skipped: no ../shared` and passes.
#![allow(clippy::print_stdout, reason = "a test that does not run says so")]
#![allow(clippy::disallowed_methods, reason = "no figure depends on it")]

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A file or folder in `../shared/data`. `None` where it is absent: the test that asked should return then.
///
/// # Panics
/// If it is absent and `KARETO_REQUIRE_DATA` is `1`, and if the skipped test cannot be recorded.
#[must_use]
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    if found.exists() {
        return Some(found);
    }
    assert!(
        !required("KARETO_REQUIRE_DATA"),
        "../shared/data/{path} is absent, and KARETO_REQUIRE_DATA=1 makes that an error; with KARETO_REQUIRE_DATA=0 the \
         test is skipped"
    );
    println!("skipped: no ../shared/data/{path}");
    record(&test_name());
    None
}

/// The first of these programs that is on the `PATH`, for a test that needs one. `None` where there is none: the test that
/// asked should return then.
///
/// # Panics
/// As [`shared`], with `KARETO_REQUIRE_PROGRAMS`.
#[must_use]
pub fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let found = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    if let Some(found) = found.into_iter().find(|file| file.is_file()) {
        return Some(found);
    }
    let names = names.join(", ");
    assert!(
        !required("KARETO_REQUIRE_PROGRAMS"),
        "none of {names} is installed, and KARETO_REQUIRE_PROGRAMS=1 makes that an error; with 0 the test is skipped"
    );
    println!("skipped: none of {names} is installed");
    record(&test_name());
    None
}

/// Prints and records that the test which asks cannot run, and why. The test should return then.
///
/// # Panics
/// If the skipped test cannot be recorded.
pub fn skip(why: &str) {
    println!("skipped: {why}");
    record(&test_name());
}

fn required(variable: &str) -> bool {
    match std::env::var(variable) {
        Err(_) => false,
        Ok(value) => match value.as_str() {
            "1" => true,
            "0" | "" => false,
            _ => panic!("{variable} is `{value}`; allowed are 0 and 1"),
        },
    }
}

/// The name of the test that runs: nextest gives it, and cargo's own runner names the thread after it.
fn test_name() -> String {
    let crate_name = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
    let name = std::env::var("NEXTEST_TEST_NAME").unwrap_or_else(|_| {
        let thread = std::thread::current();
        thread.name().unwrap_or("a test").to_owned()
    });
    format!("{crate_name} {name}")
}

fn record(name: &str) {
    let Ok(file) = std::env::var("KARETO_SKIPPED_FILE") else { return };
    let opened = OpenOptions::new().append(true).create(true).open(&file);
    // One write of a whole line: tests of several processes append to the same file.
    let written = opened.and_then(|mut to| to.write_all(format!("{name}\n").as_bytes()));
    written.unwrap_or_else(|error| panic!("{file}: {error}"));
}
