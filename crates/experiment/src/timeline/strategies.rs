//! Which configuration each window is given, and what that costs.
//!
//! A configuration has a run from the start of every window, from empty caches. So the figures of a configuration that was
//! switched to some windows ago are simulated, and not estimated. The best choice in hindsight is exact: it is found over
//! all windows, configurations and times of the last switch.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::rules::{ChoiceRules, Content};
use super::windows::{Series, Window};

/// Who chooses, and from what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strategy {
    /// The choice for the first window, kept.
    FixedFirst,
    /// The one configuration that would have been best for all windows.
    FixedBest,
    /// Each window has the choice for the window before. The first has its own.
    Rechosen,
    /// The best sequence, known afterwards.
    Hindsight,
}

pub(crate) const STRATEGIES: [(&str, Strategy); 4] = [
    ("fixed, chosen on the first window", Strategy::FixedFirst),
    ("fixed, best over all windows", Strategy::FixedBest),
    ("re-chosen from the window before", Strategy::Rechosen),
    ("in hindsight", Strategy::Hindsight),
];

/// The runs of all configurations.
pub(crate) struct Fleet<'a> {
    pub(crate) rules: &'a ChoiceRules,
    /// The length of a window in the simulation \[s\].
    pub(crate) window_s: f64,
    /// Of each configuration.
    pub(crate) instances: Vec<u32>,
    /// By configuration, then by the window in which the run starts.
    pub(crate) runs: Vec<Vec<Series>>,
}

/// A window under a strategy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lived {
    /// The configuration by its place.
    pub(crate) configuration: usize,
    /// Whether it is another one than before.
    pub(crate) switched: bool,
    /// What the window costs, without the switch.
    pub(crate) cost: f64,
    /// What the switch costs: instances that boot, and old ones until nothing waits.
    pub(crate) switch_cost: f64,
    pub(crate) window: Window,
    /// The figure that has a limit \[s\].
    pub(crate) figure_s: f64,
    /// Whether the limit is kept.
    pub(crate) kept: bool,
}

/// Windows in which the limit is broken though some configuration keeps it, and the cost.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Score {
    broken: u32,
    cost: f64,
}

impl Score {
    fn order(&self, other: &Self) -> Ordering {
        self.broken.cmp(&other.broken).then(self.cost.total_cmp(&other.cost))
    }
}

impl Fleet<'_> {
    fn windows(&self) -> usize {
        self.runs[0].len()
    }

    fn window(&self, configuration: usize, since: usize, at: usize) -> Window {
        self.runs[configuration][since].windows[at].expect("a run has all windows after its start")
    }

    fn figure_s(&self, configuration: usize, since: usize, at: usize) -> f64 {
        self.rules.figure.of(&self.window(configuration, since, at))
    }

    /// The limit of a window. Where no configuration keeps the file's, it is the best that one reaches.
    fn limit_s(&self, at: usize) -> f64 {
        let best =
            (0..self.runs.len()).flat_map(|it| (0..=at).map(move |since| self.figure_s(it, since, at)));
        self.rules.at_most_s.max(best.fold(f64::INFINITY, f64::min))
    }

    fn cost(&self, configuration: usize, since: usize) -> f64 {
        self.runs[configuration][since].cost_per_h * self.rules.window_h
    }

    /// What a window scores.
    fn score(&self, configuration: usize, since: usize, at: usize) -> Score {
        let broken = self.figure_s(configuration, since, at) > self.limit_s(at);
        Score { broken: broken.into(), cost: self.cost(configuration, since) }
    }

    /// The cost of a switch before window `at`.
    fn switch_cost(&self, content: Content, from: (usize, usize), to: usize, at: usize) -> f64 {
        let (old, new) = (self.instances[from.0], self.instances[to]);
        let booted = match content {
            Content::Lost => new,
            Content::Kept => new.saturating_sub(old),
        };
        let each = self.runs[to][0].cost_per_h / f64::from(new);
        let drain_h = self.window(from.0, from.1, at - 1).drain_s / self.window_s * self.rules.window_h;
        f64::from(booted) * each * self.rules.boot_h + self.runs[from.0][from.1].cost_per_h * drain_h
    }

    /// From which window on a configuration's caches have been filled that takes over at window `at`.
    fn since(content: Content, at: usize) -> usize {
        match content {
            Content::Lost => at,
            Content::Kept => 0,
        }
    }

    /// The cheapest configuration that keeps the limit in a window; where none does, the one that comes nearest. All of
    /// them are replayed from the first window on.
    fn pick(&self, at: usize) -> usize {
        let limit_s = self.limit_s(at);
        let rank = |&it: &usize| {
            let figure_s = self.figure_s(it, 0, at);
            (figure_s > limit_s, if figure_s > limit_s { figure_s } else { self.cost(it, 0) })
        };
        let order = |a: &usize, b: &usize| {
            let (a, b) = (rank(a), rank(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        };
        (0..self.runs.len()).min_by(order).expect("there is a configuration")
    }

    fn fixed_best(&self) -> usize {
        let total = |it: usize| {
            let scores = (0..self.windows()).map(|at| self.score(it, 0, at));
            scores.fold(Score { broken: 0, cost: 0.0 }, add)
        };
        (0..self.runs.len()).min_by(|&a, &b| total(a).order(&total(b))).expect("there is a configuration")
    }

    /// The best sequence. The states are the configuration and the window of the last switch.
    fn hindsight(&self, content: Content) -> Vec<usize> {
        type States = BTreeMap<(usize, usize), (Score, Vec<usize>)>;
        let all = 0..self.runs.len();
        let mut states: States = all.clone().map(|it| ((it, 0), (self.score(it, 0, 0), vec![it]))).collect();
        for at in 1..self.windows() {
            let mut next = States::new();
            for (&(now, since), (score, path)) in &states {
                for to in all.clone() {
                    let (to_since, switch_cost) = match to == now {
                        true => (since, 0.0),
                        false => (Self::since(content, at), self.switch_cost(content, (now, since), to, at)),
                    };
                    let mut total = add(*score, self.score(to, to_since, at));
                    total.cost += switch_cost;
                    let known = next.get(&(to, to_since));
                    if known.is_none_or(|(known, _)| total.order(known) == Ordering::Less) {
                        let path = path.iter().copied().chain([to]).collect();
                        next.insert((to, to_since), (total, path));
                    }
                }
            }
            states = next;
        }
        let best = states.into_values().min_by(|a, b| a.0.order(&b.0));
        best.expect("there is a configuration").1
    }

    fn choices(&self, strategy: Strategy, content: Content) -> Vec<usize> {
        let windows = self.windows();
        match strategy {
            Strategy::FixedFirst => vec![self.pick(0); windows],
            Strategy::FixedBest => vec![self.fixed_best(); windows],
            Strategy::Rechosen => (0..windows).map(|at| self.pick(at.saturating_sub(1))).collect(),
            Strategy::Hindsight => self.hindsight(content),
        }
    }
}

fn add(a: Score, b: Score) -> Score {
    Score { broken: a.broken + b.broken, cost: a.cost + b.cost }
}

/// The windows of a load under a strategy.
pub(crate) fn lived(fleet: &Fleet<'_>, strategy: Strategy, content: Content) -> Vec<Lived> {
    let mut before: Option<(usize, usize)> = None;
    let mut all = Vec::new();
    for (at, now) in fleet.choices(strategy, content).into_iter().enumerate() {
        let changed = before.filter(|(known, _)| *known != now);
        let since = match before {
            Some((known, since)) if known == now => since,
            Some(_) => Fleet::since(content, at),
            None => 0,
        };
        let figure_s = fleet.figure_s(now, since, at);
        all.push(Lived {
            configuration: now,
            switched: changed.is_some(),
            cost: fleet.cost(now, since),
            switch_cost: changed.map_or(0.0, |from| fleet.switch_cost(content, from, now, at)),
            window: fleet.window(now, since, at),
            figure_s,
            kept: figure_s <= fleet.rules.at_most_s,
        });
        before = Some((now, since));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::rules::Limited;
    use super::*;

    /// Two configurations: the small one costs 1 an hour and keeps the limit in all windows but the third; the large one
    /// costs 3 and keeps it always, unless it has just started.
    fn fleet(rules: &ChoiceRules) -> Fleet<'_> {
        let run = |cost_per_h: f64, from: usize, ttft_s: [f64; 4]| Series {
            cost_per_h,
            busy_share: 0.5,
            windows: (0..4)
                .map(|at| {
                    let window = Window { requests: 1.0, ttft_s_mean: Some(ttft_s[at]), ..Window::default() };
                    (at >= from).then_some(window)
                })
                .collect(),
        };
        let small = (0..4).map(|from| run(1.0, from, [1.0, 1.0, 9.0, 1.0])).collect();
        let large = (0..4).map(|from| {
            let mut ttft_s = [1.0; 4];
            ttft_s[from] = if from == 0 { 1.0 } else { 5.0 };
            run(3.0, from, ttft_s)
        });
        Fleet { rules, window_s: 60.0, instances: vec![1, 3], runs: vec![small, large.collect()] }
    }

    fn rules() -> ChoiceRules {
        ChoiceRules {
            figure: Limited::TtftMean,
            at_most_s: 2.0,
            window_h: 10.0,
            names: Vec::new(),
            content: vec![Content::Lost],
            boot_h: 1.0,
        }
    }

    #[test]
    fn each_strategy_chooses_from_what_it_knows() {
        let rules = rules();
        let fleet = fleet(&rules);
        let of = |strategy, content| fleet.choices(strategy, content);
        assert_eq!(of(Strategy::FixedFirst, Content::Lost), [0, 0, 0, 0]);
        assert_eq!(of(Strategy::FixedBest, Content::Lost), [1, 1, 1, 1]);
        // The surge is seen when it is over.
        assert_eq!(of(Strategy::Rechosen, Content::Lost), [0, 0, 0, 1]);
        // With cold caches the large one must be there a window earlier.
        assert_eq!(of(Strategy::Hindsight, Content::Lost), [1, 1, 1, 0]);
        assert_eq!(of(Strategy::Hindsight, Content::Kept), [0, 0, 1, 0]);
    }

    #[test]
    fn a_switch_is_paid() {
        let rules = rules();
        let fleet = fleet(&rules);
        let kept = lived(&fleet, Strategy::Hindsight, Content::Kept);
        let costs: Vec<(f64, f64)> = kept.iter().map(|it| (it.cost, it.switch_cost)).collect();
        // Two of three instances boot for an hour at 1 an hour each. Going back boots none.
        assert_eq!(costs, [(10.0, 0.0), (10.0, 0.0), (30.0, 2.0), (10.0, 0.0)]);
        assert!(kept.iter().all(|it| it.kept));
        let rechosen = lived(&fleet, Strategy::Rechosen, Content::Lost);
        assert_eq!((rechosen[2].kept, rechosen[3].kept), (false, false));
        // All three instances boot.
        assert_eq!(rechosen[3].switch_cost.to_bits(), 3.0_f64.to_bits());
    }
}
