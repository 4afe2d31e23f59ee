//! Medium files of measured hardware, as `kareto simulate` reads them.
//!
//! The residuals of the fit stand in the file as comments, so that nobody takes the figures for better than they are.

use std::fmt::Write as _;

use crate::fit::{DiskFit, DiskLaw, FragmentTable, HostLinkFit, Residual, error_summary};
use crate::{Method, Op};

/// Where the figures of a medium file are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Name of the medium, and of its file without the ending.
    pub name: String,
    /// What it is, in one line.
    pub title: String,
    /// Machine, driver and program.
    pub source: String,
    /// Day of the measurement.
    pub date: String,
    /// The medium whose price it has in price lists.
    pub priced_as: String,
}

/// The medium of host memory behind a GPU's link.
#[must_use]
pub fn host_link_text(origin: &Origin, fit: &HostLinkFit) -> String {
    let mut text = head(origin);
    let method = match fit.method {
        Method::Batched => "many fragments by one call (cuMemcpyBatchAsync)",
        _ => "one call for each fragment",
    };
    comment(&mut text, &format!("Fragments: {method}, pinned memory, one stream."));
    comment(
        &mut text,
        &format!(
            "Large single copies reach {} to the GPU and {} from it. A link is never faster than its GPU's file says.",
            rate(fit.to_device.bytes_per_s),
            rate(fit.to_host.bytes_per_s)
        ),
    );
    if let Some(both) = fit.large_sharing() {
        comment(
            &mut text,
            &format!(
                "Both directions at once reach {} in all, {:.0} % of the two alone. The simulator lets each have its own.",
                rate(both.bytes_per_s),
                100.0 * both.share
            ),
        );
    }
    residuals(&mut text, &fit.residuals, &[Op::HostToDevice, Op::DeviceToHost]);
    text += "\n[law.host_link]\n";
    comment(
        &mut text,
        "The most that was seen, so a lower bound. It binds only where several GPUs share the memory.",
    );
    let _ = writeln!(text, "memory_bandwidth = \"{}\"", rate(fit.memory_bytes_per_s));
    let _ = writeln!(text, "latency = \"{}\"", duration(fit.latency_s));
    comment(&mut text, "Host to GPU, in brackets what the neighbours of a row would say of it.");
    rows(&mut text, "fragments", &fit.to_device_table);
    comment(&mut text, "GPU to host.");
    rows(&mut text, "write_fragments", &fit.to_host_table);
    text
}

/// The medium of a disk.
#[must_use]
pub fn disk_text(origin: &Origin, fit: &DiskFit) -> String {
    let mut text = head(origin);
    residuals(&mut text, &fit.residuals, &[Op::DiskRead, Op::DiskWrite]);
    text += "\n[law.device]\n";
    comment(&mut text, "The largest operation measured.");
    let _ = writeln!(text, "io_size = \"{}\"", size(fit.largest_bytes));
    for (direction, law) in [("read", fit.read), ("write", fit.write)] {
        let DiskLaw { bytes_per_s, latency_s, io_per_s } = law;
        let _ = writeln!(text, "\n[law.device.{direction}]");
        let _ =
            writeln!(text, "bandwidth = \"{}\"\nlatency = \"{}\"", rate(bytes_per_s), duration(latency_s));
        let _ = writeln!(text, "io_per_s = {io_per_s:.0}");
    }
    text
}

fn head(origin: &Origin) -> String {
    let Origin { name, title, source, date, priced_as } = origin;
    let quoted = |text: &str| text.replace(['"', '\\'], "'").replace(|c: char| c.is_control(), " ");
    format!(
        "name = \"{name}\"\ntitle = \"{}\"\nsource = \"{}\"\ndate = \"{date}\"\n# Assumed: nobody sells it by the GiB under its \
         own name.\npriced_as = \"{priced_as}\"\n\n",
        quoted(title),
        quoted(source)
    )
}

/// A comment of one line or more, with a mark before each.
fn comment(text: &mut String, words: &str) {
    let mut line = String::new();
    for word in words.split(' ') {
        if line.len() + word.len() > 120 {
            let _ = writeln!(text, "#{line}");
            line.clear();
        }
        let _ = write!(line, " {word}");
    }
    let _ = writeln!(text, "#{line}");
}

/// The errors of a law by size: for each, the median over the transfers of that size.
fn residuals(text: &mut String, residuals: &[Residual], ops: &[Op; 2]) {
    let Some((median, most)) = error_summary(residuals) else { return };
    comment(
        text,
        &format!(
            "Law against measurement, {} transfers: median error {median:.1} %, largest {most:.1} %. By size of a fragment or of a \
         single copy, in and out, median of (law - measured) / measured [%]; * where the transfer itself was noisy:",
            residuals.len()
        ),
    );
    let mut sizes: Vec<u64> = residuals.iter().map(|it| it.measured.point.fragment_bytes).collect();
    sizes.sort_unstable();
    sizes.dedup();
    for bytes in sizes {
        let cells = ops.map(|op| {
            let mut found: Vec<&Residual> = residuals
                .iter()
                .filter(|it| it.measured.point.op == op && it.measured.point.fragment_bytes == bytes)
                .collect();
            found.sort_by(|a, b| a.error_percent.total_cmp(&b.error_percent));
            let noisy = if found.iter().any(|it| it.measured.noisy) { "*" } else { " " };
            match found.get(found.len() / 2) {
                Some(middle) => format!("{:+8.1}{noisy}", middle.error_percent),
                None => format!("{:>8} ", "-"),
            }
        });
        let _ = writeln!(text, "#   {:>8} {}", size(bytes), cells.join(" ").trim_end());
    }
}

fn rows(text: &mut String, key: &str, table: &FragmentTable) {
    let left_out = table.left_out_percent();
    let _ = writeln!(text, "{key} = [");
    for (bytes, bytes_per_s) in &table.rows {
        let miss = left_out.iter().find(|(size, _)| size == bytes);
        let miss = miss.map_or(String::new(), |(_, percent)| format!(" # ({percent:+.0} %)"));
        let row = format!("    {{ size = \"{}\", bandwidth = \"{}\" }},", size(*bytes), rate(*bytes_per_s));
        let _ = writeln!(text, "{row}{miss}");
    }
    let _ = writeln!(text, "]");
}

/// A size that is exact in the largest unit that has no fraction.
#[must_use]
pub fn size(bytes: u64) -> String {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let whole = units.into_iter().find(|(_, bits)| bytes > 0 && bytes.is_multiple_of(1 << bits));
    whole.map_or_else(|| format!("{bytes} B"), |(unit, bits)| format!("{} {unit}", bytes >> bits))
}

/// A bandwidth with four digits.
#[must_use]
pub fn rate(bytes_per_s: f64) -> String {
    let (value, unit) =
        if bytes_per_s >= 1e9 { (bytes_per_s / 1e9, "GB/s") } else { (bytes_per_s / 1e6, "MB/s") };
    format!("{} {unit}", digits(value))
}

/// A duration with four digits.
#[must_use]
pub fn duration(seconds: f64) -> String {
    let (value, unit) = if seconds >= 1.0 {
        (seconds, "s")
    } else if seconds >= 1e-3 {
        (seconds * 1e3, "ms")
    } else {
        (seconds * 1e6, "us")
    };
    format!("{} {unit}", digits(value))
}

/// Four digits in all, and no more than three behind the point.
fn digits(value: f64) -> String {
    let decimals = match value.abs() {
        large if large >= 1000.0 => 0,
        large if large >= 100.0 => 1,
        large if large >= 10.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}
