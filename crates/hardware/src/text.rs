//! A report for a terminal.

use std::fmt::Write as _;

use crate::fit::{DiskLaw, error_summary};
use crate::medium::{duration, rate, size};
use crate::{Method, Report};

/// The report as text: the machine, each part, and the laws.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut text = facts(report).into_iter().fold(String::new(), |mut text, (name, value)| {
        let _ = writeln!(text, "{name:<12} {value}");
        text
    });
    text.push('\n');
    for part in &report.parts {
        let noisy = part.measurements.iter().filter(|it| it.noisy).count();
        let _ = write!(text, "{:<12} {}", part.part.to_string(), part.state);
        if !part.measurements.is_empty() {
            let _ = write!(
                text,
                ": {} points, {noisy} of them noisy, in {:.0} s",
                part.measurements.len(),
                part.seconds
            );
        }
        text.push('\n');
        part.notes.iter().for_each(|note| {
            let _ = writeln!(text, "{:<12} {note}", "");
        });
    }
    let laws = laws(report);
    if !laws.is_empty() {
        text.push('\n');
        text += &laws.join("\n");
        text.push('\n');
    }
    text
}

/// Names and values of what was measured.
pub(crate) fn facts(report: &Report) -> Vec<(String, String)> {
    let machine = &report.machine;
    let mut facts = vec![
        ("date".to_owned(), report.date.clone()),
        ("processor".to_owned(), format!("{}, {} cores", machine.cpu, machine.cores)),
        ("kernel".to_owned(), machine.kernel.clone()),
    ];
    if machine.is_virtual == Some(true) {
        facts.push(("machine".to_owned(), "virtual".to_owned()));
    }
    if let Some(bytes) = machine.memory_bytes {
        facts.push(("memory".to_owned(), format!("{} GiB", bytes >> 30)));
    }
    if let Some(gpu) = &report.gpu {
        let [device, driver] = gpu.told();
        facts.extend([("GPU".to_owned(), device), ("driver".to_owned(), driver)]);
    }
    if let Some(disk) = &report.disk {
        let [kind, device] = [&disk.file_system, &disk.device].map(|it| it.as_deref().unwrap_or("unknown"));
        let file = size(disk.file_bytes);
        facts.push(("disk".to_owned(), format!("{kind} on {device}, a scratch file of {file}")));
    }
    facts
}

/// A sentence for each law.
pub(crate) fn laws(report: &Report) -> Vec<String> {
    let mut laws = Vec::new();
    let errors = |residuals: &[_]| {
        let (median, most) = error_summary(residuals).unwrap_or_default();
        format!("median error {median:.1} %, largest {most:.1} %")
    };
    for fit in &report.fits.host_copy {
        let (latency, bandwidth) = (duration(fit.line.latency_s), rate(fit.line.bytes_per_s));
        let errors = errors(&fit.residuals);
        let threads =
            if fit.threads == 1 { "1 thread".to_owned() } else { format!("{} threads", fit.threads) };
        laws.push(format!("Copies by {threads}: {latency} + bytes / {bandwidth} ({errors})."));
    }
    if let Some(fit) = &report.fits.host_link {
        let [to_device, to_host] = [fit.to_device, fit.to_host]
            .map(|line| format!("{} + bytes / {}", duration(line.latency_s), rate(line.bytes_per_s)));
        laws.push(format!("Single pinned copies: to the GPU {to_device}, from it {to_host}."));
        let method = if fit.method == Method::Batched { "in batches" } else { "by one call each" };
        for bytes in [4 << 10, 64 << 10, 2 << 20] {
            let [to_device, to_host] =
                [&fit.to_device_table, &fit.to_host_table].map(|table| rate(table.bytes_per_s(bytes)));
            laws.push(format!(
                "Fragments of {} {method}: {to_device} to the GPU, {to_host} from it.",
                size(bytes)
            ));
        }
        if let Some(both) = fit.large_sharing() {
            let share = 100.0 * both.share;
            laws.push(format!(
                "Both directions at once: {} in all, {share:.0} % of the two alone.",
                rate(both.bytes_per_s)
            ));
        }
        laws.push(format!("The law of the host link: {}.", errors(&fit.residuals)));
    }
    if let Some(fit) = &report.fits.disk {
        for (direction, law) in [("reads", fit.read), ("writes", fit.write)] {
            let DiskLaw { bytes_per_s, latency_s, io_per_s } = law;
            laws.push(format!(
                "Disk {direction}: {} + bytes / {}, at most {io_per_s:.0} operations a second.",
                duration(latency_s),
                rate(bytes_per_s)
            ));
        }
        laws.push(format!("The laws of the disk: {}.", errors(&fit.residuals)));
    }
    laws
}
