//! Parameters checked against what their owner declares, whatever the owner is.
//!
//! A row of any registry (a policy, a search) declares its parameters as [`ParamSpec`]s. [`Params::check`] compares what a
//! file gives with them and fills in defaults. It does not know the owner: whoever calls it names the owner in the message.

use super::{ParamKind, ParamSpec, Params};
use thiserror::Error;

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
    #[error("`{key}` is missing; allowed: a number in {min}..={max} [{unit}]")]
    Missing {
        /// The key.
        key: &'static str,
        /// Smallest allowed.
        min: f64,
        /// Largest allowed.
        max: f64,
        /// Its unit.
        unit: &'static str,
    },
    /// A value outside its range, or not a number.
    #[error("`{key}` = {value} is outside {min}..={max} [{unit}]")]
    OutOfRange {
        /// The key.
        key: &'static str,
        /// The value given.
        value: f64,
        /// Smallest allowed.
        min: f64,
        /// Largest allowed.
        max: f64,
        /// Its unit.
        unit: &'static str,
    },
    /// A fraction where only whole numbers are allowed.
    #[error("`{key}` = {value} is not a whole number in {min}..={max} [{unit}]")]
    NotWhole {
        /// The key.
        key: &'static str,
        /// The value given.
        value: f64,
        /// Smallest allowed.
        min: f64,
        /// Largest allowed.
        max: f64,
        /// Its unit.
        unit: &'static str,
    },
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
            let ParamSpec { name: key, unit, kind, min, max, .. } = *spec;
            let found = given.iter().find(|(name, _)| name == key).map(|(_, value)| *value);
            let value = found.or(spec.default).ok_or(ParamFault::Missing { key, min, max, unit })?;
            if !(value >= min && value <= max) {
                return Err(ParamFault::OutOfRange { key, value, min, max, unit });
            }
            if kind == ParamKind::Whole && value.fract() != 0.0 {
                return Err(ParamFault::NotWhole { key, value, min, max, unit });
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
