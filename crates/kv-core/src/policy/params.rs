//! Parameters checked against what their owner declares, whatever the owner is.
//!
//! A row of any registry (a policy, a search) declares its parameters as [`ParamSpec`]s. [`Params::check`] compares what a
//! file gives with them and fills in defaults. It does not know the owner: whoever calls it names the owner in the message.

use super::{ParamKind, ParamSpec, Params};
use std::fmt;
use thiserror::Error;

/// The values that a parameter may have, as messages print them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParamRange {
    /// Smallest allowed.
    pub min: f64,
    /// Largest allowed.
    pub max: f64,
    /// Its unit.
    pub unit: &'static str,
}

impl fmt::Display for ParamRange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}..={} [{}]", self.min, self.max, self.unit)
    }
}

/// Parameters that do not fit the declaration.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ParamFault {
    /// The owner declares no such parameter.
    #[error("there is no parameter `{key}`; allowed: {allowed}")]
    Unknown {
        /// The key that was given.
        key: String,
        /// The keys that are declared, separated by commas.
        allowed: String,
    },
    /// A parameter without default was not given.
    #[error("`{key}` is missing; allowed: a number in {range}")]
    Missing {
        /// The key.
        key: &'static str,
        /// What is allowed.
        range: ParamRange,
    },
    /// A value outside its range, or not a number.
    #[error("`{key}` = {value} is outside {range}")]
    OutOfRange {
        /// The key.
        key: &'static str,
        /// The value given.
        value: f64,
        /// What is allowed.
        range: ParamRange,
    },
    /// A fraction where only whole numbers are allowed.
    #[error("`{key}` = {value} is not a whole number in {range}")]
    NotWhole {
        /// The key.
        key: &'static str,
        /// The value given.
        value: f64,
        /// What is allowed.
        range: ParamRange,
    },
}

impl ParamSpec {
    /// The values that it allows.
    #[must_use]
    pub fn range(&self) -> ParamRange {
        ParamRange { min: self.min, max: self.max, unit: self.unit }
    }
}

impl Params {
    /// Checks `given` against the declared parameters and fills in defaults.
    ///
    /// # Errors
    /// An unknown key, a value outside its range, or a parameter that has no default and is not given.
    pub fn check(specs: &[ParamSpec], given: &[(String, f64)]) -> Result<Self, ParamFault> {
        if let Some((key, _)) = given.iter().find(|(key, _)| !specs.iter().any(|spec| spec.name == key)) {
            let allowed = specs.iter().map(|spec| spec.name).collect::<Vec<_>>().join(", ");
            return Err(ParamFault::Unknown { key: key.clone(), allowed });
        }
        let value = |spec: &ParamSpec| {
            let (key, range) = (spec.name, spec.range());
            let found = given.iter().find(|(name, _)| name == key).map(|(_, value)| *value);
            let value = found.or(spec.default).ok_or(ParamFault::Missing { key, range })?;
            if !(value >= range.min && value <= range.max) {
                return Err(ParamFault::OutOfRange { key, value, range });
            }
            if spec.kind == ParamKind::Whole && value.fract() != 0.0 {
                return Err(ParamFault::NotWhole { key, value, range });
            }
            Ok((key, value))
        };
        Ok(Self(specs.iter().map(value).collect::<Result<_, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_filled_in_and_mistakes_are_named() {
        let tau = ParamSpec {
            name: "tau",
            unit: "1",
            kind: ParamKind::Real,
            default: Some(0.5),
            min: 0.0,
            max: 1.0,
            doc: "a share",
        };
        let size = ParamSpec { name: "size_gib", unit: "GiB", default: None, ..tau };
        let check = |given: &[(&str, f64)]| {
            let given: Vec<(String, f64)> =
                given.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect();
            Params::check(&[tau, size], &given).map_err(|fault| fault.to_string())
        };
        assert_eq!(check(&[("size_gib", 1.0)]).unwrap().as_slice(), [("tau", 0.5), ("size_gib", 1.0)]);
        let said = [&[("tau", 0.1)][..], &[("size_gib", 2.0)], &[("size_gib", f64::NAN)], &[("sise", 1.0)]]
            .map(|given| check(given).unwrap_err());
        assert_eq!(said[0], "`size_gib` is missing; allowed: a number in 0..=1 [GiB]");
        assert_eq!(said[1], "`size_gib` = 2 is outside 0..=1 [GiB]");
        assert_eq!(said[2], "`size_gib` = NaN is outside 0..=1 [GiB]");
        assert_eq!(said[3], "there is no parameter `sise`; allowed: tau, size_gib");
    }
}
