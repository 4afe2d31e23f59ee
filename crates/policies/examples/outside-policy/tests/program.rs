//! The program of this crate, run as a user runs it.

use std::process::Command;

fn stdout(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_outside-policy"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_catalogue_has_one_more() {
    let list = stdout(&["policies"]);
    assert!(list.contains("eviction   most-recent") && list.contains("eviction   lru"), "{list}");
    assert!(list.contains("router     sticky") && list.contains("scheduler  small-chunks"), "{list}");
}

/// What `simulate` prints for the front experiment with one more setting.
fn simulated(setting: &str) -> String {
    let file = "../../../../experiments/front.toml";
    let arguments = ["simulate", file, "--set", "dram_gib=64", "--set", "instances=2", "--set", setting];
    stdout(&arguments)
}

#[test]
fn they_decide_in_the_simulator() {
    let pairs = [
        ("dram_eviction=most-recent", "dram_eviction=lru"),
        ("router=sticky", "router=round-robin"),
        ("scheduler=small-chunks", "scheduler=vllm-v1"),
    ];
    for (ours, theirs) in pairs {
        assert_ne!(simulated(ours), simulated(theirs), "{ours} against {theirs}");
    }
}
