//! Notes the compiler that builds the binary, for the manifests of runs, and names the code that evaluates a point, for
//! archives.

use std::process::Command;

#[allow(clippy::disallowed_methods, reason = "cargo tells the compiler's path by the environment")]
fn main() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let version = Command::new(rustc).arg("--version").output().ok();
    let version = version.and_then(|output| String::from_utf8(output.stdout).ok());
    println!("cargo:rustc-env=KARETO_RUSTC={}", version.as_deref().map_or("unknown", str::trim));
    println!("cargo:rerun-if-changed=build.rs");
    name_code();
}

/// Only what computes figures: who changes a page keeps the archives.
fn name_code() {
    const EVALUATION: [&str; 9] = [
        "src/evaluate",
        "src/data",
        "src/experiment/cases.rs",
        "src/experiment/choices.rs",
        "src/experiment/configuration.rs",
        "src/experiment/hardware.rs",
        "src/experiment/policy.rs",
        "src/experiment/setting.rs",
        "src/experiment/system.rs",
    ];
    /// Group TTL in the simulator, beside that.
    const CONTEST: [&str; 4] =
        ["src/ttl/choice.rs", "src/ttl/contest.rs", "src/ttl/leases.rs", "src/ttl/measured.rs"];
    let code = code_revision::Crate::new().only(&[&EVALUATION[..], &CONTEST].concat());
    // Crates with a revision of their own, and packages that compute no figure.
    let stated = ["kv-core", "trace-synth", "policies", "tier-sim", "kareto", "report"];
    let silent = ["clap", "miette", "indicatif", "tempfile", "flate2", "zstd", "siphasher"];
    code.part("src/ttl").part("src/data/fit").stated(&stated).stated(&silent).emit();
}
