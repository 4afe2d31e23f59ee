//! Which boxes to cut next, and where.

use super::{KaretoPlus, LatticeBox, MARGIN};
use crate::archive::Archive;
use crate::front::Front;
use crate::front::hypervolume::{ReferencePoint, hypervolume};
use crate::space::Point;

/// Weight of what a cut could gain at best beside what it is guessed to gain: it breaks ties and keeps the search
/// going where guesses see nothing and bounds do.
const EXPLORATION: f64 = 0.01;

/// A planned cut of a box through the lattice planes at one position of one axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cut {
    /// Which box.
    pub(super) index: usize,
    pub(super) axis: usize,
    pub(super) position: u32,
}

/// A cut with its worth.
struct Candidate {
    /// Hypervolume per new evaluation that it is guessed to gain.
    score: f64,
    cut: Cut,
    /// Corners to evaluate.
    fresh: Vec<Point>,
    guesses: Vec<[f64; 3]>,
}

/// The front as far as it is known or guessed.
struct Outlook {
    vectors: Vec<[f64; 3]>,
    reference: ReferencePoint,
    volume: f64,
}

impl Outlook {
    fn gain(&self, vectors: &[[f64; 3]]) -> f64 {
        hypervolume(&[self.vectors.as_slice(), vectors].concat(), self.reference) - self.volume
    }

    fn extend(&mut self, vectors: &[[f64; 3]]) {
        self.vectors.extend(vectors);
        self.volume = hypervolume(&self.vectors, self.reference);
    }
}

impl KaretoPlus {
    /// The cuts to make next, best first, with the points they need.
    pub(super) fn plan(&self, archive: &Archive) -> (Vec<Cut>, Vec<Point>) {
        let (mut cuts, mut points) = (Vec::new(), Vec::new());
        let Some(reference) = ReferencePoint::worst_of(archive, MARGIN) else { return (cuts, points) };
        let mut outlook = Outlook { vectors: Vec::new(), reference, volume: 0.0 };
        outlook.extend(&Front::of(archive).minimised());
        while points.len() < self.settings.batch {
            let mut best: Option<Candidate> = None;
            for (index, lattice_box) in self.boxes.iter().enumerate() {
                if cuts.iter().all(|cut: &Cut| cut.index != index) {
                    self.consider(index, lattice_box, archive, &outlook, &mut best);
                }
            }
            let Some(chosen) = best else { break };
            // As if the guesses came true, so that the next cut of this ask looks elsewhere.
            outlook.extend(&chosen.guesses);
            cuts.push(chosen.cut);
            points
                .extend(chosen.fresh.into_iter().filter(|point| !points.contains(point)).collect::<Vec<_>>());
        }
        (cuts, points)
    }

    /// Replaces `best` by a cut of this box where one is better.
    fn consider(
        &self,
        index: usize,
        lattice_box: &LatticeBox,
        archive: &Archive,
        outlook: &Outlook,
        best: &mut Option<Candidate>,
    ) {
        let bounds = self.terms.bounds(lattice_box, archive);
        for (axis, position) in lattice_box.cuts() {
            let mut fresh = lattice_box.slice_corners(axis, position);
            fresh.retain(|corner| !archive.contains(corner));
            let guess = |optimism: f64| {
                let guess = |corner| self.terms.guess(lattice_box, &bounds, corner, archive, optimism);
                fresh.iter().map(guess).collect::<Vec<_>>()
            };
            let guesses = guess(self.settings.optimism);
            let gain = outlook.gain(&guesses) + EXPLORATION * outlook.gain(&guess(1.0));
            let score = gain / fresh.len().max(1) as f64;
            if score > best.as_ref().map_or(0.0, |best| best.score) {
                *best = Some(Candidate { score, cut: Cut { index, axis, position }, fresh, guesses });
            }
        }
    }
}
