//! Notes the compiler that builds the binary, for the manifests of runs.

use std::process::Command;

#[allow(clippy::disallowed_methods, reason = "cargo tells the compiler's path by the environment")]
fn main() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let version = Command::new(rustc).arg("--version").output().ok();
    let version = version.and_then(|output| String::from_utf8(output.stdout).ok());
    println!("cargo:rustc-env=KARETO_RUSTC={}", version.as_deref().map_or("unknown", str::trim));
    println!("cargo:rerun-if-changed=build.rs");
}
