//! Gaussian-process regression on a lattice: from some evaluated points to a mean and a spread at every point.
//!
//! After Rasmussen and Williams, *Gaussian Processes for Machine Learning* (2006), chapters 2 and 5: a Matern 5/2 kernel
//! with a length per ordered axis, and a linear trend beside it. Where an axis has the value 0 a part of the system is
//! not there at all, so that a smooth function may jump between 0 and the next value: such points, and points of
//! different categories, are correlated by a factor of their own. Hyperparameters are those of a small grid that make
//! the data likeliest, found one at a time; everything is deterministic.

mod pairs;
mod triangle;

use pairs::{Along, Pairs};
use rayon::prelude::*;
use triangle::Triangle;

use crate::space::{AxisValue, DesignSpace, Point};

/// Lengths that are tried, in lengths of an axis.
const LENGTHS: [f64; 6] = [0.15, 0.3, 0.6, 1.2, 2.4, 4.8];
/// Correlations across a switch or between categories that are tried.
const CORRELATIONS: [f64; 4] = [0.2, 0.6, 0.9, 0.99];
/// Variances of what no smooth function explains, as fractions of the smooth part's: when the last request happens to
/// end, and what follows from a small change in the order of events.
const NUGGETS: [f64; 7] = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 3e-2, 1e-1];
/// How much likelier a length is beforehand than one e times shorter, in logarithms of likelihood: with a handful of
/// points the data hardly speak, and short lengths would see nothing anywhere.
const LENGTH_PRIOR: f64 = 0.5;
/// Points that are predicted at once.
const LANES: usize = 4;
/// Rounds of trying every hyperparameter.
const ROUNDS: usize = 2;

/// A point as the kernel sees it.
#[derive(Debug, Clone)]
pub(super) struct Features {
    /// Position on each ordered axis, 0 to 1.
    along: Vec<f64>,
    /// Whether each ordered axis has the value 0, and the category on every other: equal or not is all that counts.
    switches: Vec<u32>,
}

/// What the kernel depends on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hyper {
    /// Index into [`LENGTHS`] for each ordered axis.
    lengths: Vec<usize>,
    /// Index into [`CORRELATIONS`] for each switch.
    correlations: Vec<usize>,
    /// Index into [`NUGGETS`].
    nugget: usize,
}

/// A fitted process for one quantity.
#[derive(Debug)]
pub(super) struct Process {
    hyper: Hyper,
    known: Vec<Features>,
    /// Cholesky factor of the correlations.
    factor: Triangle,
    /// Solves the correlations for the centred values.
    weights: Vec<f64>,
    mean: f64,
    /// Variance that correlations are multiplied by.
    variance: f64,
}

/// What one choice of hyperparameters makes of the values.
struct Candidate {
    factor: Triangle,
    /// The centred values, whitened by the factor.
    halfway: Vec<f64>,
    variance: f64,
    /// Log likelihood up to a constant, prior included.
    likelihood: f64,
}

impl Features {
    pub(super) fn of(space: &DesignSpace, point: &Point) -> Self {
        let (mut along, mut switches) = (Vec::new(), Vec::new());
        for (axis, &position) in space.axes().iter().zip(&point.0) {
            if axis.is_ordered() {
                along.push(f64::from(position) / (axis.len() as f64 - 1.0).max(1.0));
                switches.push(u32::from(axis.value(position) == AxisValue::Integer(0)));
            } else {
                switches.push(position);
            }
        }
        Self { along, switches }
    }
}

impl Hyper {
    /// What is assumed before anything is known.
    pub(super) fn first(space: &DesignSpace) -> Self {
        let ordered = space.axes().iter().filter(|axis| axis.is_ordered()).count();
        Self { lengths: vec![2; ordered], correlations: vec![1; space.axes().len()], nugget: 1 }
    }

    /// Correlation of two points, trend included; 1 and more at distance 0.
    fn kernel(&self, a: &Features, b: &Features) -> f64 {
        let along = a.along.iter().zip(&b.along).zip(&self.lengths);
        let smooth = along.fold(1.0, |smooth, ((x, y), &length)| smooth * matern(*x, *y, LENGTHS[length]));
        self.switched(smooth, a, b) + trend(a, b)
    }

    /// A correlation, less where switches or categories differ.
    fn switched(&self, correlation: f64, a: &Features, b: &Features) -> f64 {
        let switches = a.switches.iter().zip(&b.switches).zip(&self.correlations);
        let differ = switches.filter(|((x, y), _)| x != y);
        differ.fold(correlation, |product, (_, &factor)| product * CORRELATIONS[factor])
    }

    /// The same parameters with one changed, for every one and every value it may have.
    fn neighbours(&self, which: usize) -> Vec<Self> {
        let (lengths, correlations) = (self.lengths.len(), self.correlations.len());
        let changed = |change: &dyn Fn(&mut Self)| {
            let mut next = self.clone();
            change(&mut next);
            next
        };
        if which < lengths {
            (0..LENGTHS.len()).map(|value| changed(&|next| next.lengths[which] = value)).collect()
        } else if which < lengths + correlations {
            let switch = which - lengths;
            (0..CORRELATIONS.len()).map(|value| changed(&|next| next.correlations[switch] = value)).collect()
        } else {
            (0..NUGGETS.len()).map(|value| changed(&|next| next.nugget = value)).collect()
        }
    }
}

/// Correlation along one axis.
fn matern(x: f64, y: f64, length: f64) -> f64 {
    let distance = 5.0_f64.sqrt() * (x - y).abs() / length;
    (1.0 + distance + distance * distance / 3.0) * (-distance).exp()
}

/// The linear trend's part of a correlation.
fn trend(a: &Features, b: &Features) -> f64 {
    a.along.iter().zip(&b.along).fold(1.0, |trend, (x, y)| trend + x * y)
}

impl Candidate {
    /// Of correlations without the nugget.
    fn new(mut correlations: Triangle, centred: &[f64], hyper: &Hyper) -> Self {
        correlations.add_to_diagonal(NUGGETS[hyper.nugget]);
        correlations.factorise();
        let factor = correlations;
        let halfway = factor.forward(centred.iter().map(|&value| [value]).collect());
        let halfway: Vec<f64> = halfway.into_iter().map(|[value]| value).collect();
        let count = centred.len() as f64;
        // The likeliest variance: the mean square of the whitened values.
        let variance = halfway.iter().map(|value| value * value).sum::<f64>() / count;
        let likelihood = -0.5 * (count * variance.max(1e-300).ln() + factor.log_determinant());
        let prior: f64 = hyper.lengths.iter().map(|&length| LENGTH_PRIOR * LENGTHS[length].ln()).sum();
        Self { factor, halfway, variance, likelihood: likelihood + prior }
    }
}

impl Process {
    /// Fits to values at points, beginning from `first`.
    pub(super) fn fit(known: &[Features], values: &[f64], first: &Hyper) -> Self {
        let pairs = Pairs::of(known);
        let centred = Centred::of(values);
        let candidate = |hyper: &Hyper| Candidate::new(pairs.correlations(hyper), &centred.values, hyper);
        let (mut hyper, mut best) = (first.clone(), candidate(first));
        // What was tried once is not better than the best of today.
        let mut tried = vec![first.clone()];
        let parameters = hyper.lengths.len() + hyper.correlations.len() + 1;
        for which in (0..ROUNDS).flat_map(|_| 0..parameters) {
            for next in hyper.neighbours(which) {
                if tried.contains(&next) {
                    continue;
                }
                let found = candidate(&next);
                tried.push(next.clone());
                if found.likelihood > best.likelihood {
                    (hyper, best) = (next, found);
                }
            }
        }
        Self::new(known, centred.mean, hyper, best)
    }

    /// The process with these hyperparameters.
    pub(super) fn fixed(known: &[Features], values: &[f64], hyper: &Hyper) -> Self {
        let centred = Centred::of(values);
        let along = Along::of(known, known, hyper);
        let columns = known.iter().enumerate();
        let entries = columns.flat_map(|(column, point)| along.kernels(hyper, known, column, point));
        let correlations = Triangle::of_entries(known.len(), entries.collect());
        let found = Candidate::new(correlations, &centred.values, hyper);
        Self::new(known, centred.mean, hyper.clone(), found)
    }

    fn new(known: &[Features], mean: f64, hyper: Hyper, found: Candidate) -> Self {
        let weights = found.factor.backward(found.halfway);
        Self { hyper, known: known.to_vec(), factor: found.factor, weights, mean, variance: found.variance }
    }

    pub(super) fn hyper(&self) -> &Hyper {
        &self.hyper
    }

    /// Mean and standard deviation at each of the points.
    pub(super) fn at(&self, points: &[Features]) -> Vec<(f64, f64)> {
        let along = Along::of(&self.known, points, &self.hyper);
        let predict = |points: &[Features]| match points.first_chunk::<LANES>() {
            Some(all) => self.together(&along, all).to_vec(),
            None => points.iter().flat_map(|one| self.together(&along, std::array::from_ref(one))).collect(),
        };
        points.par_chunks(LANES).flat_map_iter(predict).collect()
    }

    fn together<const N: usize>(&self, along: &Along, points: &[Features; N]) -> [(f64, f64); N] {
        let kernels = points.each_ref().map(|point| along.kernels(&self.hyper, &self.known, 0, point));
        let rows = (0..self.known.len()).map(|known| std::array::from_fn(|lane| kernels[lane][known]));
        let solved = self.factor.forward::<N>(rows.collect());
        std::array::from_fn(|lane| {
            let weighted = kernels[lane].iter().zip(&self.weights).map(|(kernel, weight)| kernel * weight);
            let mean = self.mean + weighted.sum::<f64>();
            // How much the known points say of a point, whatever their values.
            let explained: f64 = solved.iter().map(|values| values[lane] * values[lane]).sum();
            let itself = self.hyper.kernel(&points[lane], &points[lane]) + NUGGETS[self.hyper.nugget];
            (mean, (self.variance * (itself - explained).max(0.0)).sqrt())
        })
    }
}

/// Values less their mean.
struct Centred {
    mean: f64,
    values: Vec<f64>,
}

impl Centred {
    fn of(values: &[f64]) -> Self {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        Self { mean, values: values.iter().map(|value| value - mean).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::Axis;

    fn space() -> DesignSpace {
        DesignSpace::new(vec![Axis::stepped("a_gib", 0, 16, 1).unwrap()]).unwrap()
    }

    /// A smooth curve from a third of its points: close everywhere, exact (but for the nugget) where it is known.
    #[test]
    fn a_smooth_curve_is_filled_in() {
        let space = space();
        let value = |position: u32| (f64::from(position) / 5.0).sin();
        let positions = [1, 4, 7, 10, 13, 16];
        let known: Vec<Features> = positions.map(|p| Features::of(&space, &Point(vec![p]))).to_vec();
        let process = Process::fit(&known, &positions.map(value), &Hyper::first(&space));
        for position in 1..=16 {
            let (mean, spread) = process.at(&[Features::of(&space, &Point(vec![position]))])[0];
            let error = (mean - value(position)).abs();
            let exact = positions.contains(&position);
            assert!(error < if exact { 1e-3 } else { 0.02 }, "{position}: {error}");
            assert!(error <= 3.0 * spread + 1e-3, "{position}: {error} of {spread}");
        }
    }

    /// The parts of pairs are put together as the kernel is.
    #[test]
    fn pairs_have_the_kernels_correlations() {
        let axes = vec![
            Axis::stepped("a_gib", 0, 16, 1).unwrap(),
            Axis::stepped("b_s", 0, 30, 3).unwrap(),
            Axis::categories("policy", &["lru", "fifo", "lfu"]),
        ];
        let space = DesignSpace::new(axes).unwrap();
        let known: Vec<Features> = (0..40).map(|n| Features::of(&space, &space.point(n * 13))).collect();
        let pairs = Pairs::of(&known);
        let first = Hyper::first(&space);
        for hyper in (0..6).flat_map(|which| first.neighbours(which)) {
            let slow = Triangle::new(known.len(), |row, column| hyper.kernel(&known[row], &known[column]));
            assert_eq!(pairs.correlations(&hyper).entries(), slow.entries(), "{hyper:?}");
            let along = Along::of(&known, &known, &hyper);
            let columns = (0..known.len()).flat_map(|at| along.kernels(&hyper, &known, at, &known[at]));
            assert_eq!(columns.collect::<Vec<f64>>(), slow.entries(), "{hyper:?}");
        }
    }

    /// Points that are predicted together are predicted as if alone, and by the kernel.
    #[test]
    fn many_points_are_predicted_as_one() {
        let axes =
            vec![Axis::stepped("a_gib", 0, 16, 1).unwrap(), Axis::categories("policy", &["lru", "fifo"])];
        let space = DesignSpace::new(axes).unwrap();
        let all: Vec<Features> = space.points().map(|point| Features::of(&space, &point)).collect();
        let known: Vec<Features> = all.iter().step_by(3).cloned().collect();
        let values: Vec<f64> = (0..known.len()).map(|n| (n as f64).cos()).collect();
        let process = Process::fit(&known, &values, &Hyper::first(&space));
        let together = process.at(&all);
        for (point, found) in all.iter().zip(&together) {
            assert_eq!(process.at(std::slice::from_ref(point)), [*found], "bit for bit");
            let kernel = known.iter().map(|known| process.hyper.kernel(known, point));
            let mean = process.mean + kernel.zip(&process.weights).map(|(k, w)| k * w).sum::<f64>();
            assert_eq!(mean.to_bits(), found.0.to_bits());
        }
    }

    /// A step at 0 says little about the rest: the curve beyond it stays flat.
    #[test]
    fn nothing_and_something_may_differ() {
        let space = space();
        let at = |p: u32| Features::of(&space, &Point(vec![p]));
        let known = [0, 1, 4, 8, 12, 16].map(at);
        let process = Process::fit(&known, &[9.0, 1.0, 1.0, 1.0, 1.0, 1.0], &Hyper::first(&space));
        let (mean, _) = process.at(&[at(2)])[0];
        assert!((mean - 1.0).abs() < 0.5, "{mean}");
    }
}
