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

/// A search from outside runs, its parameter is known by name, and its reasons are in the record.
#[test]
fn a_search_from_outside_searches() {
    let folder = std::env::temp_dir().join(format!("kareto-outside-search-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    let text =
        std::fs::read_to_string("../../../../experiments/front.toml").expect("the experiment is there");
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
