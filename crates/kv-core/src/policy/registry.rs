//! The table of policies: names, papers, parameters with units and ranges, and how to build one.
//!
//! A registry is an explicit list made by whoever assembles the program; nothing registers itself. Parameters are
//! checked against their [`ParamSpec`] before anything runs, so that `build` cannot fail.

use super::{EvictionPolicy, Lease, LeasePolicy};
use crate::Trace;
use thiserror::Error;

/// What a policy may know when it is built.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The trace to be replayed. Only offline policies (Belady, oracles) may look at what is yet to come; others
    /// may use its shape: how many blocks it names and which block follows which.
    pub trace: &'a Trace,
    /// Blocks that the tier can hold; `None` where only leases bound it.
    pub capacity_blocks: Option<u32>,
    /// Seed of the policy's own stream of random numbers.
    pub seed: u64,
    /// Lease of each prefix group, by [`Group`](crate::Group) number, as a tuner sets them. Groups beyond the end,
    /// and all of them where it is empty, are [`Lease::Unlimited`].
    pub group_leases: &'a [Lease],
}

/// A numeric parameter of a policy.
#[derive(Debug, Clone, Copy)]
pub struct ParamSpec {
    /// Key in the experiment file, unit last: `ttl_s`.
    pub name: &'static str,
    /// Unit as printed: `s`, `blocks`, or `1` for a plain ratio.
    pub unit: &'static str,
    /// Value used where the file gives none; `None` makes the parameter required.
    pub default: Option<f64>,
    /// Smallest allowed value.
    pub min: f64,
    /// Largest allowed value.
    pub max: f64,
    /// One line on what it does.
    pub doc: &'static str,
}

/// Checked parameters: every key of the spec has a value within its range.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Params(pub(super) Vec<(&'static str, f64)>);

impl Params {
    /// The value of `name`.
    ///
    /// # Panics
    /// If the spec has no such parameter: a mistake in the policy's own file.
    #[must_use]
    pub fn get(&self, name: &str) -> f64 {
        self.0
            .iter()
            .find(|(key, _)| *key == name)
            .unwrap_or_else(|| panic!("the spec has no parameter `{name}`"))
            .1
    }

    /// All keys and values, in the order of the spec.
    #[must_use]
    pub fn as_slice(&self) -> &[(&'static str, f64)] {
        &self.0
    }
}

/// How a policy of either role is made.
#[derive(Clone, Copy)]
pub enum Build {
    /// Makes an eviction policy.
    Eviction(fn(&Params, &Context<'_>) -> Box<dyn EvictionPolicy>),
    /// Makes a lease policy.
    Lease(fn(&Params, &Context<'_>) -> Box<dyn LeasePolicy>),
}

/// What a policy decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Who leaves next.
    Eviction,
    /// How long a block may idle.
    Lease,
}

/// One row of the catalogue.
#[derive(Clone, Copy)]
pub struct Spec {
    /// Name in files and on the command line: lower case, dashes.
    pub name: &'static str,
    /// One line on what it does.
    pub summary: &'static str,
    /// Paper or origin.
    pub source: &'static str,
    /// Parameters, in the order in which they are printed.
    pub params: &'static [ParamSpec],
    /// How to make one; also says its role.
    pub build: Build,
}

impl Spec {
    /// What it decides.
    #[must_use]
    pub fn role(&self) -> Role {
        match self.build {
            Build::Eviction(_) => Role::Eviction,
            Build::Lease(_) => Role::Lease,
        }
    }

    /// Checks `given` against the spec and fills in defaults.
    ///
    /// # Errors
    /// An unknown key, a value outside its range, or a required parameter that is absent.
    pub fn params(&self, given: &[(String, f64)]) -> Result<Params, ParamError> {
        let known = || self.params.iter().map(|p| p.name).collect::<Vec<_>>().join(", ");
        for (key, _) in given {
            if !self.params.iter().any(|p| p.name == key) {
                return Err(ParamError::Unknown { policy: self.name, key: key.clone(), allowed: known() });
            }
        }
        let mut values = Vec::with_capacity(self.params.len());
        for spec in self.params {
            let found = given.iter().find(|(key, _)| key == spec.name).map(|(_, value)| *value);
            let value = found.or(spec.default).ok_or(ParamError::Missing {
                policy: self.name,
                key: spec.name,
                min: spec.min,
                max: spec.max,
                unit: spec.unit,
            })?;
            if !(value >= spec.min && value <= spec.max) {
                return Err(ParamError::OutOfRange {
                    policy: self.name,
                    key: spec.name,
                    value,
                    min: spec.min,
                    max: spec.max,
                    unit: spec.unit,
                });
            }
            values.push((spec.name, value));
        }
        Ok(Params(values))
    }
}

/// Parameters that do not fit a policy's spec.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ParamError {
    /// The policy has no such parameter.
    #[error("policy `{policy}` has no parameter `{key}`; it has: {allowed}")]
    Unknown {
        /// The policy.
        policy: &'static str,
        /// The key that was given.
        key: String,
        /// The keys that it has.
        allowed: String,
    },
    /// A parameter without default was not given.
    #[error("policy `{policy}` needs `{key}`, a number in {min}..={max} [{unit}]")]
    Missing {
        /// The policy.
        policy: &'static str,
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
    #[error("policy `{policy}`: `{key}` = {value} is outside {min}..={max} [{unit}]")]
    OutOfRange {
        /// The policy.
        policy: &'static str,
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

/// An ordered list of policies.
#[derive(Clone, Default)]
pub struct Registry {
    specs: Vec<Spec>,
}

impl Registry {
    /// A registry with these rows.
    ///
    /// # Panics
    /// If two policies of one role share a name.
    #[must_use]
    pub fn new(specs: &[Spec]) -> Self {
        let mut registry = Self::default();
        for spec in specs {
            registry.add(*spec);
        }
        registry
    }

    /// Adds a row.
    ///
    /// # Panics
    /// If its role already has a policy of that name.
    pub fn add(&mut self, spec: Spec) {
        assert!(self.find(spec.role(), spec.name).is_none(), "policy `{}` is registered twice", spec.name);
        self.specs.push(spec);
    }

    /// The policy of this role and name.
    #[must_use]
    pub fn find(&self, role: Role, name: &str) -> Option<&Spec> {
        self.specs.iter().find(|spec| spec.role() == role && spec.name == name)
    }

    /// All rows, in order of registration.
    #[must_use]
    pub fn specs(&self) -> &[Spec] {
        &self.specs
    }

    /// Names of one role, separated by commas, for error messages.
    #[must_use]
    pub fn names(&self, role: Role) -> String {
        self.specs.iter().filter(|s| s.role() == role).map(|s| s.name).collect::<Vec<_>>().join(", ")
    }
}
