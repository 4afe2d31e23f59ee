//! `[uncertainty]`: the evaluations besides the search, so that nobody buys noise or an assumption.

use deployment::{Deployment, Problem, Source};
use kareto::DesignSpace;
use kareto::robust::joint::joint_space;
use kareto::uncertainty::LEAST_RESAMPLES;

use crate::evaluate::{ASSUMPTION, RESAMPLE, Variation};
use crate::file;

/// The largest number of resamples. The archive's axis has as many, so a run with more of them goes on where a run with
/// fewer ended.
const MOST_RESAMPLES: u32 = 199;

/// The evaluations besides the search.
pub(crate) struct UncertaintyPlan {
    /// How many resamples are evaluated.
    pub(crate) resamples: u32,
    pub(crate) of_resamples: Varied,
    /// `None` where the file turns assumptions off.
    pub(crate) of_assumptions: Option<Varied>,
}

/// Variations, and the space of points that have a variation in front.
pub(crate) struct Varied {
    pub(crate) variations: Vec<Variation>,
    pub(crate) space: DesignSpace,
}

impl Varied {
    /// The names of the variations.
    pub(crate) fn names(&self) -> Vec<String> {
        let axis = &self.space.axes()[0];
        (0..axis.len() as u32).map(|position| axis.value(position).to_string()).collect()
    }

    pub(super) fn new(
        source: &Source,
        axis: &str,
        named: Vec<(String, Variation)>,
        space: &DesignSpace,
    ) -> Result<Self, Problem> {
        let (names, variations): (Vec<String>, _) = named.into_iter().unzip();
        let space = joint_space(axis, &names, space)
            .map_err(|error| source.error_in_file(format!("with an axis of {axis}s, {error}")))?;
        Ok(Self { variations, space })
    }
}

impl UncertaintyPlan {
    /// Resolves `[uncertainty]`, if the file has it. `space` is the archive's.
    pub(crate) fn new(
        source: &Source,
        file: &file::File,
        system: &Deployment,
        space: &DesignSpace,
    ) -> Result<Option<Self>, Problem> {
        let Some(wire) = &file.uncertainty else { return Ok(None) };
        let least = LEAST_RESAMPLES as u32;
        let resamples = wire.get_ref().resamples.as_ref();
        if let Some(wrong) = resamples.filter(|it| !(least..=MOST_RESAMPLES).contains(it.get_ref())) {
            let message = format!(
                "resamples is {}; allowed: {least} to {MOST_RESAMPLES}, for fewer do not bound 95 %",
                wrong.get_ref()
            );
            return Err(source.error(wrong.span(), message, "here"));
        }
        let numbered = (1..=MOST_RESAMPLES)
            .map(|number| (number.to_string(), Variation::Resample(u64::from(number))))
            .collect();
        let assumptions = Variation::assumptions(system);
        let assumed = || Varied::new(source, ASSUMPTION, assumptions, space);
        Ok(Some(Self {
            resamples: resamples.map_or(least, |it| *it.get_ref()),
            of_resamples: Varied::new(source, RESAMPLE, numbered, space)?,
            of_assumptions: wire.get_ref().assumptions.then(assumed).transpose()?,
        }))
    }
}
