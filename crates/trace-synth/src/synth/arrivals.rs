//! When sessions begin: a renewal process, stretched by the product of rate curves.

use std::f64::consts::TAU;

use rand_distr::{Distribution as _, Exp1, Gamma, Weibull};
use serde::{Deserialize, Serialize};

use super::error::RecipeError;
use crate::streams::Stream;

/// How regular arrivals are, apart from the rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ArrivalProcess {
    /// Independent of each other.
    Poisson,
    /// Gamma gaps: shape below 1 comes in bursts, above 1 is more regular than Poisson.
    Gamma {
        /// Shape of the gaps' distribution.
        shape: f64,
    },
    /// Weibull gaps: shape below 1 comes in bursts.
    Weibull {
        /// Shape of the gaps' distribution.
        shape: f64,
    },
}

impl ArrivalProcess {
    pub(super) fn check(self) -> Result<(), RecipeError> {
        match self {
            Self::Poisson => Ok(()),
            Self::Gamma { shape } | Self::Weibull { shape } => RecipeError::unless(
                (0.05..=100.0).contains(&shape),
                "arrivals.shape",
                shape,
                "a number from 0.05 to 100",
            ),
        }
    }

    /// A gap of mean 1.
    fn gap(self, stream: &mut Stream) -> f64 {
        match self {
            Self::Poisson => Exp1.sample(stream),
            Self::Gamma { shape } => Gamma::new(shape, 1.0 / shape).expect("checked").sample(stream),
            Self::Weibull { shape } => {
                let mean = statrs::function::gamma::gamma(1.0 + 1.0 / shape);
                Weibull::new(1.0 / mean, shape).expect("checked").sample(stream)
            }
        }
    }
}

/// A factor on the rate, by time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RateCurve {
    /// 1 + amplitude * cos(2 pi (t - peak) / day).
    Diurnal {
        /// From 0 (flat) to 1 (nobody at night).
        amplitude: f64,
        /// Time of the day's peak [s] from the trace's start.
        peak_s: f64,
    },
    /// A factor for each day, the trace starting on the first; then again.
    Weekly {
        /// Seven factors; a Sunday surge is a large one.
        days: [f64; 7],
    },
    /// A higher rate again and again.
    Burst {
        /// From burst to burst [s]; the first begins at the trace's start.
        every_s: f64,
        /// How long each lasts [s].
        lasts_s: f64,
        /// The rate in it.
        factor: f64,
    },
    /// Another rate from some time on.
    Step {
        /// When [s].
        at_s: f64,
        /// The rate from then on.
        factor: f64,
    },
}

const DAY_S: f64 = 86_400.0;

impl RateCurve {
    pub(super) fn check(&self, key: &str) -> Result<(), RecipeError> {
        let (fits, expected) = match self {
            Self::Diurnal { amplitude, peak_s } => (
                (0.0..=1.0).contains(amplitude) && peak_s.is_finite(),
                "amplitude from 0 to 1, peak_s finite",
            ),
            Self::Weekly { days } => (
                days.iter().all(|day| (0.0..1e6).contains(day)) && days.iter().any(|&day| day > 0.0),
                "seven numbers from 0, not all 0",
            ),
            Self::Burst { every_s, lasts_s, factor } => (
                *lasts_s > 0.0 && every_s > lasts_s && every_s.is_finite() && (0.0..1e6).contains(factor),
                "0 < lasts_s < every_s, factor from 0",
            ),
            Self::Step { at_s, factor } => {
                (at_s.is_finite() && *factor > 0.0 && *factor < 1e6, "at_s finite, factor above 0")
            }
        };
        RecipeError::unless(fits, key, format!("{self:?}"), expected)
    }

    /// The factor at a time from the trace's start; before it, as if the curve had always been there.
    fn factor(&self, time_s: f64) -> f64 {
        match *self {
            Self::Diurnal { amplitude, peak_s } => 1.0 + amplitude * (TAU * (time_s - peak_s) / DAY_S).cos(),
            Self::Weekly { days } => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 6.99")]
                let day = (time_s / DAY_S).rem_euclid(7.0) as usize;
                days[day.min(6)]
            }
            Self::Burst { every_s, lasts_s, factor } => {
                if time_s.rem_euclid(every_s) < lasts_s {
                    factor
                } else {
                    1.0
                }
            }
            Self::Step { at_s, factor } => {
                if time_s >= at_s {
                    factor
                } else {
                    1.0
                }
            }
        }
    }
}

/// Session starts [s], from before the trace's start (warm-up) to its end.
#[derive(Debug)]
pub(super) struct Arrivals<'r> {
    process: ArrivalProcess,
    curves: &'r [RateCurve],
    per_s: f64,
    time_s: f64,
    end_s: f64,
    stream: Stream,
}

impl<'r> Arrivals<'r> {
    pub(super) fn new(
        process: ArrivalProcess,
        curves: &'r [RateCurve],
        per_s: f64,
        range_s: std::ops::Range<f64>,
        stream: Stream,
    ) -> Self {
        Self { process, curves, per_s, time_s: range_s.start, end_s: range_s.end, stream }
    }

    fn rate(&self, time_s: f64) -> f64 {
        self.per_s * self.curves.iter().map(|curve| curve.factor(time_s)).product::<f64>()
    }
}

impl Iterator for Arrivals<'_> {
    type Item = f64;

    /// The next start: where the rate's integral has grown by the gap. The rate is taken as constant within a second.
    fn next(&mut self) -> Option<f64> {
        let mut left = self.process.gap(&mut self.stream);
        while self.time_s < self.end_s {
            let rate = self.rate(self.time_s.floor() + 0.5);
            let step_s = self.time_s.floor() + 1.0 - self.time_s;
            if rate * step_s > left {
                self.time_s += left / rate;
                return (self.time_s < self.end_s).then_some(self.time_s);
            }
            left -= rate * step_s;
            self.time_s = self.time_s.floor() + 1.0;
        }
        None
    }
}
