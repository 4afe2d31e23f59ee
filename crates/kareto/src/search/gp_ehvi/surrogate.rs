//! One Gaussian process for each objective: constant mean, Matern 5/2, a length for each input.
//!
//! `egobox-gp` scales inputs and answers to mean 0 and deviation 1 and learns the lengths by likelihood, from fixed
//! starts: the same answers give the same model, whatever the number of threads.

use egobox_gp::correlation_models::Matern52Corr;
use egobox_gp::mean_models::ConstantMean;
use egobox_gp::{GaussianProcess, ThetaTuning};
use linfa::DatasetBase;
use linfa::traits::Fit as _;
use ndarray::{Array1, Array2};

use crate::space::{Axis, DesignSpace, Point};

/// Variance added to the answers, as a share of theirs: it keeps close points solvable.
const NUGGET: f64 = 1e-8;
/// The lengths are learnt anew when the answers are as many times as many as they were then.
const GROWTH: f64 = 1.25;

/// What a model says of one objective at one point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prediction {
    pub(super) mean: f64,
    /// Standard deviation.
    pub(super) deviation: f64,
}

/// How points of the lattice are written for the models: an ordered axis as its position from 0 to 1, a category as
/// one entry for each of its values, 1 at its own. Axes of one value are left out.
pub(super) struct Inputs {
    axes: Vec<Axis>,
}

impl Inputs {
    pub(super) fn of(space: &DesignSpace) -> Self {
        Self { axes: space.axes().to_vec() }
    }

    pub(super) fn row(&self, point: &Point) -> Vec<f64> {
        let entries = |(axis, &position): (&Axis, &u32)| match axis.len() {
            1 => Vec::new(),
            len if axis.is_ordered() => vec![f64::from(position) / (len - 1) as f64],
            len => (0..len).map(|value| f64::from(u8::from(value == position as usize))).collect(),
        };
        self.axes.iter().zip(&point.0).flat_map(entries).collect()
    }
}

/// The models' lengths, kept from ask to ask.
#[derive(Debug, Default)]
pub(super) struct Surrogates {
    theta: [Option<Array1<f64>>; 3],
    learnt_from: usize,
}

impl Surrogates {
    /// Predicts all three objectives at `wanted`, given inputs and answers; `learn` allows to learn the lengths anew.
    pub(super) fn predict(
        &mut self,
        rows: &[Vec<f64>],
        answers: &[[f64; 3]],
        wanted: &[Vec<f64>],
        learn: bool,
    ) -> Vec<[Prediction; 3]> {
        if learn && answers.len() as f64 >= GROWTH * self.learnt_from as f64 {
            self.theta = [None, None, None];
            self.learnt_from = answers.len();
        }
        let (known, wanted) = (matrix(rows), matrix(wanted));
        let [first, second, third] = [0, 1, 2].map(|objective| {
            let answers: Vec<f64> = answers.iter().map(|it| it[objective]).collect();
            one(&mut self.theta[objective], &known, &answers, &wanted)
        });
        first.into_iter().zip(second).zip(third).map(|((a, b), c)| [a, b, c]).collect()
    }
}

/// Predicts one objective. Where no model can be had, every point is as the answers are: their mean and deviation.
fn one(
    theta: &mut Option<Array1<f64>>,
    known: &Array2<f64>,
    answers: &[f64],
    wanted: &Array2<f64>,
) -> Vec<Prediction> {
    let mean = answers.iter().sum::<f64>() / answers.len() as f64;
    let deviation = (answers.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / answers.len() as f64).sqrt();
    let plain = || vec![Prediction { mean, deviation }; wanted.nrows()];
    // Answers that are all the same but for rounding leave nothing to learn.
    if deviation <= 1e-12 * mean.abs() || answers.len() < 2 || wanted.is_empty() {
        return plain();
    }
    let tuning = theta.clone().map_or_else(ThetaTuning::default, ThetaTuning::Fixed);
    let params = GaussianProcess::<f64, ConstantMean, Matern52Corr>::params(
        ConstantMean::default(),
        Matern52Corr::default(),
    );
    let params = params.theta_tuning(tuning).nugget(NUGGET);
    let dataset = DatasetBase::new(known.clone(), Array1::from(answers.to_vec()));
    let Ok(model) = params.fit(&dataset) else { return plain() };
    *theta = Some(model.theta().clone());
    let Ok((means, variances)) = model.predict_valvar(wanted) else { return plain() };
    let prediction = |(&value, &variance): (&f64, &f64)| match value.is_finite() && variance.is_finite() {
        true => Prediction { mean: value, deviation: variance.max(0.0).sqrt() },
        false => Prediction { mean, deviation },
    };
    means.iter().zip(&variances).map(prediction).collect()
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    let width = rows.first().map_or(0, Vec::len);
    Array2::from_shape_fn((rows.len(), width), |(row, entry)| rows[row][entry])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_have_an_entry_each_and_single_values_none() {
        let (dram, one) = (Axis::stepped("dram_gib", 0, 4, 1), Axis::stepped("n", 3, 3, 1));
        let axes = vec![dram.unwrap(), one.unwrap(), Axis::categories("policy", &["lru", "fifo", "lfu"])];
        let inputs = Inputs::of(&DesignSpace::new(axes).unwrap());
        assert_eq!(inputs.row(&Point(vec![1, 0, 2])), [0.25, 0.0, 0.0, 1.0]);
    }

    /// Interpolates what is known, doubts what is far, and says the same where all answers agree.
    #[test]
    fn a_model_knows_its_answers_and_doubts_the_rest() {
        let rows: Vec<Vec<f64>> = (0..9).map(|step| vec![f64::from(step) / 16.0]).collect();
        let answers: Vec<[f64; 3]> =
            rows.iter().map(|row| [(6.0 * row[0]).sin(), 1e4 * row[0] * row[0], 7.0]).collect();
        let wanted = vec![vec![0.25], vec![1.0]];
        let predictions = Surrogates::default().predict(&rows, &answers, &wanted, true);
        for objective in 0..2 {
            let (at, far) = (predictions[0][objective], predictions[1][objective]);
            let known = answers[4][objective];
            assert!((at.mean - known).abs() < 1e-3 * known.abs().max(1.0), "{at:?}, {known}");
            assert!(far.deviation > 100.0 * at.deviation, "{at:?}, {far:?}");
        }
        assert_eq!((predictions[1][2].mean, predictions[1][2].deviation), (7.0, 0.0));
    }
}
