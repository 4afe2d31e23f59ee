//! The words of Kareto as types, for every other crate to share.
//!
//! A policy author needs this crate and nothing else: [`Trace`] and [`BlockId`] say what is cached, [`policy`]
//! says what a policy is asked and how it is registered, [`units`] how sizes and times are written, [`stats`]
//! what a quantile is. It does not read files, simulate, or know any particular policy.
//!
//! ```
//! use kv_core::TraceBuilder;
//! use kv_core::policy::{Access, Build, Lease, LeasePolicy, Registry, Role, Spec};
//!
//! // One request. Its prompt has three full blocks of 512 tokens; each id names the whole prefix up to its block.
//! let mut builder = TraceBuilder::new(512);
//! builder.push(0, 1_600, 100, &[71, 72, 73], None)?;
//! let trace = builder.finish();
//! let [first, second, _] = trace.request(0).prompt_blocks else { panic!("three blocks") };
//! assert_eq!(trace.parent(*second), Some(*first));
//!
//! // A policy, and the registry through which a program finds it by name.
//! struct Short;
//! impl LeasePolicy for Short {
//!     fn on_insert(&mut self, _: &Access) -> Lease { Lease::For(60_000_000_000) }
//!     fn on_hit(&mut self, _: &Access) -> Lease { Lease::For(60_000_000_000) }
//! }
//! let build = Build::Lease(|_, _| Box::new(Short));
//! let spec = Spec { name: "short", summary: "one minute", source: "an example", params: &[], build };
//! assert_eq!(Registry::new(&[spec]).names(Role::Lease), "short");
//! # Ok::<(), kv_core::MalformedRequest>(())
//! ```

pub mod policy;
pub mod stats;
mod trace;
pub mod units;

pub use trace::{BlockId, Group, MalformedRequest, RequestView, Trace, TraceBuilder};
