//! Regret: how much worse a configuration is under a scenario than what would have been best had one known that this
//! scenario comes.

use crate::archive::Archive;
use crate::evaluate::Evaluation;
use crate::space::Point;

/// What is regretted, with the figure that it is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Mean TTFT \[s\], against the fastest.
    Ttft,
    /// Throughput \[tokens/s\], against the one that serves most.
    Throughput,
    /// Cost, against the cheapest.
    Cost,
    /// Cost, against the cheapest that is at least as fast and serves at least as much: what is wasted, where plain
    /// regret of cost also has what was bought with it.
    CostAsGood,
}

impl Of {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Ttft, Self::Throughput, Self::Cost, Self::CostAsGood];

    /// The figure as records write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ttft => "ttft_s_mean",
            Self::Throughput => "throughput_tokens_per_s",
            Self::Cost => "cost",
            Self::CostAsGood => "cost_as_good",
        }
    }

    /// The value of which less is better.
    fn minimised(self, evaluation: &Evaluation) -> f64 {
        let [ttft, throughput, cost] = evaluation.objectives.minimised();
        match self {
            Self::Ttft => ttft,
            Self::Throughput => throughput,
            Self::Cost | Self::CostAsGood => cost,
        }
    }
}

/// The regret of one configuration under one scenario in one respect.
#[derive(Debug, Clone, PartialEq)]
pub struct Regret {
    /// In which respect.
    pub of: Of,
    /// What the configuration has, in the figure's unit.
    pub value: f64,
    /// What the best has.
    pub best: f64,
    /// The best; of equals the first of the space.
    pub best_point: Point,
    /// How much worse the configuration is, in the figure's unit; never negative.
    pub regret: f64,
    /// The same in percent of the best; none where that is 0.
    pub percent: Option<f64>,
}

/// The regrets of a configuration under one scenario, whose evaluations `under` has: against the configurations that
/// `choices` has, and itself. None if it is not evaluated under it.
#[must_use]
pub fn regrets(under: &Archive, choices: &Archive, point: &Point) -> Option<Vec<Regret>> {
    let own = under.get(point)?;
    let candidates = || under.iter().filter(|(other, _)| choices.contains(other) || *other == point);
    let as_good = |other: &Evaluation| {
        let (a, b) = (other.objectives.minimised(), own.objectives.minimised());
        a[0] <= b[0] && a[1] <= b[1]
    };
    let regret = |of: Of| {
        let allowed = candidates().filter(|(_, it)| of != Of::CostAsGood || as_good(it));
        let best = allowed.min_by(|a, b| of.minimised(a.1).total_cmp(&of.minimised(b.1)));
        let (best_point, best) = best.expect("the configuration itself is one");
        let regret = of.minimised(own) - of.minimised(best);
        let best = of.minimised(best).abs();
        Regret {
            of,
            value: of.minimised(own).abs(),
            best,
            best_point: best_point.clone(),
            regret,
            percent: (best != 0.0).then(|| 100.0 * regret / best),
        }
    };
    Some(Of::ALL.map(regret).to_vec())
}
