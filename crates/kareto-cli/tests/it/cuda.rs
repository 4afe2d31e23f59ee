//! The way through CUDA's driver, with a stub of it: real copies, a virtual clock with a known law, errors on demand. Skipped
//! unless the feature `cuda` is on; `.ci/run` runs these with it.

use std::path::{Path, PathBuf};
use std::process::Output;

use cuda_stub::law;
use serde_json::Value;

use crate::program::Bench;

/// The stub as cargo built it beside this test; `None` where the program knows no CUDA.
fn stub() -> Option<PathBuf> {
    if !cfg!(feature = "cuda") {
        test_data::skip("the feature `cuda` is off");
        return None;
    }
    let test = std::env::current_exe().expect("this test");
    let folder = test.parent().expect("a folder");
    let name = format!("{}cuda_stub{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    Some(folder.join(name))
        .filter(|file| file.is_file())
        .or_else(|| panic!("{} has no stub", folder.display()))
}

/// A bench whose folder `lib` has the stub under the driver's name.
fn bench(stub: &Path) -> Bench {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("lib")).expect("a folder");
    std::fs::copy(stub, bench.path("lib/libcuda.so")).expect("a copy");
    bench
}

/// Measures with the stub, which fails as `wrong` says.
fn measure(bench: &Bench, wrong: &str, more: &[&str]) -> Output {
    let mut program = bench.program();
    program.env("LD_LIBRARY_PATH", bench.path("lib")).env("KARETO_CUDA_STUB", wrong);
    program
        .args(["validate", "hardware", "--quick", "-o", "out"])
        .args(more)
        .output()
        .expect("the program starts")
}

fn report(bench: &Bench) -> Value {
    serde_json::from_str(&bench.read("out/report.json")).expect("JSON")
}

fn gpu(report: &Value) -> Value {
    let parts = report["parts"].as_array().expect("parts");
    parts.iter().find(|part| part["part"] == "gpu").expect("a GPU")["state"].clone()
}

#[test]
fn the_law_of_the_stub_is_found() {
    let Some(stub) = stub() else { return };
    let bench = bench(&stub);
    let output = measure(&bench, "", &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report = report(&bench);
    assert_eq!(gpu(&report)["is"], "measured");
    let link = &report["fits"]["host_link"];
    let close = |found: &Value, known: f64| {
        let found = found.as_f64().expect("a number");
        assert!((found / known - 1.0).abs() < 0.01, "{found} instead of {known}");
    };
    close(&link["to_device"]["bytes_per_s"], law::HOST_TO_DEVICE_BYTES_PER_S);
    close(&link["to_host"]["bytes_per_s"], law::DEVICE_TO_HOST_BYTES_PER_S);
    // A call costs the host time before the GPU's latency begins.
    close(&link["latency_s"], law::LATENCY_S + law::CALL_S);
    // A row has bytes / (bytes / bandwidth + what a fragment costs).
    let row = &link["to_device_table"]["rows"][0];
    assert_eq!(row[0], 4096);
    close(&row[1], 4096.0 / (4096.0 / law::HOST_TO_DEVICE_BYTES_PER_S + law::FRAGMENT_S));
    // Two engines that do not disturb each other.
    let mut sharing =
        link["sharing"].as_array().expect("a list").iter().filter(|it| it["method"] == "one_copy");
    let large = sharing.next_back().expect("both at once")["share"].as_f64().expect("a number");
    // The slower direction decides when both end: twice its bandwidth of the sum of both.
    let both = 2.0 * law::DEVICE_TO_HOST_BYTES_PER_S;
    let sum = law::HOST_TO_DEVICE_BYTES_PER_S + law::DEVICE_TO_HOST_BYTES_PER_S;
    assert!((large / (both / sum) - 1.0).abs() < 0.1, "{large}");
}

#[test]
fn a_stub_is_called_one_everywhere_and_makes_no_medium() {
    let Some(stub) = stub() else { return };
    let bench = bench(&stub);
    let output = measure(&bench, "", &["--medium-name", "box"]);
    let [out, err] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it).into_owned());
    assert!(output.status.success() && out.contains("STUB, no GPU: CUDA stub"), "{out}{err}");
    assert!(err.contains("no medium file: the GPU is a stub"), "{err}");
    let report = report(&bench);
    assert_eq!(report["gpu"]["is_stub"], true);
    assert!(report["gpu"]["driver"].as_str().expect("a text").starts_with("STUB"));
    assert!(
        bench.read("out/index.html").contains("The GPU is a stub of CUDA&#39;s driver")
            || bench.read("out/index.html").contains("The GPU is a stub of CUDA's driver")
    );
    let names =
        std::fs::read_dir(bench.path("out")).expect("a folder").map(|it| it.expect("an entry").file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().ends_with(".toml")), "no medium file");
}

#[test]
fn step_times_are_absent_without_cublas() {
    let Some(stub) = stub() else { return };
    let bench = bench(&stub);
    let mut program = bench.program();
    program.env("LD_LIBRARY_PATH", bench.path("lib"));
    let model = ["--model", "llama-3.1-8b", "--gpu-name", "h100-sxm"];
    let output = program.args(["validate", "step-times", "-o", "out"]).args(model).output();
    let output = output.expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("step times absent: no cuBLAS"), "{text}");
    assert!(bench.read("out/index.html").contains("stub"), "the page names the stub");
}

#[test]
fn no_device_is_absent() {
    let Some(stub) = stub() else { return };
    let bench = bench(&stub);
    let output = measure(&bench, "no-device", &[]);
    assert!(output.status.success());
    let state = gpu(&report(&bench));
    assert_eq!(state["is"], "absent");
    assert_eq!(
        state["why"],
        "the CUDA driver finds no GPU: no CUDA-capable device is detected (CUDA_ERROR_NO_DEVICE)"
    );
}

#[test]
fn no_such_gpu_is_absent() {
    let Some(stub) = stub() else { return };
    let bench = bench(&stub);
    assert!(measure(&bench, "", &["--gpu", "7"]).status.success());
    assert_eq!(gpu(&report(&bench))["why"], "the CUDA driver shows no GPU 7; there are: 0 to 0");
}

#[test]
fn no_driver_is_absent() {
    let Some(stub) = stub() else { return };
    let bench = bench(&stub);
    std::fs::write(bench.path("lib/libcuda.so"), "no library").expect("a file");
    assert!(measure(&bench, "", &[]).status.success());
    let report = report(&bench);
    // On a machine with a driver it is found behind the broken one.
    if report["gpu"].is_null() {
        assert_eq!(gpu(&report)["why"], "no CUDA driver");
    }
}

#[test]
fn too_little_memory_is_a_failure_of_the_machine() {
    let Some(stub) = stub() else { return };
    let bench = bench(&stub);
    let output = measure(&bench, "out-of-memory", &[]);
    assert_eq!(output.status.code(), Some(1));
    let report = report(&bench);
    let state = gpu(&report);
    assert_eq!(state["is"], "failed");
    assert!(
        state["why"].as_str().expect("a text").ends_with("out of memory (CUDA_ERROR_OUT_OF_MEMORY)"),
        "{state}"
    );
    assert_eq!(report["parts"][0]["state"]["is"], "measured", "host memory was measured all the same");
}

#[test]
fn a_lost_device_ends_its_part_and_keeps_what_was_measured() {
    let Some(stub) = stub() else { return };
    let bench = bench(&stub);
    let output = measure(&bench, "lost-after=50", &["--medium-name", "box"]);
    assert_eq!(output.status.code(), Some(1));
    let report = report(&bench);
    assert_eq!(gpu(&report)["is"], "failed");
    let measured = report["parts"][1]["measurements"].as_array().expect("a list").len();
    // Four copies a point, the one that warms up included.
    assert_eq!(measured, 12);
    assert!(report["fits"]["host_link"].is_null(), "half of the points make no law");
}

#[test]
fn a_driver_without_a_symbol_is_absent_or_does_without() {
    let Some(stub) = stub() else { return };
    let bench = bench(&stub);
    let original = std::fs::read(&stub).expect("the stub");
    let without = |name: &str| {
        let mut library = original.clone();
        let needle = [b"\0", name.as_bytes(), b"\0"].concat();
        let places: Vec<usize> =
            (0..library.len() - needle.len()).filter(|at| library[*at..].starts_with(&needle)).collect();
        assert!(!places.is_empty(), "{name}");
        places.into_iter().for_each(|at| library[at + 3] = b'_');
        std::fs::write(bench.path("lib/libcuda.so"), library).expect("a file");
    };
    without("cuMemHostAlloc");
    assert!(measure(&bench, "", &[]).status.success());
    assert_eq!(gpu(&report(&bench))["why"], "the CUDA driver is too old: it has no `cuMemHostAlloc`");

    without("cuMemcpyBatchAsync");
    assert!(measure(&bench, "", &[]).status.success());
    let report = report(&bench);
    assert_eq!(report["gpu"]["has_batched_copies"], false);
    assert_eq!(report["fits"]["host_link"]["method"], "each_fragment");
}
