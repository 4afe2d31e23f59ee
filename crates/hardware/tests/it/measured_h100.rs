//! The fit on transfers that were measured on an H100 by another program. The data lies beside the project.

use std::path::Path;

use hardware::fit::{Fits, error_summary};
use hardware::medium::{Origin, disk_text, host_link_text};
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

#[test]
fn a_link_of_the_h100() {
    let Some(path) = test_data::shared("h100-transfers/transfers.csv") else { return };
    let fits = Fits::of(&measurements(&path));
    let link = fits.host_link.expect("both directions");
    let (median, most) = error_summary(&link.residuals).expect("residuals");
    let origin = Origin {
        name: "x".to_owned(),
        title: "x".to_owned(),
        source: "x".to_owned(),
        date: "2026-11-27".to_owned(),
        priced_as: "dram".to_owned(),
    };
    println!("{}", host_link_text(&origin, &link));
    println!("{}", disk_text(&origin, &fits.disk.unwrap()));
    println!("{median} {most}");
}
