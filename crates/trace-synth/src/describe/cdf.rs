//! Cumulative distributions as points to draw.

use kv_core::Trace;

use super::reuse::intervals;

/// Points of a curve.
const POINTS: usize = 200;

/// Cumulative distributions of a trace: pairs of a value and the share of the sample that is at most that
/// value. All values are values that occur, the least and the greatest among them. A distribution has about 200
/// pairs at most, and none for an empty sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Cdfs {
    /// Prompt lengths [tokens].
    pub input_length_tokens: Vec<(f64, f64)>,
    /// Output lengths [tokens].
    pub output_length_tokens: Vec<(f64, f64)>,
    /// Between consecutive uses of a block [s].
    pub reuse_interval_s: Vec<(f64, f64)>,
}

/// The cumulative distributions of a trace.
#[must_use]
pub fn cdfs(trace: &Trace) -> Cdfs {
    let lengths = |of: fn(&kv_core::RequestView<'_>) -> u32| {
        let mut sample: Vec<f64> = trace.requests().map(|request| f64::from(of(&request))).collect();
        sample.sort_by(f64::total_cmp);
        cdf(&sample)
    };
    Cdfs {
        input_length_tokens: lengths(|request| request.prompt_tokens),
        output_length_tokens: lengths(|request| request.output_tokens),
        reuse_interval_s: cdf(&intervals(trace, |_, _| ()).iter().collect::<Vec<_>>()),
    }
}

/// Of a sorted sample, at about equal steps of the share.
fn cdf(sorted: &[f64]) -> Vec<(f64, f64)> {
    let ranks = (0..=POINTS).map(|point| (point * sorted.len()).div_ceil(POINTS).max(1));
    let mut points: Vec<(f64, f64)> = Vec::new();
    for rank in ranks.filter(|&rank| rank <= sorted.len()) {
        let value = sorted[rank - 1];
        if points.last().is_none_or(|last| last.0 < value) {
            // All that are equal count.
            let at_most = sorted.partition_point(|&other| other <= value);
            points.push((value, super::ratio(at_most, sorted.len())));
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_has_the_ends_of_its_sample_and_no_more_points_than_values() {
        assert_eq!(cdf(&[]), []);
        assert_eq!(cdf(&[3.0, 3.0, 7.0, 9.0]), [(3.0, 0.5), (7.0, 0.75), (9.0, 1.0)]);
        let many: Vec<f64> = (1..=100_000).map(f64::from).collect();
        let points = cdf(&many);
        assert_eq!((points.len(), points[0], points[100]), (201, (1.0, 1e-5), (50_000.0, 0.5)));
    }
}
