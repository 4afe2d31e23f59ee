//! The table of policies: names, papers, parameters with units and ranges, and how to build one.
//!
//! A registry is an explicit list made by whoever assembles the program; nothing registers itself. Parameters are
//! checked against their [`ParamSpec`] before anything runs, so that `build` cannot fail.

use super::params::ParamFault;
use super::{EngineDefaults, EvictionPolicy, Lease, LeasePolicy};
use super::{Router, RouterContext, Scheduler, SchedulerContext};
use crate::{Revision, Trace};
use std::fmt;
use thiserror::Error;

/// What an eviction or lease policy may know when it is built.
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

/// Which numbers a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// Every number within the range.
    Real,
    /// Whole numbers within the range.
    Whole,
}

/// A numeric parameter of a policy.
#[derive(Debug, Clone, Copy)]
pub struct ParamSpec {
    /// Key in the experiment file, unit last: `ttl_s`.
    pub name: &'static str,
    /// Unit as printed: `s`, `blocks`, or `1` for a plain ratio.
    pub unit: &'static str,
    /// Which numbers it takes.
    pub kind: ParamKind,
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

    /// The value of `name`, a parameter of [`ParamKind::Whole`].
    ///
    /// # Panics
    /// If the spec has no such parameter: a mistake in the policy's own file.
    #[must_use]
    pub fn whole(&self, name: &str) -> u64 {
        self.get(name) as u64
    }

    /// All keys and values, in the order of the spec.
    #[must_use]
    pub fn as_slice(&self) -> &[(&'static str, f64)] {
        &self.0
    }
}

/// How a policy of each role is made.
#[derive(Clone, Copy)]
pub enum Build {
    /// Makes an eviction policy.
    Eviction(fn(&Params, &Context<'_>) -> Box<dyn EvictionPolicy>),
    /// Makes a lease policy.
    Lease(fn(&Params, &Context<'_>) -> Box<dyn LeasePolicy>),
    /// Makes a router.
    Router(fn(&Params, &RouterContext<'_>) -> Box<dyn Router>),
    /// The habits of the scheduler's engine, which hold unless a file says otherwise; and what makes a scheduler.
    Scheduler(EngineDefaults, fn(&Params, &SchedulerContext) -> Box<dyn Scheduler>),
}

/// What a policy decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Who leaves next.
    Eviction,
    /// How long a block may idle.
    Lease,
    /// Which instance serves a request.
    Router,
    /// Who takes part in an engine's step.
    Scheduler,
}

impl Role {
    /// What a policy of this role is called in messages: `policy` for those of a tier.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Eviction | Self::Lease => "policy",
            Self::Router => "router",
            Self::Scheduler => "scheduler",
        }
    }
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
    /// Which code it is made of.
    pub revision: Revision,
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
            Build::Router(_) => Role::Router,
            Build::Scheduler(..) => Role::Scheduler,
        }
    }

    /// The habits of a scheduler's engine; `None` for a policy of another role.
    #[must_use]
    pub fn engine_defaults(&self) -> Option<EngineDefaults> {
        match self.build {
            Build::Scheduler(defaults, _) => Some(defaults),
            Build::Eviction(_) | Build::Lease(_) | Build::Router(_) => None,
        }
    }

    /// Checks `given` against the spec and fills in defaults.
    ///
    /// # Errors
    /// An unknown key, a value outside its range, a fraction where the parameter is [`ParamKind::Whole`], or a
    /// required parameter that is absent.
    pub fn params(&self, given: &[(String, f64)]) -> Result<Params, ParamError> {
        Params::check(self.params, given).map_err(|fault| ParamError { policy: self.name, fault })
    }
}

/// Parameters that do not fit a policy's spec.
#[derive(Debug, Clone, PartialEq, Error)]
pub struct ParamError {
    /// The policy.
    pub policy: &'static str,
    /// What is wrong, and what is allowed.
    pub fault: ParamFault,
}

impl fmt::Display for ParamError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policy, fault } = self;
        match fault {
            ParamFault::Unknown { key, allowed } => {
                write!(out, "policy `{policy}` has no parameter `{key}`; it has: {allowed}")
            }
            ParamFault::Missing { key, range } => {
                write!(out, "policy `{policy}` needs `{key}`, a number in {range}")
            }
            ParamFault::OutOfRange { .. } | ParamFault::NotWhole { .. } => {
                write!(out, "policy `{policy}`: {fault}")
            }
        }
    }
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
        let (role, name) = (spec.role(), spec.name);
        assert!(self.find(role, name).is_none(), "{} `{name}` is registered twice", role.noun());
        self.specs.push(spec);
    }

    /// Whether a policy's author states no revision of its code.
    #[must_use]
    pub fn has_unstated(&self) -> bool {
        self.specs.iter().any(|spec| spec.revision == Revision::Unstated)
    }

    /// Names `program`, the code of the running program, as the revision of all policies whose authors state none.
    pub fn state(&mut self, program: &'static [&'static str]) {
        self.specs.iter_mut().for_each(|spec| spec.revision = spec.revision.or(program));
    }

    /// The policy of this role and name.
    #[must_use]
    pub fn find(&self, role: Role, name: &str) -> Option<&Spec> {
        self.of_role(role).find(|spec| spec.name == name)
    }

    /// The rows of one role, in order of registration.
    pub fn of_role(&self, role: Role) -> impl Iterator<Item = &Spec> {
        self.specs.iter().filter(move |spec| spec.role() == role)
    }

    /// All rows, in order of registration.
    #[must_use]
    pub fn specs(&self) -> &[Spec] {
        &self.specs
    }

    /// Names of one role, separated by commas, for error messages.
    #[must_use]
    pub fn names(&self, role: Role) -> String {
        self.of_role(role).map(|spec| spec.name).collect::<Vec<_>>().join(", ")
    }
}
