//! The program of this crate, run as a user runs it.

use std::path::Path;
use std::process::{Command, Output};

fn run(program: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    let output = command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let output = output.expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn stdout(arguments: &[&str]) -> String {
    let output = run(Path::new(env!("CARGO_BIN_EXE_outside-policy")), arguments);
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

const EXPERIMENT: &str = r#"
[trace]
window = { from = "0 s", length = "20 s" }

[system]
model = "qwen3-32b"
gpu = "h100-sxm"
tensor_parallel = 4
prices = "alibaba-cny"

[[system.tier]]
name = "dram"
medium = "dram"

[cases]
compare = "dram_eviction"
along = "dram_gib"

[axes]
dram_eviction = ["lru", "most-recent"]
dram_gib = [64, 128, 256]
"#;

/// The policy states no revision, so the program's file stands for its code, and for that of no other policy.
#[test]
fn another_program_evaluates_only_this_policy_again() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("experiment.toml"), EXPERIMENT).expect("a file in the folder");
    let other = path("other-program");
    std::fs::copy(env!("CARGO_BIN_EXE_outside-policy"), &other).expect("a copy of the program");
    let mut bytes = std::fs::read(&other).expect("the copy");
    bytes.push(0); // behind what is loaded: another file, and the same program
    std::fs::write(&other, bytes).expect("the copy");
    let evaluated = |program: &Path| {
        let [file, out] = [path("experiment.toml"), path("out")].map(|it| it.display().to_string());
        let output = run(program, &["run", &file, "-o", &out]);
        let said = String::from_utf8(output.stderr).expect("text");
        let counts = said.lines().find(|line| line.contains("evaluated now")).expect("counts").to_owned();
        counts.split(", ").nth(1).expect("how many").to_owned()
    };
    let this = Path::new(env!("CARGO_BIN_EXE_outside-policy"));
    assert_eq!(evaluated(this), "6 evaluated now");
    assert_eq!(evaluated(this), "0 evaluated now");
    assert_eq!(evaluated(&other), "3 evaluated now");
    assert_eq!(evaluated(this), "0 evaluated now", "what this program made is still there");
}
