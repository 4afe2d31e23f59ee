//! One Gaussian process for each objective, the same kind of process as `kareto-plus` has.

use crate::search::process::{Features, Hyper, Process};
use crate::space::DesignSpace;

/// Hyperparameters are learnt anew when the answers are as many times as many as they were then.
const GROWTH: f64 = 1.25;

/// What a model says of one objective at one point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prediction {
    pub(super) mean: f64,
    /// Standard deviation.
    pub(super) deviation: f64,
}

/// The models' hyperparameters, kept from ask to ask.
#[derive(Debug)]
pub(super) struct Surrogates {
    hyper: [Hyper; 3],
    learnt_from: usize,
}

impl Surrogates {
    pub(super) fn new(space: &DesignSpace) -> Self {
        Self { hyper: [0, 1, 2].map(|_| Hyper::first(space)), learnt_from: 0 }
    }

    /// Predicts all objectives at `wanted`, given points and answers of which there is at least one; `learn` allows to learn the
    /// hyperparameters anew.
    pub(super) fn predict(
        &mut self,
        known: &[Features],
        answers: &[[f64; 3]],
        wanted: &[Features],
        learn: bool,
    ) -> Vec<[Prediction; 3]> {
        let anew = learn && answers.len() as f64 >= GROWTH * self.learnt_from as f64;
        if anew {
            self.learnt_from = answers.len();
        }
        let processes = [0, 1, 2].map(|objective| {
            let answers: Vec<f64> = answers.iter().map(|it| it[objective]).collect();
            let hyper = &self.hyper[objective];
            match anew {
                true => Process::fit(known, &answers, hyper),
                false => Process::fixed(known, &answers, hyper),
            }
        });
        self.hyper = [0, 1, 2].map(|objective| processes[objective].hyper().clone());
        let found = [0, 1, 2].map(|objective: usize| processes[objective].at(wanted));
        let of = |index: usize| {
            [0, 1, 2].map(|objective: usize| {
                let (mean, deviation) = found[objective][index];
                Prediction { mean, deviation }
            })
        };
        (0..wanted.len()).map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::{Axis, Point};

    /// Interpolates what is known, doubts what is far, and says the same where all answers agree.
    #[test]
    fn a_model_knows_its_answers_and_doubts_the_rest() {
        let space = DesignSpace::new(vec![Axis::stepped("dram_gib", 1, 17, 1).unwrap()]).unwrap();
        let at = |step: u32| Features::of(&space, &Point(vec![step]));
        let known: Vec<Features> = (0..9).map(at).collect();
        let answer = |step: u32| {
            let x = f64::from(step) / 16.0;
            [(6.0 * x).sin(), 1e4 * x * x, 7.0]
        };
        let answers: Vec<[f64; 3]> = (0..9).map(answer).collect();
        let found = Surrogates::new(&space).predict(&known, &answers, &[at(4), at(16)], true);
        for objective in 0..2 {
            let (near, far) = (found[0][objective], found[1][objective]);
            let wanted = answers[4][objective];
            assert!((near.mean - wanted).abs() < 1e-2 * wanted.abs().max(1.0), "{near:?}, {wanted}");
            assert!(far.deviation > 10.0 * near.deviation, "{near:?}, {far:?}");
        }
        assert!((found[1][2].mean - 7.0).abs() < 1e-9 && found[1][2].deviation < 1e-9, "{:?}", found[1][2]);
    }
}
