//! The catalogue of policies that Kareto's claims are measured against.
//!
//! Each eviction policy is one file under `eviction/`, each lease policy one under `lease/`: what it does, its paper,
//! its parameters and a worked example. [`registry`] is the explicit table of them; nothing registers itself, and
//! nothing here moves a byte: residency, pins and the clocks of leases are the simulator's. How to add one is in this
//! crate's `README.md`. The bytes that each file states are those of full arrays; arrays grow by doubling.

mod ageing;
mod eviction;
mod ghosts;
mod grow;
mod heap;
mod lease;
mod lists;
pub mod templates;
pub mod testing;
mod uses;

use kv_core::policy::Registry;

/// Every policy of the catalogue: eviction first, then leases, in the order of their tables.
#[must_use]
pub fn registry() -> Registry {
    Registry::new(&[eviction::SPECS, lease::SPECS].concat())
}

/// The README's code is compiled and run with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
