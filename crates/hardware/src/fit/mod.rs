//! Laws fitted to measurements: those that the simulator's media have, and what they leave unexplained.
//!
//! Nothing is tuned: each figure comes from one formula over the measurements, and every measurement that a law claims to
//! tell is listed with the law's error.

mod disk;
mod host_copy;
mod host_link;
mod line;
mod table;

pub use disk::{DiskFit, DiskLaw};
pub use host_copy::HostCopyFit;
pub use host_link::{HostLinkFit, Sharing};
pub use line::Line;
pub use table::FragmentTable;

use serde::Serialize;

use crate::Measurement;

/// A measurement beside what a law says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Residual {
    /// What was measured.
    #[serde(flatten)]
    pub measured: Measurement,
    /// What the law says \[s\].
    pub fitted_s: f64,
    /// (law - measured) / measured \[%\].
    pub error_percent: f64,
}

impl Residual {
    pub(crate) fn new(measured: Measurement, fitted_s: f64) -> Self {
        let error_percent = 100.0 * (fitted_s / measured.seconds_median - 1.0);
        Self { measured, fitted_s, error_percent }
    }
}

/// The laws of a machine; `None` where nothing was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fits {
    /// Copies within host memory, for each number of threads.
    pub host_copy: Vec<HostCopyFit>,
    /// Copies between host and GPU.
    pub host_link: Option<HostLinkFit>,
    /// A disk.
    pub disk: Option<DiskFit>,
}

impl Fits {
    /// Fits all laws that the measurements allow.
    #[must_use]
    pub fn of(measured: &[Measurement]) -> Self {
        Self {
            host_copy: HostCopyFit::all(measured),
            host_link: HostLinkFit::of(measured),
            disk: DiskFit::of(measured),
        }
    }
}

/// The median of the absolute errors, and the largest \[%\]; `None` without any.
#[must_use]
pub fn error_summary(residuals: &[Residual]) -> Option<(f64, f64)> {
    let mut errors: Vec<f64> = residuals.iter().map(|it| it.error_percent.abs()).collect();
    errors.sort_by(f64::total_cmp);
    Some((*errors.get(errors.len() / 2)?, *errors.last()?))
}
