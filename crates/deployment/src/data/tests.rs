//! What the data files say, and how a wrong one is refused.

use super::*;
use std::fs;
use std::path::PathBuf;
use tier_sim::step::{Chunk, StepModel, Work};
use tier_sim::{Duplex, Sharing};

const KINDS: [Kind; 5] = [Kind::Gpu, Kind::Medium, Kind::Model, Kind::Prices, Kind::Profile];

fn datasets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets")
}

#[test]
fn every_file_of_the_folder_is_embedded_and_named_after_itself() {
    let mut listed = Vec::new();
    for kind in KINDS {
        for entry in fs::read_dir(datasets().join(kind.folder())).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            listed.push(format!("{}/{name}", kind.folder()));
        }
    }
    listed.sort();
    let embedded: Vec<&str> = embedded::FILES.iter().map(|(path, _)| *path).collect();
    assert_eq!(embedded, listed, "src/data/embedded.rs lists what datasets/ holds, sorted");

    for kind in KINDS {
        for name in names(kind) {
            let named = match kind {
                Kind::Gpu => load::<Gpu>(name, None).map(|f| f.name),
                Kind::Model => load::<Model>(name, None).map(|f| f.name),
                Kind::Medium => load::<Medium>(name, None).map(|f| f.name),
                Kind::Prices => load::<PriceList>(name, None).map(|f| f.name),
                Kind::Profile => load::<Profile>(name, None).map(|f| f.name),
            };
            assert_eq!(named.unwrap(), name);
        }
    }
}

#[test]
fn kv_of_a_token() {
    let kv = |name| load::<Model>(name, None).unwrap().kv_bytes_per_token();
    // 2 * layers * heads * head_dim * 2 B
    assert_eq!(kv("qwen3-32b"), 2 * 64 * 8 * 128 * 2);
    assert_eq!(kv("llama-3.1-70b"), 320 << 10);
    assert_eq!(kv("llama-3.1-8b"), 128 << 10);
    assert_eq!(kv("qwen3-30b-a3b"), 96 << 10);
}

#[test]
fn hbm_left_for_kv() {
    let gpu: Gpu = load("h100-sxm", None).unwrap();
    let model: Model = load("llama-3.1-70b", None).unwrap();
    // 4 * 0.9 * 81559 MiB = 307,872,622,018 B (each GPU rounded down), less 141,107,412,992 B of weights.
    let per_gpu = (81_559.0 * f64::from(1 << 20) * 0.9) as u64;
    assert_eq!(gpu.kv_bytes(4, &model, 0.9, ByteSize(0)), Some(4 * per_gpu - 141_107_412_992));
    assert_eq!(
        gpu.kv_bytes(4, &model, 0.9, ByteSize(1 << 30)),
        Some(4 * (per_gpu - (1 << 30)) - 141_107_412_992)
    );
    assert_eq!(gpu.kv_bytes(1, &model, 0.9, ByteSize(0)), None);
}

fn links(medium: &str, size_gib: u64, fragment_bytes: u64, gpus: u32) -> Links {
    let gpu: Gpu = load("h100-sxm", None).unwrap();
    load::<Medium>(medium, None).unwrap().links(&Purchase {
        size_bytes: size_gib << 30,
        block_bytes: 128 << 20,
        fragment_bytes,
        gpu: &gpu,
        gpus,
        sharing: Sharing::Fifo,
    })
}

#[test]
fn a_cloud_disk_speeds_up_until_its_cap() {
    let bandwidth = |medium, gib| links(medium, gib, 0, 1).read.bytes_per_s;
    assert_eq!(bandwidth("essd-pl1", 100), 170_000_000); // 120 + 0.5 * 100 MB/s
    assert_eq!(bandwidth("essd-pl1", 460), 350_000_000); // 120 + 230, exactly the cap
    assert_eq!(bandwidth("essd-pl1", 2_000), 350_000_000);
    assert_eq!(bandwidth("essd-pl3", 2_000), 1_120_000_000);
    let disk = links("essd-pl2", 1_000, 0, 1);
    // 1800 + 50 * 1000 operations; a block of 128 MiB takes 1024 of 128 KiB.
    assert_eq!((disk.read.io_per_s, disk.read.io_per_block), (Some(51_800), 1_024));
    assert_eq!((disk.read, disk.duplex), (disk.write, Duplex::Half));
}

#[test]
fn a_disk_is_bought_in_whole_gib_and_in_sizes_that_are_sold() {
    let disk: Medium = load("essd-pl2", None).unwrap();
    assert_eq!(disk.size_to_buy(1).unwrap(), 461 << 30);
    assert_eq!(disk.size_to_buy((500 << 30) + 1).unwrap(), 501 << 30);
    assert_eq!(
        disk.size_to_buy(1 << 50).unwrap_err().to_string(),
        "medium essd-pl2: `size` is 1048576 GiB; allowed: 461 GiB to 65536 GiB"
    );
    let dram: Medium = load("dram", None).unwrap();
    assert_eq!(dram.size_to_buy(0).unwrap(), 0);
}

#[test]
fn host_memory_is_as_fast_as_fragments_gpus_and_memory_allow() {
    let read = |fragment, gpus| links("dram", 1_024, fragment, gpus).read.bytes_per_s;
    assert_eq!(read(8 << 10, 1), 5_200_000_000);
    assert_eq!(read(12 << 10, 1), 5_750_000_000); // half way from 8 KiB, 5.2, to 16 KiB, 6.3
    assert_eq!(read(1, 1), 4_000_000_000);
    assert_eq!(read(2 << 20, 1), 50_000_000_000); // the GPU's own link
    assert_eq!(read(2 << 20, 4), 200_000_000_000);
    assert_eq!(read(2 << 20, 8), 307_200_000_000); // 400 would be more than the memory gives
}

#[test]
fn a_link_may_be_slower_towards_the_host_and_have_another_price() {
    let text =
        embedded(Kind::Medium, "dram") + "write_fragments = [{ size = \"4 KiB\", bandwidth = \"1 GB/s\" }]\n";
    let text = text.replace("title =", "priced_as = \"memory\"\ntitle =");
    let medium: Medium = load_text("medium.toml", &text).unwrap();
    let gpu: Gpu = load("h100-sxm", None).unwrap();
    let links = medium.links(&Purchase {
        size_bytes: 1 << 40,
        block_bytes: 128 << 20,
        fragment_bytes: 8 << 10,
        gpu: &gpu,
        gpus: 2,
        sharing: Sharing::Fifo,
    });
    assert_eq!((links.read.bytes_per_s, links.write.bytes_per_s), (10_400_000_000, 2_000_000_000));
    assert_eq!((medium.name.as_str(), medium.price_name()), ("dram", "memory"));
}

#[test]
fn prices_are_per_hour() {
    let prices: PriceList = load("alibaba-cny", None).unwrap();
    assert_eq!(prices.currency.to_string(), "CNY");
    assert!((prices.gpu_hour("h20").unwrap().per_gpu_hour - 35.8).abs() < 1e-12);
    assert!((prices.gib_hour("dram").unwrap() - 0.0221).abs() < 1e-12);
    assert!((prices.gib_hour("essd-pl3").unwrap() - 4.0 / 730.0).abs() < 1e-12);
    // 1 TiB of DRAM costs about 0.63 of an H20.
    assert!((1024.0 * 0.0221_f64 / 35.8 - 0.632).abs() < 1e-3);
    assert_eq!(
        prices.gib_hour("tape").unwrap_err().to_string(),
        "price list alibaba-cny: there is no medium price for `tape`"
    );
}

#[test]
fn every_profile_is_of_a_known_model_and_gpu_and_fits_its_table() {
    let profiles = names(Kind::Profile);
    assert!(profiles.contains(&"h100-sxm-qwen3-32b-vllm-tp4"), "{profiles:?}");
    for name in profiles {
        let profile: Profile = load(name, None).unwrap();
        load::<Model>(&profile.model, None).unwrap();
        load::<Gpu>(&profile.gpu, None).unwrap();
        for (step_type, fit) in &profile.fit {
            let (median, p90) = (fit.median_relative_error, fit.p90_relative_error);
            assert!(median < 0.03 && p90 < 0.06, "{name}, {step_type}: median {median}, p90 {p90}");
        }
    }
}

#[test]
fn a_profile_becomes_a_step_model() {
    let profile: Profile = load("h100-sxm-qwen3-32b-vllm-tp4", None).unwrap();
    let work = Work { chunks: &[], decodes: 64, decode_context: 64 * 8192 };
    let ms = |model: StepModel| model.step_fs(&work) as f64 / 1e12;
    let one = ms(profile.step_model(1.0).unwrap());
    // The table's row has 20.84 ms; the host adds 1.52 + 0.0403 * 64 = 4.10 ms.
    assert!((one / (20.84 + 4.10) - 1.0).abs() < 0.03, "{one}");
    // A factor slows the kernels and leaves the host alone.
    let two = ms(profile.step_model(2.0).unwrap());
    assert!((two - (2.0 * (one - 4.099_2) + 4.099_2)).abs() < 1e-6, "{two}");
}

#[test]
fn a_table_is_the_step_model_of_a_mixture_of_experts() {
    let profile: Profile = load("h100-sxm-qwen3-30b-a3b-vllm-tp1-table", None).unwrap();
    let step = profile.step_model(1.0).unwrap();
    let ms = |chunks: &[Chunk], decodes: u32, context: u64| {
        step.step_fs(&Work { chunks, decodes, decode_context: u64::from(decodes) * context }) as f64 / 1e12
    };
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    // Rows of the table, and 1.21 ms + 0.0394 ms a sequence of the host.
    close(ms(&[], 8, 4096), 11.4511 + 1.21 + 8.0 * 0.0394);
    close(ms(&[Chunk { new: 2048, context: 8192 }], 0, 0), 65.842 + 1.21 + 0.0394);
    // 256 tokens from the middle of a prompt of 4096 beside 64 decodes: 320 tokens.
    let parts = 24.8601 + 0.916759 + 9.50166;
    close(ms(&[Chunk { new: 256, context: 1920 }], 64, 4096), parts + 1.21 + 65.0 * 0.0394);
}

/// Writes `text` to a file and loads it from a file beside it.
fn load_text<T: DataFile>(name: &str, text: &str) -> Result<T, DataError> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("it.toml"), text).unwrap();
    let loaded = load::<T>("./it.toml", Some(&folder.path().join(name)));
    assert!(load::<T>("it.toml", Some(&folder.path().join(name))).is_ok() == loaded.is_ok());
    loaded
}

fn shown<T: DataFile + fmt::Debug>(text: &str) -> String {
    let error = load_text::<T>("experiment.toml", text).unwrap_err();
    let DataError::Syntax { message, span, text, .. } = &error else {
        // Without the folder, which differs from run to run.
        return error.to_string().split_once("it.toml: ").unwrap().1.to_owned();
    };
    let span = span.as_ref().map(|span| &text[span.clone()]);
    format!("{message} [at {}]", span.unwrap_or_default())
}

fn embedded(kind: Kind, name: &str) -> String {
    find(kind, name, None).unwrap().1.into_owned()
}

#[test]
fn a_file_is_found_relative_to_the_one_that_names_it() {
    let medium: Medium = load_text("experiment.toml", &embedded(Kind::Medium, "nvme")).unwrap();
    assert_eq!(medium.name, "nvme");
    let error = load::<Medium>("absent.toml", Some(Path::new("folder/experiment.toml"))).unwrap_err();
    assert_eq!(error.to_string(), "medium file folder/absent.toml: No such file or directory (os error 2)");
}

#[test]
fn an_unknown_name_lists_the_known_ones() {
    let error = load::<Gpu>("h1000", None).unwrap_err();
    assert_eq!(error.to_string(), "there is no GPU `h1000`");
    assert_eq!(
        error.help().unwrap(),
        "known: b200, h100-sxm, h20, h200, l40s, rtx-4090, rtx-pro-6000; a reference with a `/` or the ending \
         `.toml` is a file, relative to the file that names it"
    );
}

#[test]
fn wrong_files_say_what_would_be_right() {
    let dram = embedded(Kind::Medium, "dram");
    let model = embedded(Kind::Model, "qwen3-32b");
    let prices = embedded(Kind::Prices, "alibaba-cny");
    let profile = embedded(Kind::Profile, "h100-sxm-qwen3-32b-vllm-tp4");
    let table = embedded(Kind::Profile, "h100-sxm-qwen3-30b-a3b-vllm-tp1-table");
    let messages = [
        shown::<Medium>(&dram.replace("\"10 us\"", "\"10 parsecs\"")),
        shown::<Medium>(&dram.replace("latency", "lag")),
        shown::<Medium>(&dram.replace("host_link", "floppy")),
        shown::<Medium>(&dram.replace("\"8 KiB\"", "\"4 KiB\"")),
        shown::<Model>(&model.replace("layers = 64", "layers = 0")),
        shown::<Model>(&model.replace("layers = 64", "layers = -64")),
        shown::<PriceList>(&prices.replace("= 35.8", "= nan")),
        shown::<PriceList>(&prices.replace("\"CNY\"", "\"DM\"")),
        shown::<Profile>(&profile.replace("tokens = [1, 2,", "tokens = [2, 2,")),
        shown::<Profile>(&profile.replace("per_step_ms = ", "per_step_ms = -")),
        shown::<Profile>(&table.replace("prompts = [1024, 4096,", "prompts = [4096, 4096,")),
        shown::<Profile>(&table.replace("[4.57815, ", "[-4.57815, ")),
        shown::<Profile>(table.split("[table.decode]").next().unwrap()),
        shown::<Profile>(&(table + "\n[dense]\ntokens = [1, 2]\nms = [1.0, 2.0]\n")),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r#"
    `10 parsecs` is not a duration; write a non-negative number and one of ns, us, ms, s, min, h, d, for example "600 s" [at "10 parsecs"]
    unknown field `lag`, expected one of `latency`, `memory_bandwidth`, `fragments`, `write_fragments` [at lag]
    unknown variant `floppy`, expected one of `host_link`, `device`, `capacity` [at floppy]
    `law.host_link.fragments`: sizes must increase; 4096 B is followed by 4096 B
    `kv.layers` is 0; allowed: 1 to 1000
    invalid value: integer `-64`, expected u32 [at -64]
    `per_gpu_hour of h20` is NaN; allowed: a finite price of 0 or more
    unknown variant `DM`, expected `CNY` or `USD` [at "DM"]
    `dense`: `tokens`: knots must increase; 2 is followed by 2
    `host.per_step_ms` is -1.52; allowed: 0 to 1000000 ms
    `table`: `chunk_attention`: sizes must increase; 4096 is followed by 4096
    `table.decode.ms` is -4.57815; allowed: 0 to 1000000 ms
    `table`: a profile has either `dense` and `attention`, or `table`
    `table`: a profile has either `dense` and `attention`, or `table`
    "#);
}
