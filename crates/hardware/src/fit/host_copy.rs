//! Copies within host memory.

use serde::Serialize;

use super::{Line, Residual};
use crate::{Measurement, Op};

/// The law of copies by so many threads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HostCopyFit {
    /// Threads.
    pub threads: u32,
    /// The law. A byte counts once.
    pub line: Line,
    /// What it leaves.
    pub residuals: Vec<Residual>,
}

impl HostCopyFit {
    /// One fit for each number of threads with at least two sizes.
    pub(super) fn all(measured: &[Measurement]) -> Vec<Self> {
        let copies: Vec<&Measurement> = measured.iter().filter(|it| it.point.op == Op::HostCopy).collect();
        let mut threads: Vec<u32> = copies.iter().map(|it| it.point.lanes).collect();
        threads.sort_unstable();
        threads.dedup();
        let of = |threads: u32| {
            let of_these = || copies.iter().filter(move |it| it.point.lanes == threads);
            let points: Vec<(f64, f64)> =
                of_these().map(|it| (it.point.total_bytes as f64, it.seconds_median)).collect();
            let line = Line::fit(&points)?;
            let residual = |it: &&Measurement| Residual::new(**it, line.seconds(it.point.total_bytes as f64));
            Some(Self { threads, line, residuals: of_these().map(residual).collect() })
        };
        threads.into_iter().filter_map(of).collect()
    }
}
