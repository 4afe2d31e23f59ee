//! The plots of a report.

use report::chart::{Axis, Lines, Markers, Series, Svg};

use super::all_residuals;
use crate::extent::KIB;
use crate::fit::FragmentTable;
use crate::{Error, Measurement, Memory, Method, Op, Report};

/// A plot with its words.
pub(super) struct Plot {
    pub(super) heading: &'static str,
    pub(super) svg: Svg,
    pub(super) caption: &'static str,
}

/// The plots of what was measured.
pub(super) fn plots(report: &Report) -> Result<Vec<Plot>, Error> {
    let measured: Vec<&Measurement> = report.measurements().collect();
    let has = |op: Op| measured.iter().any(|it| it.point.op == op);
    let mut plots = Vec::new();
    if has(Op::HostCopy) {
        plots.push(host_copies(&measured)?);
    }
    if has(Op::HostToDevice) {
        plots.push(single_copies(&measured)?);
        plots.push(fragments(report, &measured)?);
        plots.push(both_directions(&measured)?);
    }
    if has(Op::DiskRead) {
        plots.push(disk(&measured, Op::DiskRead)?);
        plots.push(disk(&measured, Op::DiskWrite)?);
    }
    if !all_residuals(report).is_empty() {
        plots.push(residuals(report)?);
    }
    Ok(plots)
}

/// Bandwidth [GB/s] by a size [KiB], of some of the measurements.
fn by_size(
    name: impl Into<String>,
    measured: &[&Measurement],
    bytes: impl Fn(&Measurement) -> u64,
    chosen: impl Fn(&Measurement) -> bool,
) -> Series {
    let chosen = measured.iter().filter(|it| chosen(it));
    let mut points: Vec<(f64, f64)> =
        chosen.map(|it| (bytes(it) as f64 / KIB as f64, it.bytes_per_s() / 1e9)).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    points.dedup_by(|a, b| a.0.total_cmp(&b.0).is_eq());
    Series::new(name, points)
}

/// Without the lines that have no points.
fn chart(title: &str, x: &str, series: Vec<Series>) -> Result<Svg, Error> {
    let mut chart = Lines::new(title, Axis::log(x), Axis::linear("GB/s").including(0.0));
    chart.series = series.into_iter().filter(|series| !series.points.is_empty()).collect();
    Ok(chart.to_svg()?)
}

fn total(it: &Measurement) -> u64 {
    it.point.total_bytes
}

fn fragment(it: &Measurement) -> u64 {
    it.point.fragment_bytes
}

fn host_copies(measured: &[&Measurement]) -> Result<Plot, Error> {
    let copies = |it: &Measurement| it.point.op == Op::HostCopy;
    let mut threads: Vec<u32> = measured.iter().filter(|it| copies(it)).map(|it| it.point.lanes).collect();
    threads.sort_unstable();
    threads.dedup();
    let series = threads.into_iter().map(|threads| {
        by_size(format!("{threads} threads"), measured, total, |it| copies(it) && it.point.lanes == threads)
    });
    Ok(Plot {
        heading: "Copies within host memory",
        svg: chart("Copies within host memory", "size of a copy [KiB]", series.collect())?,
        caption: "A byte counts once. Each thread copies its share; sizes are those of all threads together.",
    })
}

fn single_copies(measured: &[&Measurement]) -> Result<Plot, Error> {
    let kinds = [
        ("to the GPU, pinned", Op::HostToDevice, Memory::Pinned),
        ("from the GPU, pinned", Op::DeviceToHost, Memory::Pinned),
        ("both at once, pinned", Op::BothDirections, Memory::Pinned),
        ("to the GPU, pageable", Op::HostToDevice, Memory::Pageable),
        ("from the GPU, pageable", Op::DeviceToHost, Memory::Pageable),
    ];
    let series = kinds.map(|(name, op, memory)| {
        by_size(name, measured, total, |it| {
            let streams = if op == Op::BothDirections { 2 } else { 1 };
            let point = &it.point;
            (point.op, point.memory, point.method, point.lanes) == (op, memory, Method::OneCopy, streams)
        })
    });
    Ok(Plot {
        heading: "Single copies between host and GPU",
        svg: chart("Single copies between host and GPU", "size of a copy [KiB]", series.into())?,
        caption: "Timed by events on the GPU. `Both at once` is the sum of a copy each way.",
    })
}

fn fragments(report: &Report, measured: &[&Measurement]) -> Result<Plot, Error> {
    let kinds = [
        ("to the GPU, batched", Op::HostToDevice, Method::Batched),
        ("from the GPU, batched", Op::DeviceToHost, Method::Batched),
        ("to the GPU, a call each", Op::HostToDevice, Method::EachFragment),
        ("from the GPU, a call each", Op::DeviceToHost, Method::EachFragment),
    ];
    // Large transfers of fragments, not the ones that vary their number.
    let mut series: Vec<Series> = kinds
        .map(|(name, op, method)| {
            by_size(name, measured, fragment, |it| {
                (it.point.op, it.point.method, it.point.lanes) == (op, method, 1) && is_largest(it, measured)
            })
        })
        .into();
    if let Some(fit) = &report.fits.host_link {
        series.push(law("law, to the GPU", &fit.to_device_table));
        series.push(law("law, from the GPU", &fit.to_host_table));
    }
    Ok(Plot {
        heading: "Fragments between host and GPU",
        svg: chart("Fragments between host and GPU", "size of a fragment [KiB]", series)?,
        caption: "KV blocks lie in fragments. Both ends are scattered, so that no two fragments can be joined. The law \
                  leaves out the latency of a transfer, which these large ones hide.",
    })
}

/// Whether no other transfer of the same kind moves more bytes.
fn is_largest(it: &Measurement, measured: &[&Measurement]) -> bool {
    let kind = |it: &Measurement| (it.point.op, it.point.method, it.point.lanes, it.point.fragment_bytes);
    measured.iter().all(|other| kind(other) != kind(it) || other.point.total_bytes <= it.point.total_bytes)
}

fn law(name: &str, table: &FragmentTable) -> Series {
    let points = table.rows.iter().map(|(bytes, rate)| (*bytes as f64 / KIB as f64, rate / 1e9));
    Series { markers: Markers::Hidden, ..Series::new(name, points.collect()) }
}

fn both_directions(measured: &[&Measurement]) -> Result<Plot, Error> {
    let kinds = [("batched", Method::Batched), ("a call each", Method::EachFragment)];
    let series = kinds.map(|(name, method)| {
        by_size(name, measured, fragment, |it| (it.point.op, it.point.method) == (Op::BothDirections, method))
    });
    Ok(Plot {
        heading: "Both directions at once",
        svg: chart("Both directions at once", "size of a fragment [KiB]", series.into())?,
        caption: "The sum of both directions, one stream each, fed in turn by one thread.",
    })
}

fn disk(measured: &[&Measurement], op: Op) -> Result<Plot, Error> {
    let mut depths: Vec<u32> =
        measured.iter().filter(|it| it.point.op == op).map(|it| it.point.lanes).collect();
    depths.sort_unstable();
    depths.dedup();
    let series = depths.into_iter().map(|depth| {
        by_size(format!("{depth} under way"), measured, fragment, |it| {
            (it.point.op, it.point.lanes) == (op, depth)
        })
    });
    let (heading, caption) = match op {
        Op::DiskRead => (
            "Reads of the disk",
            "Scattered reads, by the size of one and by how many are under way at once.",
        ),
        _ => (
            "Writes of the disk",
            "Scattered writes into room that the file has already, until the device has them.",
        ),
    };
    Ok(Plot { heading, svg: chart(heading, "size of an operation [KiB]", series.collect())?, caption })
}

fn residuals(report: &Report) -> Result<Plot, Error> {
    let groups: [(&str, &[Op]); 5] = [
        ("host memory", &[Op::HostCopy]),
        ("to the GPU", &[Op::HostToDevice]),
        ("from the GPU", &[Op::DeviceToHost]),
        ("disk reads", &[Op::DiskRead]),
        ("disk writes", &[Op::DiskWrite]),
    ];
    let all = all_residuals(report);
    let mut chart = Lines::new(
        "What the laws leave",
        Axis::log("size of a fragment [KiB]"),
        Axis::linear("error of the law [%]").including(0.0),
    );
    for (name, ops) in groups {
        let of_group = all.iter().filter(|it| ops.contains(&it.measured.point.op));
        let mut points: Vec<(u64, f64)> =
            of_group.map(|it| (it.measured.point.fragment_bytes, it.error_percent)).collect();
        points.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let medians = points.chunk_by(|a, b| a.0 == b.0).map(|size| size[size.len() / 2]);
        let medians: Vec<(f64, f64)> =
            medians.map(|(bytes, error)| (bytes as f64 / KIB as f64, error)).collect();
        if !medians.is_empty() {
            chart.series.push(Series::new(name, medians));
        }
    }
    Ok(Plot {
        heading: "What the laws leave",
        svg: chart.to_svg()?,
        caption: "(law - measured) / measured, the median over the transfers of each size. Above 0 the law is slower.",
    })
}
