//! How much memory does `kareto simulate` take on a real trace? Less than 60 MB, the program itself included.
//!
//! The kernel keeps no limit of resident memory, and its record of the peak is gone when the program has ended; reading
//! it takes a system call that the standard library lacks. So the program runs under a limit of the memory that it
//! writes (`ulimit -d`, 25 MB) and of its stack (`ulimit -s`, 1 MB). What can be resident beside that is the program's file,
//! of which 31 MB can be loaded at all, and 2 MB of the C library. `/usr/bin/time -v` shows what is: 19 to 25 MiB.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const LIMIT_KIB: u32 = 25_000_000 / 1024;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs `kareto simulate` with a limit of the memory that it writes.
fn simulate(trace: &Path, settings: &[&str], limit_kib: u32) -> Output {
    let mut command = Command::new("sh");
    let script = format!("ulimit -c 0; ulimit -s 1000; ulimit -d {limit_kib}; exec \"$@\"");
    command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_kareto"), "simulate"]);
    command.arg(root().join("experiments/front.toml")).arg("--trace").arg(trace);
    for setting in settings {
        command.args(["--set", setting]);
    }
    command.output().expect("sh starts")
}

#[test]
fn a_simulation_of_a_real_trace_fits_in_60_mb() {
    let Some(trace) = test_data::shared("mooncake/conversation_trace.jsonl.gz") else { return };
    // HBM alone, and the largest tiers that the experiment has.
    for settings in [["dram_gib=0", "disk_lease_s=0"], ["dram_gib=2048", "disk_lease_s=2400"]] {
        let output = simulate(&trace, &settings, LIMIT_KIB);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{settings:?} ended with {}: {said}", output.status);
        // A limit that is not kept would be no test: in a third of it there is no room for the trace.
        let output = simulate(&trace, &settings, LIMIT_KIB / 3);
        assert!(!output.status.success(), "{settings:?}: `ulimit -d` limits nothing here");
    }
}
