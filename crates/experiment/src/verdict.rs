//! The verdict on a claim: what somebody says, beside what was measured.

/// The verdict on a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The figure is within the accepted band.
    Reproduced,
    /// The figure has the paper's direction and is short of the band.
    Weaker,
    /// The figure has the paper's direction and is beyond the band.
    Stronger,
    /// The figure shows no effect, or the other direction.
    Contradicted,
    /// The run is not at full scale, or the points are not evaluated.
    NotMeasured,
}

impl Verdict {
    /// Whether our figure is as good as the claim says, or better.
    pub(crate) fn is_met(self) -> bool {
        is_met(self.name())
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Reproduced => "reproduced",
            Self::Weaker => "weaker",
            Self::Stronger => "stronger",
            Self::Contradicted => "contradicted",
            Self::NotMeasured => "not measured",
        }
    }
}

/// Whether a verdict, by its name in a table, is as good as the claim says, or better.
#[must_use]
pub fn is_met(verdict: &str) -> bool {
    [Verdict::Reproduced, Verdict::Stronger].iter().any(|it| it.name() == verdict)
}

/// A claim with its measured figure.
pub(crate) struct ClaimRow<'a> {
    pub(crate) id: &'a str,
    pub(crate) says: &'a str,
    pub(crate) unit: &'a str,
    pub(crate) paper: Option<f64>,
    pub(crate) accept: [f64; 2],
    pub(crate) ours: Option<f64>,
    pub(crate) verdict: Verdict,
    /// For a claim about regimes: where it is met.
    pub(crate) in_regimes: Option<InRegimes>,
}

/// In which regimes a claim is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InRegimes {
    /// The key of the regime with the best figure.
    pub(crate) best: String,
    /// How many regimes have a figure that is within the band or beyond it.
    pub(crate) met: usize,
    pub(crate) regimes: usize,
}

/// Judges a measured figure against a band and the paper's direction.
pub(crate) fn judge(paper: f64, [least, most]: [f64; 2], measured: Option<f64>) -> Verdict {
    match measured {
        None => Verdict::NotMeasured,
        Some(value) if (least..=most).contains(&value) => Verdict::Reproduced,
        Some(value) if value == 0.0 || (value > 0.0) != (paper > 0.0) => Verdict::Contradicted,
        Some(value) if value.abs() < least.abs().min(most.abs()) => Verdict::Weaker,
        Some(_) => Verdict::Stronger,
    }
}
