//! `[sensitivity]`: every price and every parameter of the simulation, each varied alone.

use std::ops::RangeInclusive;

use deployment::{Deployment, Problem, Source};
use kareto::DesignSpace;
use toml::Spanned;

use super::uncertainty::Varied;
use crate::evaluate::{PARAMETER, Variation};
use crate::file;
use crate::findings::Among;

/// The factors where the file gives none.
const FACTORS: [f64; 2] = [0.5, 2.0];
/// The factors that are allowed.
const ALLOWED: RangeInclusive<f64> = 0.01..=100.0;
/// The part of the cost that is no tier.
const GPU: &str = "gpu";

/// What is varied.
pub(crate) struct SensitivityPlan {
    /// The configurations that are simulated again.
    pub(crate) among: Among,
    /// The parts of the cost with the factors on their prices, increasing.
    pub(crate) prices: Vec<(String, Vec<f64>)>,
    /// The parameters that need simulations, each times a factor.
    pub(crate) varied: Varied,
}

impl SensitivityPlan {
    /// Resolves `[sensitivity]`, if the file has it. `space` is the archive's.
    pub(crate) fn new(
        source: &Source,
        file: &file::File,
        system: &Deployment,
        space: &DesignSpace,
    ) -> Result<Option<Self>, Problem> {
        let Some(wire) = file.sensitivity.as_ref().map(Spanned::get_ref) else { return Ok(None) };
        let factors = match &wire.factors {
            Some(given) => checked(source, "factors", given)?,
            None => FACTORS.to_vec(),
        };
        if !(factors.iter().any(|it| *it < 1.0) && factors.iter().any(|it| *it > 1.0)) {
            let message = format!("factors is {factors:?}; allowed: at least one below 1 and one above 1");
            let span = wire.factors.as_ref().map_or(0..0, Spanned::span);
            return Err(source.error(span, message, "here"));
        }
        let parameters = Variation::parameters(system);
        let named = parameters.iter().flat_map(|(name, variation)| {
            factors.iter().map(move |factor| (format!("{name}-x{factor}"), variation(*factor)))
        });
        Ok(Some(Self {
            among: among(source, wire.among.as_ref())?,
            prices: prices(source, wire, system, &factors)?,
            varied: Varied::new(source, PARAMETER, named.collect(), space)?,
        }))
    }
}

fn among(source: &Source, wire: Option<&Spanned<String>>) -> Result<Among, Problem> {
    let Some(wire) = wire else { return Ok(Among::Front) };
    let known = [Among::Front, Among::All];
    known.into_iter().find(|it| it.name() == wire.get_ref()).ok_or_else(|| {
        let message = format!("among is `{}`; allowed: front, all", wire.get_ref());
        source.error(wire.span(), message, "here")
    })
}

/// The factors on the price of each part of the cost: those of all parameters, and its own.
fn prices(
    source: &Source,
    wire: &file::Sensitivity,
    system: &Deployment,
    factors: &[f64],
) -> Result<Vec<(String, Vec<f64>)>, Problem> {
    let tiers = system.tiers.iter().map(|tier| tier.name.clone());
    let parts: Vec<String> = std::iter::once(GPU.to_owned()).chain(tiers).collect();
    if let Some(unknown) = wire.prices.keys().find(|part| !parts.contains(part.get_ref())) {
        let message = format!("there is no price of `{}`; allowed: {}", unknown.get_ref(), parts.join(", "));
        return Err(source.error(unknown.span(), message, "here"));
    }
    let of = |part: String| {
        let own = wire.prices.iter().find(|(known, _)| *known.get_ref() == part);
        let own = own.map(|(_, own)| checked(source, &part, own)).transpose()?.unwrap_or_default();
        let mut all = [factors, &own].concat();
        all.sort_by(f64::total_cmp);
        all.dedup();
        Ok((part, all))
    };
    let mut prices = parts.into_iter().map(of).collect::<Result<Vec<_>, Problem>>()?;
    // As the manifest has them.
    prices.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(prices)
}

/// Factors in increasing order.
fn checked(source: &Source, key: &str, given: &Spanned<Vec<f64>>) -> Result<Vec<f64>, Problem> {
    let is_wrong = |factor: &f64| !ALLOWED.contains(factor) || factor.to_bits() == 1_f64.to_bits();
    let mut factors = given.get_ref().clone();
    factors.sort_by(f64::total_cmp);
    factors.dedup();
    if factors.is_empty() || factors.len() < given.get_ref().len() || factors.iter().any(is_wrong) {
        let message = format!(
            "{key} is {:?}; allowed: distinct factors from 0.01 to 100, other than 1",
            given.get_ref()
        );
        return Err(source.error(given.span(), message, "here"));
    }
    Ok(factors)
}
