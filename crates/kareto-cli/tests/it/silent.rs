//! Nothing goes wrong in silence: what a run refuses, never reads, or sends too soon is said.

use serde_json::Value;

use crate::program::Bench;

const SYSTEM: &str = r#"
[system]
model = "qwen3-32b"
gpu = "h100-sxm"
tensor_parallel = 4
prices = "alibaba-cny"
"#;

const DRAM: &str = r#"
[[system.tier]]
name = "dram"
medium = "dram"
size = "64 GiB"
"#;

const DISK: &str = r#"
[[system.tier]]
name = "disk"
medium = "nvme"
size = "2 TiB"
"#;

/// Twenty clients that take turns. In each of nine rounds a client's prompt has 8,192 tokens more, and nobody waits.
fn rounds() -> String {
    let mut lines = String::new();
    for round in 0..9_u64 {
        for client in 0..20_u64 {
            let ids: Vec<u64> = (0..16 * (round + 1)).map(|block| client * 1000 + block).collect();
            let (at_ms, tokens) = (round * 280_000 + client * 5_000, 8192 * (round + 1));
            lines += &format!(
                r#"{{"timestamp": {at_ms}, "input_length": {tokens}, "output_length": 1, "hash_ids": {ids:?}}}"#
            );
            lines += "\n";
        }
    }
    lines
}

fn bench(deployment: &str, trace: &str) -> Bench {
    let bench = Bench::new();
    bench.write("deployment.toml", deployment);
    bench.write("trace.jsonl", trace);
    bench
}

const SIMULATE: [&str; 4] = ["simulate", "deployment.toml", "--trace", "trace.jsonl"];

fn simulated(bench: &Bench, settings: &[&str]) -> Value {
    let mut arguments = SIMULATE.to_vec();
    arguments.push("--json");
    settings.iter().for_each(|setting| arguments.extend(["--set", setting]));
    serde_json::from_str(&bench.stdout(&arguments)).expect("one JSON object")
}

fn mistake(bench: &Bench, settings: &[&str]) -> String {
    let mut arguments = SIMULATE.to_vec();
    settings.iter().for_each(|setting| arguments.extend(["--set", setting]));
    bench.mistake(&arguments)
}

/// Round r can hit (r - 1) / r of its prompt: 4 / 5 of all tokens.
#[test]
fn a_disk_below_dram_is_read_as_the_engine_reads_it() {
    let bench = bench(&[SYSTEM, DRAM, DISK].concat(), &rounds());
    for settings in [&[][..], &["dram_gib=0"], &["scheduler=prefill-first"]] {
        let ratio = simulated(&bench, settings)["hit_ratio"].as_f64().expect("a ratio");
        assert!((0.8 - ratio).abs() < 1e-3, "{settings:?}: {ratio}");
    }
}

#[test]
fn a_tier_that_is_never_read_is_named_with_the_reason() {
    let bench = bench(&[SYSTEM, DRAM, DISK].concat(), &rounds());
    let text = |settings: &[&str]| {
        let mut arguments = SIMULATE.to_vec();
        settings.iter().for_each(|setting| arguments.extend(["--set", setting]));
        bench.stdout(&arguments)
    };
    let best_effort = text(&["disk_prefetch=best-effort"]);
    let said =
        "disk was written and never read: its prefetches were dropped when their requests could be scheduled";
    assert!(best_effort.contains(said), "{best_effort}");
    assert!(!text(&[]).contains("disk was written and never read"));
    let json = simulated(&bench, &["disk_prefetch=best-effort"]);
    let disk = &json["tiers"][2];
    assert_eq!(
        (&disk["read_blocks"], disk["never_read_because"].as_array().map(Vec::len)),
        (&0.into(), Some(1))
    );
}

#[test]
fn a_request_that_is_too_long_is_refused_alone() {
    let ids: Vec<u32> = (1000..2758).collect();
    let long =
        format!(r#"{{"timestamp": 500, "input_length": 900000, "output_length": 1, "hash_ids": {ids:?}}}"#);
    let short = r#"{"timestamp": 0, "input_length": 600, "output_length": 20, "hash_ids": [1, 2]}
{"timestamp": 1000, "input_length": 1100, "output_length": 5, "hash_ids": [1, 3, 4]}"#;
    let bench = bench(&[SYSTEM, DRAM].concat(), &format!("{short}\n{long}\n"));
    let all = simulated(&bench, &["window_tokens=200000"]);
    assert_eq!((&all["requests"], &all["rejected_requests"]), (&3.into(), &1.into()));
    assert_eq!(all["longest_request_tokens"], 200_000);
    assert_eq!(simulated(&bench, &[])["longest_request_tokens"], 1741 * 512 + 1);
    bench.write("trace.jsonl", short);
    let alone = simulated(&bench, &["window_tokens=200000"]);
    for figure in ["ttft_s", "tpot_s", "e2e_s", "hit_ratio", "throughput_tokens_per_s", "makespan_s", "cost"]
    {
        assert_eq!(all[figure], alone[figure], "{figure}");
    }
    bench.write("trace.jsonl", format!("{long}\n{short}\n"));
    let text = bench.stdout(&[&SIMULATE[..], &["--requests", "requests.parquet"]].concat());
    let said = "The engine refuses 1 of the requests: the longest that it takes has 891393 tokens, prompt and output \
                together.";
    assert!(text.contains(said), "{text}");
    assert!(bench.path("requests.parquet").exists());
    let none = mistake(&bench, &["window_tokens=10"]);
    assert!(none.contains("refuses every request of the trace: the shortest has 620 tokens"), "{none}");
}

/// A third of the prompts, of 4,096 tokens, do not fit.
#[test]
fn the_page_of_every_kind_says_what_is_refused() {
    let bench = Bench::new();
    let experiment = crate::program::EXPERIMENT.replacen("prices =", "window_tokens = 3200\nprices =", 1);
    let (head, axes) = experiment.split_once("[axes]").unwrap();
    let system = head.replacen("[trace]\nfile = \"trace.jsonl\"\n", "", 1);
    let axes = axes.split("[baseline]").next().unwrap();
    let one_tier = system.split("[[system.tier]]\nname = \"disk\"").next().unwrap();
    let files = [
        ("search", experiment.clone()),
        ("cases", format!("{head}[cases]\ncompare = \"dram_gib\"\n[axes]{axes}")),
        (
            "compare",
            format!(
                "{system}[axes]{axes}[compare]\nreach = 0.9\nseeds = 1\nsearches = [\"random\"]\n[[compare.trace]]\nname = \"mine\"\nfile = \"trace.jsonl\"\n[[compare.system]]\nname = \"one\"\n"
            ),
        ),
        (
            "ttl",
            format!(
                "{one_tier}[group_ttl]\ngroups = 2\nstorage_shares = [0.5]\nwindow = \"10 s\"\nmethods = [\"hull\"]\n[[group_ttl.case]]\nname = \"mine\"\ntrace = {{ file = \"trace.jsonl\" }}\n"
            ),
        ),
    ];
    for (name, text) in &files {
        bench.write(&format!("{name}.toml"), text);
        bench.stdout(&["run", &format!("{name}.toml"), "-o", "out"]);
    }
    bench.stdout(&["report", "out"]);
    for (name, _) in &files {
        let page = bench.read(&format!("out/{name}/index.html"));
        let said = "The engine refuses 20 of the requests: the longest that it takes has 3200 tokens";
        assert!(page.contains(said), "{name}: {page}");
    }
}

/// Two heads on four GPUs: every head is on two of them, so HBM has room for half the tokens.
#[test]
fn bytes_of_a_token_follow_heads_and_gpus() {
    let model = |kv: &str| {
        format!(
            "name = \"qwen3-32b\"\ntitle = \"a model\"\n[kv]\nlayers = 64\n{kv}\nsource = \"a test\"\ndate = \"2026-11\"\n\
             [weights]\nvalue = \"65524246528 B\"\nsource = \"a test\"\ndate = \"2026-11\"\n"
        )
    };
    let system = SYSTEM.replace("\"qwen3-32b\"", "\"./model.toml\"");
    let bench = bench(
        &[&system, DRAM].concat(),
        r#"{"timestamp": 0, "input_length": 600, "output_length": 2, "hash_ids": [1, 2]}"#,
    );
    let bytes = |kv: &str, tier: &str| {
        bench.write("model.toml", model(kv));
        bench.write("deployment.toml", [&system, DRAM, tier].concat());
        let json = simulated(&bench, &[]);
        let peak = |tier: usize| json["tiers"][tier]["peak_bytes"].as_u64().expect("bytes");
        let hbm_bytes = json["tiers"][0]["capacity_bytes"].as_u64().expect("bytes");
        let hbm_tokens = hbm_bytes / (peak(0) / 2) * 512;
        (hbm_tokens, peak(0) / 2 / 512, peak(1) / 512)
    };
    let heads =
        |heads: u32, element: &str| format!("heads = {heads}\nhead_dim = 128\nbytes_per_element = {element}");
    assert_eq!(bytes(&heads(2, "2"), ""), (1_783_296, 131_072, 131_072));
    assert_eq!(bytes(&heads(2, "2"), "copies = \"one\"\n"), (1_783_296, 131_072, 65_536));
    assert_eq!(bytes(&heads(4, "2"), "").1, 131_072);
    assert_eq!(bytes(&heads(8, "2"), "").1, 262_144);
    assert_eq!(bytes(&heads(8, "0.5"), "").1, 65_536);
    assert_eq!(bytes(&heads(8, "0.5625"), "").1, 73_728);
    // A latent of 576 elements is whole on each of four GPUs: 64 * 576 * 2 B * 4.
    let latent = "latent_dim = 576\nbytes_per_element = 2";
    assert_eq!(bytes(latent, "").1, 294_912);
    assert_eq!(bytes(latent, "copies = \"one-of-latent\"\n").2, 73_728);
    assert_eq!(bytes(&heads(2, "2"), "copies = \"one-of-latent\"\n").2, 131_072);
    for (kv, said) in [
        (heads(3, "2"), "tensor_parallel is 4 and qwen3-32b has 3 key-value heads"),
        (heads(8, "0"), "`kv.bytes_per_element` is 0; allowed: a number above 0, up to 4"),
        ("bytes_per_element = 2".to_owned(), "allowed: `heads` and `head_dim`, or `latent_dim` alone"),
        (
            format!("{}\nlatent_dim = 5", heads(8, "2")),
            "allowed: `heads` and `head_dim`, or `latent_dim` alone",
        ),
    ] {
        bench.write("model.toml", model(&kv));
        let message = mistake(&bench, &[]);
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn a_setting_without_effect_or_out_of_range_is_refused() {
    let first = DRAM.to_owned() + "prefetch = { stop = \"best-effort\" }\n";
    let small = DRAM.replace("64 GiB", "127 MiB");
    let large = DRAM.replace("64 GiB", "8000000 TB");
    let many = SYSTEM.replace("[system]", "[system]\ninstances = 1025");
    let fragment = SYSTEM.replace("[system]", "[system]\nfragment = \"0 B\"");
    let disk = |prefetch: &str| [SYSTEM, DRAM, DISK, "prefetch = ", prefetch, "\n"].concat();
    for (deployment, said) in [
        ([SYSTEM, &first].concat(), "`prefetch` has no effect in `dram`, the first tier"),
        (
            [SYSTEM, &small].concat(),
            "tier `dram` has 133169152 bytes, less than one KV block of 134217728 bytes",
        ),
        ([SYSTEM, &large].concat(), "size is 8000000 TB; allowed: at most 8192 TiB"),
        ([&many, DRAM].concat(), "instances is 1025; allowed: 1 to 1024"),
        ([&fragment, DRAM].concat(), "fragment is 0 B; allowed: 1 B or more"),
        (disk("{ stop = \"timeout\" }"), "prefetch is `timeout`; allowed where the tier's `prefetch` has"),
        (
            disk("{ start = \"scheduling\", min_tokens = 9 }"),
            "have no effect; allowed: these with `start = \"enqueue\"`",
        ),
        (disk("{ stop = \"best-effort\", timeout_base = \"1 s\" }"), "have no effect with this `stop`"),
        (disk("{ timeout_per_token = \"500 d\" }"), "timeout_per_token is 500 d; allowed: at most"),
    ] {
        let bench = bench(&deployment, &rounds());
        let message = mistake(&bench, &[]);
        assert!(message.contains(said), "{message}");
    }
    let bench = bench(&[SYSTEM, DRAM].concat(), &rounds());
    let message = mistake(&bench, &["instances=4000000000"]);
    assert!(message.contains("allowed: a whole number from 1 to 1024"), "{message}");
}

/// A run ends with figures, or says that it would not end.
fn ends(bench: &Bench) {
    let output = bench.run(&SIMULATE);
    let said = String::from_utf8_lossy(&output.stderr);
    let never = said.contains("the run takes more than 292 years of simulated time");
    assert!(output.status.success() || (output.status.code() == Some(2) && never), "{said}");
}

/// A backlog without bound behind a link of 1 byte a second, and the largest durations that a file can write.
#[test]
fn the_slowest_link_and_the_longest_times_give_figures_or_an_error() {
    let medium = r#"
name = "nvme"
title = "a slow device"
source = "a test"
date = "2026-11"
[law.device]
io_size = "1 B"
read = { bandwidth = "1 B/s", latency = "0 s", io_per_s = 1 }
write = { bandwidth = "1 B/s", latency = "106751 d", io_per_s = 1 }
"#;
    for prefetch in
        ["{ start = \"scheduling\" }", "{ timeout_base = \"106751 d\", timeout_per_token = \"100 d\" }"]
    {
        let disk = DISK.replace("\"nvme\"", "\"./slow.toml\"");
        let text =
            [SYSTEM, DRAM, &disk, "write_backlog = \"unlimited\"\nprefetch = ", prefetch, "\n"].concat();
        let bench = bench(&text, &rounds());
        bench.write("slow.toml", medium);
        ends(&bench);
        // Read straight into HBM, nobody would live to see the blocks.
        bench.write("deployment.toml", text.replace("64 GiB", "0 B"));
        ends(&bench);
        let backlog = bench.read("deployment.toml").replace("\"unlimited\"", "\"106751 d\"");
        bench.write("deployment.toml", backlog);
        ends(&bench);
    }
}

#[test]
fn turns_that_are_sent_before_the_answer_are_counted() {
    // The second turn comes after 1 ms, the third long after its answer.
    let trace = r#"{"timestamp": 0, "input_length": 1024, "output_length": 512, "hash_ids": [1, 2]}
{"timestamp": 1, "input_length": 1536, "output_length": 1, "hash_ids": [1, 2, 3]}
{"timestamp": 100000, "input_length": 2048, "output_length": 1, "hash_ids": [1, 2, 3, 4]}
"#;
    let bench = bench(&[SYSTEM, DRAM].concat(), trace);
    let json = simulated(&bench, &[]);
    assert_eq!((&json["turns"], &json["turns_before_answer"]), (&2.into(), &1.into()));
    let text = bench.stdout(&SIMULATE);
    assert!(
        text.contains("50 % of the 2 turns that follow an answer were sent before it was complete"),
        "{text}"
    );
}

/// Every engine that comes with step times serves the public agentic trace, whatever it refuses of it.
#[test]
fn the_public_agentic_trace_is_served_by_every_pair() {
    let Some(trace) = test_data::shared("agentic/agentic_2h_blk512.jsonl.gz") else { return };
    let trace = trace.to_str().expect("a path in UTF-8");
    for (model, gpu, gpus) in [
        ("llama-3.1-8b", "l40s", 1),
        ("llama-3.1-8b", "h100-sxm", 1),
        ("qwen3-32b", "h100-sxm", 4),
        ("llama-3.1-70b", "h200", 4),
    ] {
        let bench = Bench::new();
        let system = format!(
            "[trace]\nwindow = {{ from = \"0 s\", length = \"900 s\" }}\n[system]\nmodel = \"{model}\"\ngpu = \"{gpu}\"\n\
             tensor_parallel = {gpus}\nprices = \"alibaba-cny\"\n"
        );
        bench.write("deployment.toml", system);
        let text = bench.stdout(&["simulate", "deployment.toml", "--trace", trace, "--json"]);
        let json: Value = serde_json::from_str(&text).expect("one JSON object");
        let count = |key: &str| json[key].as_u64().expect("a count");
        assert!(count("rejected_requests") < count("requests"), "{model} on {gpu}: {json}");
        assert!(json["ttft_s"]["mean"].as_f64().is_some_and(|ttft_s| ttft_s > 0.0), "{model} on {gpu}");
    }
}
