//! Copies between host memory and a GPU: a latency, and a bandwidth that depends on the size of fragments.
//!
//! The law is that of `[law.host_link]` in a medium file: a transfer takes latency + bytes / bandwidth(fragment). The latency
//! comes from single copies of all sizes. A row of the table comes from the largest transfer in fragments of that size, less
//! the latency. The last row is the bandwidth of large single copies.

use serde::Serialize;

use super::{FragmentTable, Line, Residual};
use crate::extent::MIB;
use crate::{Measurement, Memory, Method, Op};

/// From this size on, single copies are as fast as they become \[B\].
const LARGE: u64 = 64 * MIB;

/// The law of a GPU's host link.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HostLinkFit {
    /// Single copies to the GPU.
    pub to_device: Line,
    /// Single copies from it.
    pub to_host: Line,
    /// Latency of a transfer either way \[s\]: the mean of both.
    pub latency_s: f64,
    /// How fragments were moved.
    pub method: Method,
    /// Bandwidth by fragment size, to the GPU.
    pub to_device_table: FragmentTable,
    /// The same from it.
    pub to_host_table: FragmentTable,
    /// Both directions at once.
    pub sharing: Vec<Sharing>,
    /// What the host's memory was seen to give at least \[B/s\]: the most of both directions at once, and of reads and writes
    /// of copies within it.
    pub memory_bytes_per_s: f64,
    /// What the law leaves, transfer by transfer.
    pub residuals: Vec<Residual>,
}

/// What both directions reach at once.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sharing {
    /// How fragments were moved.
    pub method: Method,
    /// Contiguous bytes of one copy \[B\].
    pub fragment_bytes: u64,
    /// Both directions together \[B/s\].
    pub bytes_per_s: f64,
    /// The same as a share of the two directions' own bandwidths: 1 where they do not disturb each other, 0.5 where they take
    /// turns.
    pub share: f64,
}

impl HostLinkFit {
    /// `None` where there are too few copies in one of the directions, or none of fragments.
    pub(super) fn of(measured: &[Measurement]) -> Option<Self> {
        let single =
            |op| -> Vec<&Measurement> { measured.iter().filter(|it| is(it, op, Method::OneCopy)).collect() };
        let [to_device, to_host] = [Op::HostToDevice, Op::DeviceToHost].map(|op| line(&single(op)));
        let (to_device, to_host) = (to_device?, to_host?);
        let latency_s = f64::midpoint(to_device.latency_s, to_host.latency_s);
        let batched = measured.iter().any(|it| is(it, Op::HostToDevice, Method::Batched));
        let method = if batched { Method::Batched } else { Method::EachFragment };
        let table = |op, line| table(measured, op, method, latency_s, line);
        let to_device_table = table(Op::HostToDevice, to_device);
        let to_host_table = table(Op::DeviceToHost, to_host);
        if [&to_device_table, &to_host_table].iter().any(|table| table.rows.len() < 2) {
            return None;
        }
        let law = |it: &Measurement| {
            let table = if it.point.op == Op::HostToDevice { &to_device_table } else { &to_host_table };
            latency_s + it.point.total_bytes as f64 / table.bytes_per_s(it.point.fragment_bytes)
        };
        let told = measured.iter().filter(|it| {
            [Op::HostToDevice, Op::DeviceToHost]
                .iter()
                .any(|op| is(it, *op, Method::OneCopy) || is(it, *op, method))
        });
        let residuals = told.map(|it| Residual::new(*it, law(it))).collect();
        Some(Self {
            to_device,
            to_host,
            latency_s,
            method,
            sharing: sharing(measured),
            memory_bytes_per_s: memory_bytes_per_s(measured),
            to_device_table,
            to_host_table,
            residuals,
        })
    }

    /// What both directions reach at once in large single copies.
    #[must_use]
    pub fn large_sharing(&self) -> Option<&Sharing> {
        let single = self.sharing.iter().filter(|it| it.method == Method::OneCopy);
        single.max_by_key(|it| it.fragment_bytes)
    }
}

/// Pinned, on one stream.
fn is(it: &Measurement, op: Op, method: Method) -> bool {
    let point = &it.point;
    (point.op, point.memory, point.method, point.lanes) == (op, Memory::Pinned, method, 1)
}

fn line(single: &[&Measurement]) -> Option<Line> {
    let points = single.iter().map(|it| (it.point.total_bytes as f64, it.seconds_median));
    Line::fit(&points.collect::<Vec<_>>())
}

/// A row for each size of fragments, and one for large single copies.
fn table(measured: &[Measurement], op: Op, method: Method, latency_s: f64, line: Line) -> FragmentTable {
    let mut found: Vec<&Measurement> = measured.iter().filter(|it| is(it, op, method)).collect();
    found.sort_by_key(|it| (it.point.fragment_bytes, std::cmp::Reverse(it.point.total_bytes)));
    found.dedup_by_key(|it| it.point.fragment_bytes);
    let mut rows: Vec<(u64, f64)> = Vec::new();
    for it in found {
        let moving_s = it.seconds_median - latency_s;
        if moving_s > 0.0 && it.point.fragment_bytes < LARGE {
            rows.push((it.point.fragment_bytes, it.point.total_bytes as f64 / moving_s));
        }
    }
    rows.push((LARGE, line.bytes_per_s));
    FragmentTable { rows }
}

/// Both directions at once, wherever each direction was also measured alone.
fn sharing(measured: &[Measurement]) -> Vec<Sharing> {
    let alone = |op, method, fragment_bytes| {
        let same =
            measured.iter().filter(|it| is(it, op, method) && it.point.fragment_bytes == fragment_bytes);
        same.max_by_key(|it| it.point.total_bytes).map(Measurement::bytes_per_s)
    };
    let both = measured.iter().filter(|it| it.point.op == Op::BothDirections);
    let mut found: Vec<Sharing> = both
        .filter_map(|it| {
            let (method, fragment_bytes, bytes_per_s) =
                (it.point.method, it.point.fragment_bytes, it.bytes_per_s());
            let one = alone(Op::HostToDevice, method, fragment_bytes)?;
            let other = alone(Op::DeviceToHost, method, fragment_bytes)?;
            Some(Sharing { method, fragment_bytes, bytes_per_s, share: bytes_per_s / (one + other) })
        })
        .collect();
    found.sort_by_key(|it| (it.method, it.fragment_bytes));
    found
}

fn memory_bytes_per_s(measured: &[Measurement]) -> f64 {
    let seen = measured.iter().map(|it| match it.point.op {
        // A byte is read and written.
        Op::HostCopy => 2.0 * it.bytes_per_s(),
        Op::HostToDevice | Op::DeviceToHost | Op::BothDirections => it.bytes_per_s(),
        Op::DiskRead | Op::DiskWrite | Op::DeviceToDevice => 0.0,
    });
    // Small copies come from caches.
    let large = seen.zip(measured).filter(|(_, it)| it.point.total_bytes >= LARGE).map(|(rate, _)| rate);
    let most = large.fold(0.0, f64::max);
    if most > 0.0 { most } else { measured.iter().map(Measurement::bytes_per_s).fold(0.0, f64::max) }
}
