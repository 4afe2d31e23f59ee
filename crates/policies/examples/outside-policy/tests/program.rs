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

/// A search from outside runs, its parameter is known by name, and its reasons are in the record.
#[test]
fn a_search_from_outside_searches() {
    let folder = std::env::temp_dir().join(format!("kareto-outside-search-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    let text = std::fs::read_to_string("../../../../experiments/front.toml").expect("the experiment is there");
    let begin = text.find("[search]").expect("it searches");
    let end = begin + text[begin..].find("\n\n").expect("other tables follow");
    let text = format!("{}[search]\nname = \"diagonal\"\npoints = 3{}", &text[..begin], &text[end..]);
    let file = folder.join("front.toml");
    std::fs::write(&file, text).expect("a file for the test");
    let (file, out) = (file.display().to_string(), folder.join("out").display().to_string());
    stdout(&["run", &file, "--scale", "smoke", "-o", &out]);
    let skipped = std::fs::read_to_string(folder.join("out/front/skipped.csv")).expect("a record");
    assert!(skipped.contains("off-diagonal") && skipped.contains("beside the diagonal"), "{skipped}");
    stdout(&["report", &out]);
    std::fs::remove_dir_all(&folder).expect("the test's own folder");
}
