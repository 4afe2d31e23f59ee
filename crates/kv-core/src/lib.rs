//! The words of Kareto as types, for every other crate to share.
//!
//! A policy author needs this crate and nothing else: [`Trace`] and [`BlockId`] say what is cached, [`policy`]
//! says what a policy is asked and how it is registered, [`units`] how sizes and times are written, [`stats`]
//! what a quantile is. It does not read files, simulate, or know any particular policy.

pub mod policy;
pub mod stats;
mod trace;
pub mod units;

pub use trace::{BlockId, Group, MalformedRequest, RequestView, Trace, TraceBuilder};
