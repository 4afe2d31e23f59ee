//! Distributions that a recipe names: of tokens, of seconds.

use rand::{Rng, RngExt};
use rand_distr::{Distribution as _, Exp1, Gamma, StandardNormal, Weibull};
use serde::{Deserialize, Serialize};

use super::error::RecipeError;

/// The 90 % quantile of the standard normal distribution.
const Z90: f64 = 1.281_551_565_544_600_4;

/// A distribution of a positive quantity; the unit is that of the key it stands under.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Distribution {
    /// Always the same.
    Constant(f64),
    /// Logarithm normal, by median and 90 % quantile.
    Lognormal {
        /// Median.
        p50: f64,
        /// 90 % quantile, above the median.
        p90: f64,
    },
    /// Memoryless.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Weibull.
    Weibull {
        /// Shape; below 1 the tail is heavier than exponential.
        shape: f64,
        /// Scale: the 63.2 % quantile.
        scale: f64,
    },
    /// Gamma.
    Gamma {
        /// Shape; the coefficient of variation is its root's inverse.
        shape: f64,
        /// Mean.
        mean: f64,
    },
    /// Even between two values.
    Uniform {
        /// Least.
        from: f64,
        /// Greatest.
        to: f64,
    },
    /// By quantiles `[probability, value]`, from probability 0 to 1, logarithmic in between: what a fit writes.
    Quantiles(Vec<[f64; 2]>),
    /// One of several.
    Mixture(Vec<Component>),
    /// Another one, cut: values outside are set to the nearer bound.
    Clamped {
        /// What is cut.
        of: Box<Distribution>,
        /// Lower bound.
        least: f64,
        /// Upper bound.
        most: f64,
    },
}

/// A part of a mixture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Weight relative to the other parts'.
    pub share: f64,
    /// What it draws from.
    pub of: Distribution,
}

impl Distribution {
    /// Refuses parameters that give no distribution of a positive quantity.
    pub(super) fn check(&self, key: &str) -> Result<(), RecipeError> {
        let positive = |name: &str, value: f64| {
            let key = format!("{key}.{name}");
            RecipeError::unless(value.is_finite() && value > 0.0, key, value, "a number above 0")
        };
        match self {
            Self::Constant(value) => {
                RecipeError::unless(value.is_finite() && *value >= 0.0, key, value, "a number from 0")
            }
            Self::Lognormal { p50, p90 } => {
                positive("p50", *p50)?;
                RecipeError::unless(p90 >= p50 && p90.is_finite(), format!("{key}.p90"), p90, "at least p50")
            }
            Self::Exponential { mean } => positive("mean", *mean),
            Self::Weibull { shape, scale } => positive("shape", *shape).and(positive("scale", *scale)),
            Self::Gamma { shape, mean } => positive("shape", *shape).and(positive("mean", *mean)),
            Self::Uniform { from, to } => {
                let fits = *from >= 0.0 && to >= from && to.is_finite();
                RecipeError::unless(fits, format!("{key}.to"), to, "at least `from`, which is at least 0")
            }
            Self::Quantiles(points) => check_quantiles(points, key),
            Self::Mixture(parts) => {
                RecipeError::unless(!parts.is_empty(), key, "[]", "at least one part")?;
                parts.iter().try_for_each(|part| {
                    let share = format!("{key}.share");
                    RecipeError::unless(
                        part.share > 0.0 && part.share.is_finite(),
                        share,
                        part.share,
                        "a number above 0",
                    )?;
                    part.of.check(key)
                })
            }
            Self::Clamped { of, least, most } => {
                let fits = *least >= 0.0 && most >= least && most.is_finite();
                RecipeError::unless(
                    fits,
                    format!("{key}.most"),
                    most,
                    "at least `least`, which is at least 0",
                )?;
                of.check(key)
            }
        }
    }

    /// A value; the distribution must have been checked.
    pub(super) fn draw(&self, stream: &mut impl Rng) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Lognormal { p50, p90 } => {
                let normal: f64 = StandardNormal.sample(stream);
                p50 * (normal * (p90 / p50).ln() / Z90).exp()
            }
            Self::Exponential { mean } => {
                let unit: f64 = Exp1.sample(stream);
                mean * unit
            }
            Self::Weibull { shape, scale } => Weibull::new(*scale, *shape).expect("checked").sample(stream),
            Self::Gamma { shape, mean } => Gamma::new(*shape, mean / shape).expect("checked").sample(stream),
            Self::Uniform { from, to } => from + (to - from) * unit(stream),
            Self::Quantiles(points) => at_probability(points, unit(stream)),
            Self::Mixture(parts) => {
                let mut left = unit(stream) * parts.iter().map(|part| part.share).sum::<f64>();
                let part = parts.iter().find(|part| {
                    left -= part.share;
                    left < 0.0
                });
                part.unwrap_or(&parts[parts.len() - 1]).of.draw(stream)
            }
            Self::Clamped { of, least, most } => of.draw(stream).clamp(*least, *most),
        }
    }

    /// A value rounded to a whole number, at least `least`.
    pub(super) fn draw_whole(&self, stream: &mut impl Rng, least: u32) -> u32 {
        // A cast from float saturates, so that a far tail is a very long prompt and no surprise.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let whole = self.draw(stream).round() as u32;
        whole.max(least)
    }
}

/// Even in [0, 1).
pub(super) fn unit(stream: &mut impl Rng) -> f64 {
    stream.random()
}

fn check_quantiles(points: &[[f64; 2]], key: &str) -> Result<(), RecipeError> {
    let ends = points.first().map(|p| p[0]) == Some(0.0) && points.last().map(|p| p[0]) == Some(1.0);
    RecipeError::unless(ends, key, points.len(), "[probability, value] pairs from probability 0 to 1")?;
    points.windows(2).try_for_each(|pair| {
        let rises = pair[1][0] > pair[0][0] && pair[1][1] >= pair[0][1] && pair[0][1] >= 0.0;
        let shown = format!("{:?}, {:?}", pair[0], pair[1]);
        RecipeError::unless(
            rises && pair[1][1].is_finite(),
            key,
            shown,
            "rising probabilities, values from 0 that do not fall",
        )
    })
}

/// The quantile between given ones: logarithmic in the value plus one, so that 0 may occur.
fn at_probability(points: &[[f64; 2]], probability: f64) -> f64 {
    let above = points.partition_point(|point| point[0] <= probability).clamp(1, points.len() - 1);
    let ([p0, v0], [p1, v1]) = (points[above - 1], points[above]);
    let share = (probability - p0) / (p1 - p0);
    ((v0 + 1.0).ln() * (1.0 - share) + (v1 + 1.0).ln() * share).exp() - 1.0
}
