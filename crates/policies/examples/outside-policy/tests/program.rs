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
    assert!(list.contains("eviction  most-recent") && list.contains("eviction  lru"), "{list}");
}

#[test]
fn it_evicts_in_the_simulator() {
    let hits = |policy: &str| {
        let file = "../../../../experiments/front.toml";
        let eviction = format!("dram_eviction={policy}");
        let arguments = ["simulate", file, "--set", "dram_gib=64", "--set", &eviction];
        let text = stdout(&arguments);
        text.lines().find(|line| line.starts_with("dram ")).expect("a row of the DRAM tier").to_owned()
    };
    assert_ne!(hits("most-recent"), hits("lru"), "another order, other hits or evictions");
}
