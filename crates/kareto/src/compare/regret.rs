//! What a buyer loses who trusts a search instead of the full grid.
//!
//! A buyer has a limit or a budget. With a limit on the first objective (TTFT) the buyer takes the cheapest
//! configuration that keeps it, and with a budget for the last one (cost) the fastest that it pays for. The regret is how
//! much worse the best of the evaluated configurations is than the best of the full grid.
//!
//! The limits and budgets asked for are those of the full grid's front: at each of them another choice is the best.

/// How far above a limit a configuration may lie and still keep it, as a fraction: a buyer does not tell 1.00 s from 1.01 s.
const TOLERANCE: f64 = 0.01;

/// The regret where no evaluated configuration keeps the limit: 100 %.
const NOTHING_TO_BUY: f64 = 1.0;

/// Regrets over all limits, or over all budgets, as fractions of what the best of the full grid has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Regret {
    /// The largest.
    pub worst: f64,
    /// The mean.
    pub mean: f64,
}

/// The regrets of a buyer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BuyerRegret {
    /// Of the last objective, over all limits on the first: what keeping each TTFT limit costs too much.
    pub cost: Regret,
    /// Of the first objective, over all budgets for the last.
    pub ttft: Regret,
}

/// What a buyer loses with some vectors (less is better) where `full` are those of the full grid's front. The last
/// objective is the one at place `last`.
///
/// `full` must not be empty.
#[must_use]
pub(super) fn buyer_regret(vectors: &[[f64; 3]], full: &[[f64; 3]], last: usize) -> BuyerRegret {
    BuyerRegret { cost: regret(vectors, full, (0, last)), ttft: regret(vectors, full, (last, 0)) }
}

/// The regret of the objective at place `paid`, over all limits on the one at place `limited`.
fn regret(vectors: &[[f64; 3]], full: &[[f64; 3]], (limited, paid): (usize, usize)) -> Regret {
    let (mut worst, mut sum) = (0.0_f64, 0.0);
    for limit in full.iter().map(|vector| vector[limited]) {
        let best = least(full, limited, limit, paid).expect("the vector that gave the limit keeps it");
        let within = limit + TOLERANCE * limit.abs();
        let lost = match least(vectors, limited, within, paid) {
            // A configuration within the tolerance may be better than the best that keeps the limit itself.
            Some(found) => ((found - best) / best.abs().max(f64::MIN_POSITIVE)).max(0.0),
            None => NOTHING_TO_BUY,
        };
        worst = worst.max(lost);
        sum += lost;
    }
    Regret { worst, mean: sum / full.len() as f64 }
}

/// The least value at place `paid` of the vectors that keep a limit.
fn least(vectors: &[[f64; 3]], limited: usize, limit: f64, paid: usize) -> Option<f64> {
    vectors.iter().filter(|vector| vector[limited] <= limit).map(|vector| vector[paid]).min_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// TTFT and cost of a front of three.
    const FULL: [[f64; 3]; 3] = [[1.0, 0.0, 30.0], [2.0, 0.0, 20.0], [4.0, 0.0, 10.0]];

    #[test]
    fn the_whole_front_has_no_regret() {
        let none = Regret { worst: 0.0, mean: 0.0 };
        assert_eq!(buyer_regret(&FULL, &FULL, 2), BuyerRegret { cost: none, ttft: none });
    }

    #[test]
    fn a_missing_middle_costs_the_step_beside_it() {
        let ends = [FULL[0], FULL[2]];
        // A limit of 2 s costs 30 instead of 20; a budget of 20 buys 4 s instead of 2 s.
        let lost = buyer_regret(&ends, &FULL, 2);
        assert_eq!(lost.cost, Regret { worst: 0.5, mean: 0.5 / 3.0 });
        assert_eq!(lost.ttft, Regret { worst: 1.0, mean: 1.0 / 3.0 });
    }

    #[test]
    fn a_limit_that_nothing_keeps_is_regretted_in_full_and_one_percent_is_forgiven() {
        let lost = buyer_regret(&[[1.009, 0.0, 30.0]], &FULL, 2);
        assert!((lost.cost.worst - 2.0).abs() < 1e-12, "30 instead of 10 where 4 s would do");
        assert!((lost.ttft.worst - 1.0).abs() < 1e-12, "budgets of 20 and 10 buy nothing");
        assert!((lost.ttft.mean - (0.009 + 2.0) / 3.0).abs() < 1e-12);
    }
}
