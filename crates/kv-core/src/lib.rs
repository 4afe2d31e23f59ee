//! The words of Kareto as types, for every other crate to share.
//!
//! A policy author needs this crate and nothing else: [`Trace`] and [`BlockId`] say what is cached, [`policy`]
//! says what a policy is asked and how it is registered, [`units`] how sizes and times are written. It does not
//! read files, simulate, or know any particular policy.

pub mod policy;
mod revision;
mod trace;
pub mod units;

pub use revision::Revision;
pub use trace::{BlockId, Group, MalformedRequest, RequestView, Trace, TraceBuilder};

/// Names the code of this crate: changes when the crate may compute something else.
pub const REVISION: &str = env!("CODE_REVISION");
