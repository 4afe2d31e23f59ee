//! When an instance must ask its waiting requests again.
//!
//! For each step that it chooses, an instance asks its waiting requests: is there HBM for the first of them, what do the
//! lower tiers hold of its prefix, is its prefetch over? It acts on the answers, and they stay true until something
//! changes. Most changes reach the instance by a call: a request arrives, a transfer of its own ends, a request ends. It
//! *notices* these. Until then it may take many equal steps at once, or sleep if it has nothing to compute. Other changes
//! come *silently*. The table says which answers can change silently, and when the instance asks again.
//!
//! | the answer depends on | it changes silently when | a busy instance asks again | an idle one |
//! |---|---|---|---|
//! | free HBM blocks | never | when it notices something | the same |
//! | a timeout of a prefetch | the time has come | at the next step | at that time |
//! | whether loading is sooner than computing | time passes | at the next step | when it notices something |
//! | a block of the nearest tier | its lease ends | at the next step | when the next lease ends |
//! | a block of a nearest tier that instances share | another instance copies or evicts | at the next step | when the tier's version changes |
//! | a block of a far tier | a tier below copies or evicts | at the next step | when it notices something |
//! | what the choice itself did after it had asked | at once | at the next step | when the next lease ends |
//!
//! So an answer either holds *until something is noticed*, or for *one step* only ([`Holds`]), and there may be a time at
//! which the instance must ask in any case. It errs on the safe side: to ask once too often costs time, and changes
//! nothing. The naive twin in the tests asks at every step.

use crate::scenario::{Load, Scenario, Scope};

/// How long the answers of the last choice stay true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// Until the instance notices something.
    UntilNoticed,
    /// For the step that was chosen; they may have changed at the next one.
    OneStep,
}

/// What the lower tiers can tell a request. It follows from the scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TierAnswers {
    /// Never to come again later: a request takes what is there.
    Final,
    /// To come again later. The instance notices every change of this answer but the end of a lease.
    Later,
    /// To come again later, and the answer changes silently: instances share the nearest tier, or far tiers are asked.
    LaterSilently,
}

/// When an instance must ask its waiting requests again.
#[derive(Debug)]
pub(crate) struct Recheck {
    tier_answers: TierAnswers,
    holds: Holds,
    /// When it must ask in any case \[ns\].
    at_ns: Option<u64>,
    /// Whether something was noticed since the step that is planned ahead was chosen.
    noticed: bool,
    /// The nearest tier's version when the instance last became idle.
    idle_since_version: u64,
    /// Who was found not to fit into HBM, and the pool's version then: while both are the same, so is the answer.
    does_not_fit: Option<(u32, u64)>,
}

impl Recheck {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let blocking = scenario.tiers.first().filter(|tier| tier.load == Load::Blocking);
        let tier_answers = match blocking.map(|tier| tier.scope) {
            _ if scenario.promotes_when_scheduled() => TierAnswers::LaterSilently,
            Some(Scope::Cluster) => TierAnswers::LaterSilently,
            Some(Scope::Instance) => TierAnswers::Later,
            None => TierAnswers::Final,
        };
        Self {
            tier_answers,
            holds: Holds::UntilNoticed,
            at_ns: None,
            noticed: false,
            idle_since_version: 0,
            does_not_fit: None,
        }
    }

    /// A choice begins: nothing is known that would make its answers change.
    pub(crate) fn choice_begins(&mut self) {
        self.holds = Holds::UntilNoticed;
        self.at_ns = None;
    }

    /// An answer may be another at the next step, whatever it depends on.
    pub(crate) fn holds_one_step(&mut self) {
        self.holds = Holds::OneStep;
    }

    /// A request waits for what the tiers tell; `leases_end` says whether a lease of the nearest tier can end.
    pub(crate) fn waits_for_tiers(&mut self, leases_end: bool) {
        if leases_end || self.tier_answers == TierAnswers::LaterSilently {
            self.holds = Holds::OneStep;
        }
    }

    /// The choice has put blocks on their way after it had asked: a tier may tell somebody to come again later.
    pub(crate) fn copies_begin(&mut self) {
        if self.tiers_say_later() {
            self.holds = Holds::OneStep;
        }
    }

    /// A request waits at most until `until_ns`.
    pub(crate) fn waits_until(&mut self, until_ns: u64) {
        self.at_ns = Some(self.at_ns.map_or(until_ns, |ns| ns.min(until_ns)));
    }

    /// The choice came to nothing, and the instance becomes idle; the next lease of the nearest tier ends at `expiry_ns`.
    pub(crate) fn nothing_chosen(&mut self, expiry_ns: Option<u64>) {
        if self.holds == Holds::OneStep && self.tiers_say_later() {
            expiry_ns.into_iter().for_each(|ns| self.waits_until(ns));
        }
    }

    /// Whether the next step would be chosen alike, as far as those who wait matter, until something is noticed.
    pub(crate) fn holds_until_noticed(&self) -> bool {
        self.holds == Holds::UntilNoticed && self.at_ns.is_none()
    }

    /// When an idle instance must ask again, if nothing is noticed before \[ns\].
    pub(crate) fn at_ns(&self) -> Option<u64> {
        self.at_ns
    }

    /// Whether a lower tier may tell a request to come again later.
    pub(crate) fn tiers_say_later(&self) -> bool {
        self.tier_answers != TierAnswers::Final
    }

    /// The instance notices something: a step that was planned ahead may not be what it would choose now.
    pub(crate) fn notice(&mut self) {
        self.noticed = true;
    }

    /// A step is about to be planned ahead, with all that was noticed so far.
    pub(crate) fn planning_ahead(&mut self) {
        self.noticed = false;
    }

    /// Whether something was noticed since the last call of [`Recheck::planning_ahead`].
    pub(crate) fn noticed_since_plan(&self) -> bool {
        self.noticed
    }

    /// The instance is idle, and the nearest tier has this version.
    pub(crate) fn idle_at(&mut self, version: u64) {
        self.idle_since_version = version;
    }

    /// Whether the nearest tier, now of this version, has changed since the instance became idle.
    pub(crate) fn missed(&self, version: u64) -> bool {
        self.idle_since_version != version
    }

    /// A request does not fit into HBM, whatever the tiers hold. This is kept only where they never say later: an answer
    /// of theirs would let others pass.
    pub(crate) fn does_not_fit(&mut self, id: u32, pool_version: u64) {
        self.does_not_fit = Some((id, pool_version)).filter(|_| !self.tiers_say_later());
    }

    /// Whether this request was found not to fit, and HBM is as it was then.
    pub(crate) fn still_does_not_fit(&self, id: u32, pool_version: u64) -> bool {
        self.does_not_fit == Some((id, pool_version))
    }
}
