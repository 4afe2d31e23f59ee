//! How long blocks wait for their next use, as a sample and as three fitted distributions.
//!
//! Distributions are fitted by maximum likelihood to the intervals above 0. Equal arrival times, which
//! quantised clocks give, make intervals of 0; no continuous distribution has them, so their share is reported
//! apart. The Kolmogorov-Smirnov distance says how far a fit is from the sample: it is the largest difference
//! of the two cumulative distributions. It is a distance and no test, because the reuses of the blocks of one
//! prompt are not independent.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Exp, LogNormal, Weibull};

use super::quantiles::Quantiles;
use crate::numbers::{ratio, seconds};

/// Intervals in order, each with how often it occurs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Intervals {
    /// Interval [s] and count.
    runs: Vec<(f64, usize)>,
    count: usize,
}

impl Intervals {
    /// Of a sample [ns] in any order.
    pub(super) fn of(mut sample_ns: Vec<u64>) -> Self {
        sample_ns.sort_unstable();
        let runs = sample_ns.chunk_by(|a, b| a == b).map(|run| (seconds(run[0]), run.len())).collect();
        Self { runs, count: sample_ns.len() }
    }

    /// Each interval as often as it occurs [s], in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        self.runs.iter().flat_map(|&(interval_s, count)| std::iter::repeat_n(interval_s, count))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The share of the intervals that are at most so long [s]; 0 where there are none.
    #[must_use]
    pub fn share_within(&self, most_s: f64) -> f64 {
        let within = self.runs.iter().take_while(|run| run.0 <= most_s).map(|run| run.1);
        ratio(within.sum(), self.count)
    }

    /// Mean and quantiles [s]; `None` where there are none.
    #[must_use]
    pub fn quantiles(&self) -> Option<Quantiles> {
        Quantiles::of(self.iter())
    }

    /// The fits; `None` where no interval is above 0 or all are equal.
    pub(super) fn fits(&self) -> Option<IntervalFits> {
        let zeros = self.runs.first().filter(|run| run.0 <= 0.0).map_or(0, |run| run.1);
        let positive = &self.runs[usize::from(zeros > 0)..];
        if positive.len() < 2 {
            return None;
        }
        let sample = Sample { runs: positive, count: ratio(self.count - zeros, 1) };
        let (mean_s, mu) = (sample.mean(|x| x), sample.mean(f64::ln));
        let sigma = sample.mean(|x| (x.ln() - mu).powi(2)).sqrt();
        let shape = sample.weibull_shape(mu, sigma);
        let scale_s = sample.mean(|x| x.powf(shape)).powf(1.0 / shape);
        let mut fits = IntervalFits {
            zero_share: ratio(zeros, self.count),
            exponential: Exponential { mean_s, ks: 0.0 },
            lognormal: Lognormal { p50_s: mu.exp(), sigma, ks: 0.0 },
            weibull: WeibullFit { shape, scale_s, ks: 0.0 },
        };
        fits.exponential.ks = sample.distance(&fits.exponential.distribution()?);
        fits.lognormal.ks = sample.distance(&fits.lognormal.distribution()?);
        fits.weibull.ks = sample.distance(&fits.weibull.distribution()?);
        Some(fits)
    }
}

/// Distributions fitted to the intervals above 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IntervalFits {
    /// Share of intervals that are 0: not part of the fits.
    pub zero_share: f64,
    /// Memoryless reuse: one parameter.
    pub exponential: Exponential,
    /// Normal logarithms.
    pub lognormal: Lognormal,
    /// Weibull; a shape below 1 says that a block not used for long is used ever less.
    pub weibull: WeibullFit,
}

/// An exponential distribution and its distance from the sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Exponential {
    /// Mean [s].
    pub mean_s: f64,
    /// Kolmogorov-Smirnov distance, 0 to 1.
    pub ks: f64,
}

/// A lognormal distribution and its distance from the sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Lognormal {
    /// Median [s].
    pub p50_s: f64,
    /// Standard deviation of the natural logarithm.
    pub sigma: f64,
    /// Kolmogorov-Smirnov distance, 0 to 1.
    pub ks: f64,
}

/// A Weibull distribution and its distance from the sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WeibullFit {
    /// Shape.
    pub shape: f64,
    /// Scale [s]: the 63.2 % quantile.
    pub scale_s: f64,
    /// Kolmogorov-Smirnov distance, 0 to 1.
    pub ks: f64,
}

impl Exponential {
    fn distribution(&self) -> Option<Exp> {
        Exp::new(1.0 / self.mean_s).ok()
    }

    /// Share of intervals that are at most so long [s]; `None` where the parameters give no distribution.
    #[must_use]
    pub fn cdf(&self, interval_s: f64) -> Option<f64> {
        self.distribution().map(|distribution| distribution.cdf(interval_s))
    }
}

impl Lognormal {
    fn distribution(&self) -> Option<LogNormal> {
        LogNormal::new(self.p50_s.ln(), self.sigma).ok()
    }

    /// Share of intervals that are at most so long [s]; `None` where the parameters give no distribution.
    #[must_use]
    pub fn cdf(&self, interval_s: f64) -> Option<f64> {
        self.distribution().map(|distribution| distribution.cdf(interval_s))
    }
}

impl WeibullFit {
    fn distribution(&self) -> Option<Weibull> {
        Weibull::new(self.shape, self.scale_s).ok()
    }

    /// Share of intervals that are at most so long [s]; `None` where the parameters give no distribution.
    #[must_use]
    pub fn cdf(&self, interval_s: f64) -> Option<f64> {
        self.distribution().map(|distribution| distribution.cdf(interval_s))
    }
}

/// Positive intervals in order, with counts.
struct Sample<'a> {
    runs: &'a [(f64, usize)],
    count: f64,
}

impl Sample<'_> {
    fn mean(&self, of: impl Fn(f64) -> f64) -> f64 {
        self.runs.iter().map(|&(x, count)| of(x) * ratio(count, 1)).sum::<f64>() / self.count
    }

    /// The shape k at which the likelihood is greatest: mean(x^k ln x) / mean(x^k) - 1 / k = mean(ln x). The
    /// left side rises with k, so the root is found by halving, from where logarithms of that spread would put
    /// it.
    fn weibull_shape(&self, mu: f64, sigma: f64) -> f64 {
        // ln x of a Weibull distribution has standard deviation pi / (sqrt(6) k). Powers are of x over its geometric
        // mean, so that they do not overflow.
        let guess = std::f64::consts::PI / 6_f64.sqrt() / sigma;
        let excess = |k: f64| {
            let (mut weights, mut logs) = (0.0, 0.0);
            for &(x, count) in self.runs {
                let log = x.ln() - mu;
                let weight = ratio(count, 1) * (k * log).exp();
                weights += weight;
                logs += weight * log;
            }
            logs / weights - 1.0 / k
        };
        let (mut low, mut high) = (guess / 16.0, guess * 16.0);
        for _ in 0..40 {
            let middle = (low * high).sqrt();
            if excess(middle) < 0.0 { low = middle } else { high = middle }
        }
        (low * high).sqrt()
    }

    fn distance(&self, fitted: &impl ContinuousCDF<f64, f64>) -> f64 {
        let mut below = 0.0;
        let mut distance = 0.0_f64;
        for &(x, count) in self.runs {
            let at = fitted.cdf(x);
            distance = distance.max((at - below / self.count).abs());
            below += ratio(count, 1);
            distance = distance.max((at - below / self.count).abs());
        }
        distance
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::ContinuousCDF;

    /// 2,000 intervals at the mid-quantiles of a distribution of seconds.
    fn drawn_evenly(from: &impl ContinuousCDF<f64, f64>) -> Intervals {
        let quantile = |i: u32| from.inverse_cdf((f64::from(i) + 0.5) / 2_000.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds above 0")]
        Intervals::of((0..2_000).map(|i| (quantile(i) * 1e9) as u64).collect())
    }

    fn close(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 0.02, "{found}, not {expected}");
    }

    #[test]
    fn each_fit_finds_its_own_distribution() {
        let fits = drawn_evenly(&Exp::new(1.0 / 30.0).unwrap()).fits().unwrap();
        close(fits.exponential.mean_s, 30.0);
        close(fits.weibull.shape, 1.0);
        // The sample itself is a staircase of 2,000 steps, half a step off at most.
        assert!(fits.exponential.ks < 0.003 && fits.weibull.ks < 0.003, "{fits:?}");
        let fits = drawn_evenly(&Weibull::new(0.6, 50.0).unwrap()).fits().unwrap();
        close(fits.weibull.shape, 0.6);
        close(fits.weibull.scale_s, 50.0);
        assert!(fits.weibull.ks < 0.003 && fits.exponential.ks > 0.1, "{fits:?}");
        let fits = drawn_evenly(&LogNormal::new(40_f64.ln(), 1.5).unwrap()).fits().unwrap();
        close(fits.lognormal.p50_s, 40.0);
        close(fits.lognormal.sigma, 1.5);
        assert!(fits.lognormal.ks < 0.003 && fits.weibull.ks > 0.02, "{fits:?}");
    }

    #[test]
    fn intervals_of_zero_are_said_apart() {
        let intervals = Intervals::of(vec![2_000_000_000, 0, 4_000_000_000, 0]);
        assert_eq!(intervals.iter().collect::<Vec<_>>(), [0.0, 0.0, 2.0, 4.0]);
        let shares = [-1.0, 0.0, 2.0, 3.9, 4.0].map(|most_s| intervals.share_within(most_s));
        assert_eq!(shares.to_vec(), [0.0, 0.5, 0.75, 0.75, 1.0]);
        let fits = intervals.fits().unwrap();
        assert_eq!((fits.zero_share, fits.exponential.mean_s), (0.5, 3.0));
        assert_eq!(Intervals::of(vec![0, 5, 5]).fits(), None, "one value above 0 has no spread");
        assert_eq!(Intervals::of(Vec::new()).fits(), None);
    }
}
