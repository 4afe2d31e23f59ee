//! Why a search did not ask for a point: the rule, the neighbours it looked at, and the figure it compared.

use std::fmt;

use crate::objectives::Objectives;
use crate::space::Point;

/// The reason for one skipped point.
#[derive(Debug, Clone, PartialEq)]
pub enum SkipReason {
    /// The point lies beyond where expansion stopped: the last step on the way to it gained too little.
    DiminishingReturn {
        /// Number of the axis that was followed.
        axis: usize,
        /// Where that step began.
        from: Point,
        /// Where it ended; the point lies further out.
        to: Point,
        /// Best relative improvement of any objective over that step.
        gain: f64,
        /// The expansion threshold tau_e.
        threshold: f64,
    },
    /// The point lies between evaluated neighbours, and what bends there could add little to the front.
    Flat {
        /// The evaluated neighbour below.
        lower: Point,
        /// The evaluated neighbour above.
        upper: Point,
        /// What the middle between them could add, as a share of the front's hypervolume.
        could_add_share: f64,
        /// The curvature threshold.
        threshold: f64,
    },
    /// The nearest evaluated point is not on the front, or hardly matters there, so that its axes were not followed.
    OffFront {
        /// The nearest evaluated point.
        nearest: Point,
        /// How much of the front's hypervolume would be lost without it.
        rests_on_share: f64,
        /// The curvature threshold.
        threshold: f64,
    },
    /// Even at its best the point would add little to the front.
    Bounded {
        /// Its optimistic objectives.
        best: Objectives,
        /// What they would add, as a share of the front's hypervolume.
        could_add_share: f64,
    },
    /// The search might have gone on to it, but the allowed number of evaluations was spent.
    Budget {
        /// The number allowed.
        evaluations: usize,
    },
}

impl SkipReason {
    /// The rule's name, by which a report may colour the lattice.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::DiminishingReturn { .. } => "diminishing-return",
            Self::Flat { .. } => "flat",
            Self::OffFront { .. } => "off-front",
            Self::Bounded { .. } => "bounded",
            Self::Budget { .. } => "budget",
        }
    }

    /// Whether the rule speaks against the point also where the search was stopped before its end.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Flat { could_add_share: share, threshold, .. }
            | Self::OffFront { rests_on_share: share, threshold, .. } => share < threshold,
            Self::DiminishingReturn { .. } | Self::Bounded { .. } | Self::Budget { .. } => true,
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |value: &f64| 100.0 * value;
        match self {
            Self::DiminishingReturn { axis, from, to, gain, threshold } => write!(
                f,
                "beyond the step along axis {axis} from {from} to {to}, which gained {:.3} % where {:.3} % is asked",
                percent(gain),
                percent(threshold)
            ),
            Self::Flat { lower, upper, could_add_share, threshold } => write!(
                f,
                "between {lower} and {upper}, whose middle could add {:.3} % of the hypervolume where {:.3} % is asked",
                percent(could_add_share),
                percent(threshold)
            ),
            Self::OffFront { nearest, rests_on_share, threshold } => write!(
                f,
                "nearest to {nearest}, on which {:.3} % of the hypervolume rests where {:.3} % is asked",
                percent(rests_on_share),
                percent(threshold)
            ),
            Self::Bounded { best, could_add_share } => write!(
                f,
                "at best TTFT {:.4} s, {:.0} tokens/s, cost {:.4}, which would add {:.3} % of the hypervolume",
                best.ttft_s_mean(),
                best.throughput_tokens_per_s(),
                best.cost(),
                percent(could_add_share)
            ),
            Self::Budget { evaluations } => write!(f, "the {evaluations} allowed evaluations were spent"),
        }
    }
}
