//! Seconds = latency + bytes / bandwidth.

use serde::Serialize;

/// A latency and a bandwidth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Line {
    /// Of each transfer \[s\], 0 or more.
    pub latency_s: f64,
    /// Of what comes after \[B/s\].
    pub bytes_per_s: f64,
}

impl Line {
    /// The line whose relative errors have the least squares, through (bytes, seconds). `None` with fewer than two sizes.
    ///
    /// Errors are relative because a small transfer and a large one count alike.
    #[must_use]
    pub fn fit(points: &[(f64, f64)]) -> Option<Self> {
        // Least squares of (latency + slope * bytes - seconds) / seconds: with u = 1 / seconds and v = bytes / seconds the
        // normal equations are latency * uu + slope * uv = u, latency * uv + slope * vv = v, summed over all points.
        let (mut uu, mut uv, mut vv, mut u, mut v) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (bytes, seconds) in points {
            let (one, size) = (1.0 / seconds, bytes / seconds);
            uu += one * one;
            uv += one * size;
            vv += size * size;
            u += one;
            v += size;
        }
        let determinant = uu * vv - uv * uv;
        // With a single size the determinant is 0, but for rounding.
        if determinant.is_nan() || determinant <= 1e-9 * uu * vv {
            return None;
        }
        let (latency, slope) = ((u * vv - v * uv) / determinant, (v * uu - u * uv) / determinant);
        let (latency_s, slope) = if latency < 0.0 { (0.0, v / vv) } else { (latency, slope) };
        (slope > 0.0).then(|| Self { latency_s, bytes_per_s: 1.0 / slope })
    }

    /// What a transfer takes \[s\].
    #[must_use]
    pub fn seconds(&self, bytes: f64) -> f64 {
        self.latency_s + bytes / self.bytes_per_s
    }
}
