//! Settings: the parts of a system that an axis, a point or `--set` may change by name.
//!
//! The name of a number ends with its unit. A tier's settings begin with the tier's name: `dram_gib`, `disk_lease_s`,
//! `disk_medium`. There is one table, so every axis is a setting, and every setting may be an axis.

use std::sync::Arc;

use kv_core::policy::{Role, Spec};
use kv_core::units::GIB;
use tier_sim::{MOST_INSTANCES, Policy};

use crate::choices::{self, choose};
use crate::configuration;
use crate::deployment::{Deployment, Size};
use crate::policy::find_policy;
use crate::problem::Problem;
use crate::value::{AxisValues, SettingValue};

/// One changeable part of a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    Instances,
    MaxBatchedTokens,
    MaxSeqs,
    WindowTokens,
    Router,
    Scheduler,
    LoadDecision,
    /// Several settings under a name of the file.
    Configuration,
    Tier {
        index: usize,
        part: TierPart,
    },
}

/// One changeable part of a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TierPart {
    /// Size \[GiB\]; 0 means that there is no such tier.
    Gib,
    /// A fixed lease \[s\]; 0 means that there is no such tier.
    LeaseS,
    Medium,
    Eviction,
    Lease,
    Write,
    /// How an incomplete prefetch from the tier ends.
    Prefetch,
}

/// A PiB \[GiB\]: far more than any instance has, and far from overflowing bytes.
const MOST_GIB: u64 = 1 << 20;
/// Ten years \[s\].
const MOST_LEASE_S: u64 = 315_360_000;

const SYSTEM: [(&str, Setting); 7] = [
    ("instances", Setting::Instances),
    ("max_batched_tokens", Setting::MaxBatchedTokens),
    ("max_seqs", Setting::MaxSeqs),
    ("window_tokens", Setting::WindowTokens),
    ("router", Setting::Router),
    ("scheduler", Setting::Scheduler),
    ("load_decision", Setting::LoadDecision),
];

const TIER: [(&str, TierPart); 7] = [
    ("gib", TierPart::Gib),
    ("lease_s", TierPart::LeaseS),
    ("medium", TierPart::Medium),
    ("eviction", TierPart::Eviction),
    ("lease", TierPart::Lease),
    ("write", TierPart::Write),
    ("prefetch", TierPart::Prefetch),
];

impl Deployment {
    /// The same deployment with one setting changed, such as `dram_gib` or `disk_lease_s`.
    ///
    /// # Errors
    /// Returns a message that says what is allowed: all settings, or the values of this one.
    pub fn with(&self, name: &str, value: &SettingValue) -> Result<Self, String> {
        let mut changed = self.clone();
        changed.set(name, value)?;
        Ok(changed)
    }

    /// Changes one setting in place. After an error the deployment must not be used.
    ///
    /// # Errors
    /// Those of [`Self::with`].
    pub fn set(&mut self, name: &str, value: &SettingValue) -> Result<(), String> {
        Setting::find(name, self)?.apply(name, value, self)
    }

    /// The values of an axis of a setting. `["all"]` stands for all names.
    ///
    /// # Errors
    /// There is no setting of that name. The message lists all settings.
    pub fn axis_values(&self, name: &str, values: &AxisValues) -> Result<AxisValues, String> {
        Ok(Setting::find(name, self)?.expanded(values, self))
    }
}

impl Deployment {
    /// A policy of the registry that the deployment was loaded with, with checked parameters.
    ///
    /// # Errors
    /// Returns a message that lists the policies, or the range of a parameter.
    pub fn policy(&self, role: Role, name: &str, given: &[(String, f64)]) -> Result<Policy, String> {
        find_policy(&self.registry, role, name, given)
    }
}

impl Setting {
    /// The setting of this name, or a message that lists the settings of this system.
    pub(crate) fn find(name: &str, plan: &Deployment) -> Result<Self, String> {
        let all = Self::all(plan);
        all.iter().find(|(known, _)| known == name).map(|(_, setting)| *setting).ok_or_else(|| {
            let known: Vec<&str> = all.iter().map(|(known, _)| known.as_str()).collect();
            format!("there is no setting `{name}`; allowed: {}", known.join(", "))
        })
    }

    fn all(plan: &Deployment) -> Vec<(String, Self)> {
        let system = SYSTEM.iter().map(|(name, setting)| ((*name).to_owned(), *setting));
        let named =
            (!plan.configurations.is_empty()).then(|| (configuration::NAME.to_owned(), Self::Configuration));
        let tiers = plan.tiers.iter().enumerate().flat_map(|(index, tier)| {
            // There is no prefetch from the first tier, because prefetches go to it.
            TIER.iter().filter(move |(_, part)| index > 0 || *part != TierPart::Prefetch).map(
                move |(part, field)| (format!("{}_{part}", tier.name), Self::Tier { index, part: *field }),
            )
        });
        system.chain(named).chain(tiers).collect()
    }

    /// The values of an axis of this setting. `["all"]` stands for every name: all configurations of the file, or all
    /// policies that need no parameters.
    pub(crate) fn expanded(self, values: &AxisValues, plan: &Deployment) -> AxisValues {
        let policies = |role| {
            let usable = |spec: &&Spec| spec.role() == role && spec.params(&[]).is_ok();
            plan.registry.specs().iter().filter(usable).map(|spec| spec.name.to_owned()).collect()
        };
        match (self, values) {
            (_, AxisValues::Names(names)) if names.as_slice() != ["all"] => values.clone(),
            (Self::Configuration, AxisValues::Names(_)) => {
                AxisValues::Names(plan.configurations.iter().map(|known| known.name.clone()).collect())
            }
            (Self::Tier { part: TierPart::Eviction, .. }, AxisValues::Names(_)) => {
                AxisValues::Names(policies(Role::Eviction))
            }
            (Self::Tier { part: TierPart::Lease, .. }, AxisValues::Names(_)) => {
                AxisValues::Names(policies(Role::Lease))
            }
            (Self::Router, AxisValues::Names(_)) => AxisValues::Names(policies(Role::Router)),
            (Self::Scheduler, AxisValues::Names(_)) => AxisValues::Names(policies(Role::Scheduler)),
            _ => values.clone(),
        }
    }

    /// Changes the deployment, or says what is allowed. After an error the deployment must not be used.
    pub(crate) fn apply(self, name: &str, value: &SettingValue, plan: &mut Deployment) -> Result<(), String> {
        match self {
            Self::Instances => plan.instances = positive(name, value, MOST_INSTANCES)?,
            Self::MaxBatchedTokens => plan.max_batched_tokens = positive(name, value, u32::MAX)?,
            Self::MaxSeqs => plan.max_seqs = positive(name, value, u32::MAX)?,
            Self::WindowTokens => plan.window_tokens = Some(positive(name, value, u32::MAX)?),
            Self::Router => {
                plan.router = choices::choose_policy(&plan.registry, Role::Router, name, text(name, value)?)?
            }
            Self::Scheduler => {
                plan.scheduler =
                    choices::choose_policy(&plan.registry, Role::Scheduler, name, text(name, value)?)?
            }
            Self::LoadDecision => {
                plan.load_decision = choose(choices::LOAD_DECISIONS, name, text(name, value)?)?
            }
            Self::Configuration => return configuration::apply(text(name, value)?, plan),
            Self::Tier { index, part } => return part.apply(index, name, value, plan),
        }
        Ok(())
    }
}

impl TierPart {
    fn apply(
        self,
        index: usize,
        name: &str,
        value: &SettingValue,
        plan: &mut Deployment,
    ) -> Result<(), String> {
        let (registry, engine) = (Arc::clone(&plan.registry), plan.engine_defaults());
        let tier = &mut plan.tiers[index];
        match self {
            Self::Gib => {
                let gib = natural(name, value, "GiB", MOST_GIB)?;
                tier.size = Some(Size::Bytes(gib * GIB));
            }
            Self::LeaseS => {
                let seconds = natural(name, value, "seconds", MOST_LEASE_S)?;
                let given = [("ttl_s".to_owned(), seconds as f64)];
                tier.lease = find_policy(&registry, Role::Lease, "fixed", &given)?;
            }
            Self::Medium => {
                let found = plan.media.find(text(name, value)?);
                let priced = found.and_then(|m| plan.hardware.prices.gib_hour(m.price_name()).map(|_| m));
                tier.medium = priced.map_err(|error| Problem::from(error).message)?;
            }
            Self::Eviction => {
                tier.eviction = find_policy(&registry, Role::Eviction, text(name, value)?, &[])?
            }
            Self::Lease => tier.lease = find_policy(&registry, Role::Lease, text(name, value)?, &[])?,
            Self::Write => tier.write = choose(choices::WRITES, name, text(name, value)?)?,
            Self::Prefetch => {
                tier.prefetch.stop = Some(choose(choices::STOPS, name, text(name, value)?)?);
                tier.prefetch.resolve(engine).map_err(|error| format!("{name} is {error}"))?;
            }
        }
        Ok(())
    }
}

fn natural(name: &str, value: &SettingValue, unit: &str, most: u64) -> Result<u64, String> {
    let number = match value {
        SettingValue::Integer(number) => u64::try_from(*number).ok().filter(|number| *number <= most),
        SettingValue::Name(_) => None,
    };
    number.ok_or_else(|| format!("{name} is `{value}`; allowed: a whole number of {unit} from 0 to {most}"))
}

fn positive(name: &str, value: &SettingValue, most: u32) -> Result<u32, String> {
    let number = match value {
        SettingValue::Integer(number) => {
            u32::try_from(*number).ok().filter(|number| (1..=most).contains(number))
        }
        SettingValue::Name(_) => None,
    };
    number.ok_or_else(|| format!("{name} is `{value}`; allowed: a whole number from 1 to {most}"))
}

fn text<'a>(name: &str, value: &'a SettingValue) -> Result<&'a str, String> {
    match value {
        SettingValue::Name(text) => Ok(text),
        SettingValue::Integer(number) => Err(format!("{name} is {number}; allowed: a name")),
    }
}
