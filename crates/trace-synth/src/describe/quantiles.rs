//! A distribution in five figures.

use kv_core::stats::nearest_rank;
use serde::Serialize;

/// Mean and quantiles of a sample. Quantiles are by nearest rank, see [`kv_core::stats`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quantiles {
    /// Arithmetic mean.
    pub mean: f64,
    /// Median.
    pub p50: f64,
    /// 90 % are at most this.
    pub p90: f64,
    /// 99 % are at most this.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}

impl Quantiles {
    /// What is said of no values at all.
    pub(crate) const NOTHING: Self = Self { mean: 0.0, p50: 0.0, p90: 0.0, p99: 0.0, max: 0.0 };

    /// Of a sample without NaN; `None` where it is empty.
    #[must_use]
    pub fn of(sample: impl Iterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = sample.collect();
        sorted.sort_by(f64::total_cmp);
        let max = *sorted.last()?;
        let at = |q| nearest_rank(&sorted, q).unwrap_or(max);
        #[expect(clippy::cast_precision_loss, reason = "a count below 2^53")]
        let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
        Some(Self { mean, p50: at(0.5), p90: at(0.9), p99: at(0.99), max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occur() {
        // Ranks of 10 values: ceil(5) = 5, ceil(9) = 9, ceil(9.9) = 10.
        let of_ten = Quantiles::of((1..=10).map(f64::from)).unwrap();
        assert_eq!(of_ten, Quantiles { mean: 5.5, p50: 5.0, p90: 9.0, p99: 10.0, max: 10.0 });
        assert_eq!(Quantiles::of(std::iter::empty()), None);
    }
}
