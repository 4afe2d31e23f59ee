//! The correlations of all pairs of known points, in parts: one for each axis and length.
//!
//! A fit tries some forty hyperparameters on the same points, and each differs from another in one part. So every part is
//! computed once.

use super::triangle::Triangle;
use super::{CORRELATIONS, Features, Hyper, LENGTHS, matern};

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
        let trend = Triangle::new(size, |row, column| {
            let along = known[row].along.iter().zip(&known[column].along);
            along.fold(1.0, |trend, (x, y)| trend + x * y)
        });
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
