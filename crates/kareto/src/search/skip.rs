//! Why a search did not ask for a point: a rule by name, a sentence, and the figures that the rule compared.
//!
//! The set of rules is open. A search from outside names its own; tables write them as they come, and pages draw a rule
//! that they do not know under its name.

use std::fmt;

use crate::space::Point;

/// The reason for skipped points.
#[derive(Debug, Clone, PartialEq)]
pub struct SkipReason {
    /// The rule's name, lower case with dashes: tables and pages go by it.
    pub rule: &'static str,
    /// What speaks against the point, without its subject: "around \[0 4\], on which ...".
    pub sentence: String,
    /// The evaluated points that the rule looked at, the lower one first. One point stands twice.
    pub neighbours: Option<[Point; 2]>,
    /// The number of the axis along which it looked.
    pub axis: Option<usize>,
    /// What it compared, by name with the unit last, such as `gain` and `threshold`. Names are columns of a table.
    pub figures: Vec<(&'static str, f64)>,
    /// Whether the rule speaks against the point also where the search was stopped before its end.
    pub is_final: bool,
}

impl SkipReason {
    /// A final reason that looked at no neighbours and compared nothing yet.
    #[must_use]
    pub fn new(rule: &'static str, sentence: String) -> Self {
        Self { rule, sentence, neighbours: None, axis: None, figures: Vec::new(), is_final: true }
    }

    /// A figure that the rule compared.
    #[must_use]
    pub fn figure(&self, name: &str) -> Option<f64> {
        self.figures.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// The point lies beyond where expansion stopped: the last step on the way to it gained too little.
    ///
    /// `gain` is the best relative improvement of any objective over that step, `threshold` the expansion threshold tau_e.
    pub(super) fn diminishing_return(
        axis: usize,
        [from, to]: [&Point; 2],
        gain: f64,
        threshold: f64,
    ) -> Self {
        let sentence = format!(
            "beyond the step along axis {axis} from {from} to {to}, which gained {:.3} % where {:.3} % is asked",
            100.0 * gain,
            100.0 * threshold
        );
        Self {
            neighbours: Some([from.clone(), to.clone()]),
            axis: Some(axis),
            figures: vec![("gain", gain), ("threshold", threshold)],
            ..Self::new("diminishing-return", sentence)
        }
    }

    /// The point lies between evaluated neighbours, and what bends there could add little to the front: `could_add_share` of
    /// its hypervolume.
    pub(super) fn flat([lower, upper]: [&Point; 2], could_add_share: f64, threshold: f64) -> Self {
        let sentence = format!(
            "between {lower} and {upper}, whose middle could add {:.3} % of the hypervolume where {:.3} % is asked",
            100.0 * could_add_share,
            100.0 * threshold
        );
        Self {
            neighbours: Some([lower.clone(), upper.clone()]),
            figures: vec![("could_add_share", could_add_share), ("threshold", threshold)],
            is_final: could_add_share < threshold,
            ..Self::new("flat", sentence)
        }
    }

    /// The evaluated point among these is not on the front, or hardly matters there, so that its axes were not followed.
    pub(super) fn off_front(nearest: &Point, rests_on_share: f64, threshold: f64) -> Self {
        let sentence = format!(
            "around {nearest}, on which {:.3} % of the hypervolume rests where {:.3} % is asked",
            100.0 * rests_on_share,
            100.0 * threshold
        );
        Self {
            neighbours: Some([nearest.clone(), nearest.clone()]),
            figures: vec![("rests_on_share", rests_on_share), ("threshold", threshold)],
            is_final: rests_on_share < threshold,
            ..Self::new("off-front", sentence)
        }
    }

    /// Even at its best no point would add much to the front; `best` has the objectives, in words, of the one that could add
    /// most.
    pub(super) fn bounded(best: &str, could_add_share: f64) -> Self {
        let sentence =
            format!("at best {best}, which would add {:.3} % of the hypervolume", 100.0 * could_add_share);
        Self { figures: vec![("could_add_share", could_add_share)], ..Self::new("bounded", sentence) }
    }

    /// The search might have gone on to the point, but the allowed number of evaluations was spent.
    pub(super) fn budget(evaluations: usize) -> Self {
        Self::new("budget", format!("the {evaluations} allowed evaluations were spent"))
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}
