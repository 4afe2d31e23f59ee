//! The fit on transfers that were measured on an H100 by another program. The data lies beside the project.

use std::path::Path;

use hardware::fit::{Fits, error_summary};
use hardware::medium::{Origin, host_link_text};
use hardware::{Measurement, Memory, Method, Op, Point};

/// Reads the table. Rows that we have no word for are left out: times by the host's clock where events tell more, and the
/// time that pinning takes.
fn measurements(path: &Path) -> Vec<Measurement> {
    let mut reader = csv::Reader::from_path(path).expect("the table");
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.filter_map(|row| {
        let number = |place: usize| row[place].parse::<u64>().ok();
        let op = match &row[0] {
            "h2d" => Op::HostToDevice,
            "d2h" => Op::DeviceToHost,
            "h2d+d2h(each n, sum)" => Op::BothDirections,
            "d2d" => Op::DeviceToDevice,
            "host_memcpy" => Op::HostCopy,
            "disk_read" => Op::DiskRead,
            "disk_write" => Op::DiskWrite,
            _ => return None,
        };
        let memory = match &row[1] {
            "pinned" => Memory::Pinned,
            "hbm" => Memory::Device,
            "pageable" | "host" => Memory::Pageable,
            _ => Memory::Direct,
        };
        let method = match &row[4] {
            "memcpyAsync,event" | "two streams,wall" | "copy,wall" => Method::OneCopy,
            "vllm swap_blocks_batch (cuMemcpyBatchAsync),event"
            | "vllm swap_blocks_batch, two streams,wall" => Method::Batched,
            "preadv" | "pwritev" => Method::PreadPwrite,
            "libc memcpy" => Method::Threads,
            _ => return None,
        };
        let (fragment_bytes, lanes) = (number(3)?, number(5)? as u32);
        let total_bytes = number(2)? / fragment_bytes * fragment_bytes;
        let point = Point { op, memory, method, lanes, fragment_bytes, total_bytes };
        let [seconds_median, seconds_min] = [6, 7].map(|place| row[place].parse().expect("seconds"));
        let repeats = number(9)? as u32;
        Some(Measurement { point, seconds_median, seconds_min, spread: 0.0, repeats, noisy: false })
    })
    .collect()
}

fn origin() -> Origin {
    Origin {
        name: "h100-pcie5-measured".to_owned(),
        title: "Host memory behind one H100 80GB HBM3, PCIe 5.0 x16, measured".to_owned(),
        source: "one run on a virtual machine of 16 cores, driver 580.159.04, CUDA 13.0: single copies and \
                 cuMemcpyBatchAsync, medians of 3 to 30 transfers"
            .to_owned(),
        date: "2026-11-27".to_owned(),
        priced_as: "dram".to_owned(),
    }
}

#[test]
fn the_committed_medium_is_what_was_measured() {
    let Some(path) = test_data::shared("h100-transfers/transfers.csv") else { return };
    let link = Fits::of(&measurements(&path)).host_link.expect("both directions");
    let committed =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/media/h100-pcie5-measured.toml");
    let text = std::fs::read_to_string(committed).unwrap_or_default();
    let fitted = host_link_text(&origin(), &link);
    // What people add about other media stands at the end of the file.
    assert!(text.starts_with(&fitted), "the fit says:\n{fitted}");
}

#[test]
fn laws_of_the_h100() {
    let Some(path) = test_data::shared("h100-transfers/transfers.csv") else { return };
    let fits = Fits::of(&measurements(&path));
    let link = fits.host_link.expect("both directions");
    // 1 GiB in 19.68 ms and 19.51 ms: 54.6 and 55.0 GB/s. The line is for all sizes, and 3 % off there.
    assert!((link.to_device.bytes_per_s / 54.6e9 - 1.0).abs() < 0.03);
    assert!((link.to_host.bytes_per_s / 55.0e9 - 1.0).abs() < 0.03);
    assert!((8e-6..12e-6).contains(&link.latency_s), "{} s", link.latency_s);
    // Both at once 87.94 GB/s of 54.57 + 55.04.
    assert!((link.large_sharing().expect("measured").share - 87.94 / (54.57 + 55.04)).abs() < 0.001);
    // 256 MiB in fragments of 64 KiB: 8.767 ms and 8.468 ms.
    let law_s = |bytes_per_s: f64| link.latency_s + 268_435_456.0 / bytes_per_s;
    assert!((law_s(link.to_device_table.bytes_per_s(64 << 10)) / 8.767e-3 - 1.0).abs() < 1e-3);
    assert!((law_s(link.to_host_table.bytes_per_s(64 << 10)) / 8.468e-3 - 1.0).abs() < 1e-3);
    let (median, _) = error_summary(&link.residuals).expect("residuals");
    assert!(median < 2.0, "median error {median} %");

    let disk = fits.disk.expect("reads and writes");
    assert!((1.0e9..1.4e9).contains(&disk.read.bytes_per_s), "{} B/s", disk.read.bytes_per_s);
    let (median, _) = error_summary(&disk.residuals).expect("residuals");
    assert!(median < 10.0, "median error {median} %");
}
