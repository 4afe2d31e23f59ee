//! The correlations of all pairs of known points, in parts: one for each axis and length.
//!
//! A fit tries some forty hyperparameters on the same points, and each differs from another in one part. So every part is
//! computed once. On a lattice many points share their place on an axis, so the same goes for predictions ([`Along`]).

use super::triangle::Triangle;
use super::{CORRELATIONS, Features, Hyper, LENGTHS, matern, trend};

/// The parts, each with an entry for each pair.
pub(super) struct Pairs {
    /// For each ordered axis, the correlation along it at each length.
    smooth: Vec<[Triangle; LENGTHS.len()]>,
    /// For each switch, whether the two differ.
    differs: Vec<Vec<bool>>,
    trend: Triangle,
}

impl Pairs {
    /// Of at least one point.
    pub(super) fn of(known: &[Features]) -> Self {
        let size = known.len();
        let axis = |axis: usize| {
            LENGTHS.map(|length| {
                Triangle::new(size, |row, column| {
                    matern(known[row].along[axis], known[column].along[axis], length)
                })
            })
        };
        let differ = |switch: usize| {
            let pairs = (0..size).flat_map(|column| (column..size).map(move |row| (row, column)));
            pairs.map(|(row, column)| known[row].switches[switch] != known[column].switches[switch]).collect()
        };
        let trend = Triangle::new(size, |row, column| trend(&known[row], &known[column]));
        Self {
            smooth: (0..known[0].along.len()).map(axis).collect(),
            differs: (0..known[0].switches.len()).map(differ).collect(),
            trend,
        }
    }

    /// The correlations with these hyperparameters, as [`Hyper::kernel`] has them.
    pub(super) fn correlations(&self, hyper: &Hyper) -> Triangle {
        let mut entries = vec![1.0; self.trend.entries().len()];
        for (parts, &length) in self.smooth.iter().zip(&hyper.lengths) {
            for (entry, part) in entries.iter_mut().zip(parts[length].entries()) {
                *entry *= part;
            }
        }
        for (differs, &correlation) in self.differs.iter().zip(&hyper.correlations) {
            let factor = CORRELATIONS[correlation];
            for (entry, &differs) in entries.iter_mut().zip(differs) {
                *entry *= if differs { factor } else { 1.0 };
            }
        }
        for (entry, trend) in entries.iter_mut().zip(self.trend.entries()) {
            *entry += trend;
        }
        self.trend.with(entries)
    }
}

/// Correlations of known points with others along each ordered axis, once for each place on the axis.
pub(super) struct Along {
    /// For each axis, the places, sorted, and after each its correlations with the known points.
    axes: Vec<Vec<(f64, Vec<f64>)>>,
}

impl Along {
    pub(super) fn of(known: &[Features], points: &[Features], hyper: &Hyper) -> Self {
        let axis = |(axis, &length): (usize, &usize)| {
            let mut places: Vec<f64> = points.iter().map(|point| point.along[axis]).collect();
            places.sort_unstable_by(f64::total_cmp);
            places.dedup_by(|a, b| a.total_cmp(b).is_eq());
            let with_known = |place: f64| {
                let correlation = |known: &Features| matern(known.along[axis], place, LENGTHS[length]);
                (place, known.iter().map(correlation).collect())
            };
            places.into_iter().map(with_known).collect()
        };
        Self { axes: hyper.lengths.iter().enumerate().map(axis).collect() }
    }

    /// [`Hyper::kernel`] of each known point, the first `left_out` left out, and one of the points.
    pub(super) fn kernels(
        &self,
        hyper: &Hyper,
        known: &[Features],
        left_out: usize,
        point: &Features,
    ) -> Vec<f64> {
        let known = &known[left_out..];
        let mut kernels = vec![1.0; known.len()];
        for (axis, place) in self.axes.iter().zip(&point.along) {
            let found = axis.binary_search_by(|(other, _)| other.total_cmp(place));
            let correlations = &axis[found.expect("it is one of the points")].1;
            kernels.iter_mut().zip(&correlations[left_out..]).for_each(|(kernel, along)| *kernel *= along);
        }
        for (kernel, known) in kernels.iter_mut().zip(known) {
            *kernel = hyper.switched(*kernel, known, point) + trend(known, point);
        }
        kernels
    }
}
