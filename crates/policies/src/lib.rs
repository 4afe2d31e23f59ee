//! The catalogue of policies that Kareto's claims are measured against.
//!
//! Each policy is one file: what it does, its paper, its parameters and a worked example. Eviction policies are under
//! `eviction/`, lease policies under `lease/`, routers under `router/` and schedulers under `scheduler/`. [`registry`],
//! [`routers`] and [`schedulers`] are the explicit tables of them; nothing registers itself. Nothing here moves a byte:
//! residency, pins and the clocks of leases are the simulator's. This crate's `README.md` says how to add a policy. The
//! bytes that each file states are those of full arrays; arrays grow by doubling.

mod ageing;
mod eviction;
mod ghosts;
mod grow;
mod heap;
mod lease;
mod lists;
mod router;
mod scheduler;
pub mod templates;
pub mod testing;
mod uses;

use kv_core::policy::Registry;

/// Every policy of a tier in the catalogue: eviction first, then leases, in the order of their tables.
#[must_use]
pub fn registry() -> Registry {
    Registry::new(&[eviction::SPECS, lease::SPECS].concat())
}

/// Every router of the catalogue, in the order of its table.
#[must_use]
pub fn routers() -> Registry {
    Registry::new(router::SPECS)
}

/// Every scheduler of the catalogue, in the order of its table.
#[must_use]
pub fn schedulers() -> Registry {
    Registry::new(scheduler::SPECS)
}

/// The whole catalogue as one table: policies of tiers, routers and schedulers.
#[must_use]
pub fn all_roles() -> Registry {
    Registry::new(&[eviction::SPECS, lease::SPECS, router::SPECS, scheduler::SPECS].concat())
}

/// The README's code is compiled and run with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
