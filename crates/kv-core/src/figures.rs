//! Figures as whoever computes them declares them: name, unit, and whether more or less is better.
//!
//! The sense of a figure stands where the figure is defined. Nothing in this crate guesses it from the figure's name.

/// Which direction of a figure is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sense {
    /// Less is better, as of a latency or a cost.
    Less,
    /// More is better, as of a throughput or a hit ratio.
    More,
}

impl Sense {
    /// Whether `a` is better than `b`. Equal is not better.
    #[must_use]
    pub fn is_better(self, a: f64, b: f64) -> bool {
        match self {
            Self::Less => a < b,
            Self::More => a > b,
        }
    }

    /// The value of which less is better: the value itself, or its negative.
    #[must_use]
    pub fn minimised(self, value: f64) -> f64 {
        match self {
            Self::Less => value,
            Self::More => 0.0 - value,
        }
    }
}

/// The declaration of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// The name in archives and files, unit last: `ttft_s_p99`. A name that ends with `*` declares one figure for each part
    /// of the system: `hit_ratio_*` declares `hit_ratio_dram`.
    pub name: &'static str,
    /// Unit as printed: `s`, `GiB`, or `1` for a plain ratio or count.
    pub unit: &'static str,
    /// Which direction is better.
    pub sense: Sense,
}

impl Figure {
    /// A figure of which less is better.
    #[must_use]
    pub const fn less(name: &'static str, unit: &'static str) -> Self {
        Self { name, unit, sense: Sense::Less }
    }

    /// A figure of which more is better.
    #[must_use]
    pub const fn more(name: &'static str, unit: &'static str) -> Self {
        Self { name, unit, sense: Sense::More }
    }

    fn declares(&self, name: &str) -> bool {
        match self.name.strip_suffix('*') {
            Some(family) => name.len() > family.len() && name.starts_with(family),
            None => name == self.name,
        }
    }
}

/// The figures that an evaluator declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures(pub &'static [Figure]);

impl Figures {
    /// The three figures that every evaluation has.
    pub const STANDARD: Self = Self(&[
        Figure::less("ttft_s_mean", "s"),
        Figure::more("throughput_tokens_per_s", "tokens/s"),
        Figure::less("cost", "currency"),
    ]);

    /// The declaration of a figure; none where the evaluator declares no such figure.
    ///
    /// `worst_x` and `weighted_x` are figures of several scenarios made one (robust optimisation). They are declared with `x`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static Figure> {
        let exact = |name: &str| {
            let plain = self.0.iter().find(|figure| figure.name == name);
            plain.or_else(|| self.0.iter().find(|figure| figure.declares(name)))
        };
        let of_scenarios = || name.strip_prefix("worst_").or_else(|| name.strip_prefix("weighted_"));
        exact(name).or_else(|| exact(of_scenarios()?))
    }

    /// The sense of a figure; none where the evaluator declares no such figure.
    #[must_use]
    pub fn sense(&self, name: &str) -> Option<Sense> {
        self.find(name).map(|figure| figure.sense)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_names_one_figure_or_a_family() {
        const FIGURES: Figures = Figures(&[
            Figure::more("hit_ratio_*", "1"),
            Figure::less("hit_ratio_lost", "1"),
            Figure::less("cost", "EUR"),
        ]);
        assert_eq!(FIGURES.sense("hit_ratio_dram"), Some(Sense::More));
        assert_eq!(FIGURES.sense("hit_ratio_lost"), Some(Sense::Less), "its own declaration comes first");
        assert_eq!(FIGURES.sense("worst_hit_ratio_dram"), Some(Sense::More));
        assert_eq!(FIGURES.sense("weighted_cost"), Some(Sense::Less));
        assert_eq!(
            (FIGURES.sense("hit_ratio_"), FIGURES.sense("costs"), FIGURES.sense("")),
            (None, None, None)
        );
    }
}
