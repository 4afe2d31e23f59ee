//! A disk: the least of three bounds says how fast it is.
//!
//! With `depth` operations of `bytes` under way at once, operations a second are the least of bandwidth / bytes,
//! operations a second at most, and depth / (latency + bytes / bandwidth). The three figures are those of `[law.device]` in a
//! medium file.

use serde::Serialize;

use super::Residual;
use crate::{Measurement, Memory, Op};

/// The figures of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DiskLaw {
    /// Sustained \[B/s\].
    pub bytes_per_s: f64,
    /// First byte \[s\].
    pub latency_s: f64,
    /// Operations a second.
    pub io_per_s: f64,
}

/// The laws of a disk.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DiskFit {
    /// Reads.
    pub read: DiskLaw,
    /// Writes.
    pub write: DiskLaw,
    /// Largest operation measured \[B\]; a larger one was not tried.
    pub largest_bytes: u64,
    /// Whether it went around the page cache. If not, it tells nothing of the disk.
    pub direct: bool,
    /// What the laws leave.
    pub residuals: Vec<Residual>,
}

impl DiskLaw {
    /// What a measurement should have taken \[s\].
    fn seconds(&self, it: &Measurement) -> f64 {
        let bytes = it.point.fragment_bytes as f64;
        let each_s = self.latency_s + bytes / self.bytes_per_s;
        let by_depth = each_s / f64::from(it.point.lanes.max(1));
        let one_s = (bytes / self.bytes_per_s).max(1.0 / self.io_per_s).max(by_depth);
        one_s * it.point.fragments() as f64
    }

    /// The mean square of the logarithmic errors.
    fn cost(&self, measured: &[&Measurement]) -> f64 {
        let error = |it: &&Measurement| (self.seconds(it) / it.seconds_median).ln().powi(2);
        measured.iter().map(error).sum::<f64>() / measured.len() as f64
    }

    /// The law with the least cost, by steps along one figure at a time, which become smaller. Where the measurements do not
    /// tell a figure, it stays where it began: at the bound that the fastest of them shows.
    fn fit(measured: &[&Measurement]) -> Option<Self> {
        let most = |of: fn(&Measurement) -> f64| measured.iter().map(|it| of(it)).fold(0.0, f64::max);
        let bytes_per_s = most(Measurement::bytes_per_s);
        let io_per_s = most(|it| it.point.fragments() as f64 / it.seconds_median);
        let alone = measured.iter().filter(|it| it.point.lanes == 1);
        let first = alone.map(|it| {
            let each_s = it.seconds_median / it.point.fragments() as f64;
            each_s - it.point.fragment_bytes as f64 / bytes_per_s
        });
        let latency_s = first.fold(f64::INFINITY, f64::min);
        let latency_s = if latency_s.is_finite() { latency_s.max(1e-6) } else { 1.0 / io_per_s };
        if !(bytes_per_s > 0.0 && io_per_s > 0.0) {
            return None;
        }
        let mut best = Self { bytes_per_s, latency_s, io_per_s };
        let mut cost = best.cost(measured);
        let mut step = 0.5_f64;
        while step > 1e-4 {
            let mut moved = false;
            for figure in 0..3 {
                for factor in [1.0 + step, 1.0 / (1.0 + step)] {
                    let mut tried = best;
                    match figure {
                        0 => tried.bytes_per_s *= factor,
                        1 => tried.latency_s *= factor,
                        _ => tried.io_per_s *= factor,
                    }
                    let tried_cost = tried.cost(measured);
                    if tried_cost < cost - 1e-12 {
                        (best, cost, moved) = (tried, tried_cost, true);
                    }
                }
            }
            if !moved {
                step /= 2.0;
            }
        }
        Some(best)
    }
}

impl DiskFit {
    /// `None` where one of the directions was not measured.
    pub(super) fn of(measured: &[Measurement]) -> Option<Self> {
        let of_op = |op| -> Vec<&Measurement> { measured.iter().filter(|it| it.point.op == op).collect() };
        let (reads, writes) = (of_op(Op::DiskRead), of_op(Op::DiskWrite));
        let (read, write) = (DiskLaw::fit(&reads)?, DiskLaw::fit(&writes)?);
        let told = [(read, &reads), (write, &writes)].into_iter();
        let residual = |(law, of_op): (DiskLaw, &Vec<&Measurement>)| {
            of_op.iter().map(|it| Residual::new(**it, law.seconds(it))).collect::<Vec<_>>()
        };
        let both = || reads.iter().chain(&writes);
        Some(Self {
            read,
            write,
            largest_bytes: both().map(|it| it.point.fragment_bytes).max()?,
            direct: both().all(|it| it.point.memory == Memory::Direct),
            residuals: told.flat_map(residual).collect(),
        })
    }
}
