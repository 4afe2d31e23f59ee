//! The catalogue of policies that Kareto's claims are measured against.
//!
//! Each policy is one file: eviction policies are under `eviction/`, lease policies under `lease/`, routers under
//! `router/` and schedulers under `scheduler/`. The file has what the policy does, its paper, its parameters and a
//! worked example. [`registry`], [`routers`] and [`schedulers`] are the explicit tables of them; none registers
//! itself. Nothing here moves a byte: the simulator owns residency, pins and the
//! clocks of leases. This crate's `README.md` says how to add a policy. The memory that each file states is
//! that of full arrays; arrays grow by doubling.
//!
//! ```
//! use kv_core::TraceBuilder;
//! use kv_core::policy::{Build, Context, Role};
//! use policies::testing::{Pins, replay};
//!
//! // Four requests of one block each, and a tier of two blocks.
//! let mut builder = TraceBuilder::new(16);
//! for (second, id) in [1, 2, 1, 3].into_iter().enumerate() {
//!     builder.push(second as u64 * 1_000_000_000, 16, 1, &[id], None)?;
//! }
//! let trace = builder.finish();
//! let registry = policies::registry();
//! let spec = registry.find(Role::Eviction, "lru").expect("registered");
//! let Build::Eviction(build) = spec.build else { unreachable!("lru evicts") };
//! let context = Context { trace: &trace, capacity_blocks: Some(2), seed: 1, group_leases: &[] };
//! let policy = build(&spec.params(&[])?, &context);
//! let hits = replay(&trace, policy, 2, Pins::Request);
//! assert_eq!((hits.references, hits.usable), (4, 1), "block 1 is still there when it comes again");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ageing;
mod eviction;
mod ghosts;
mod grow;
mod heap;
mod lease;
mod lists;
mod revision;
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
