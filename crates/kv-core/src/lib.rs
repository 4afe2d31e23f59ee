//! The words of Kareto as types, for every other crate to share.
//!
//! [`Trace`] and [`BlockId`] say what is cached. [`policy`] says what a policy is asked and how it is
//! registered. [`units`] says how sizes and times are written, and [`stats`] what a quantile is.
//! [`figures`] says how a figure is declared, with its sense; [`text`] how the bytes of a text file are read. A policy
//! author needs no other crate. This crate does not read files, does not simulate, and knows no particular
//! policy.
//!
//! ```
//! use kv_core::TraceBuilder;
//! use kv_core::units::{parse_bytes, parse_duration_ns};
//!
//! // Two requests with blocks of 16 tokens. The ids name prefixes: both prompts begin with block 7.
//! let mut builder = TraceBuilder::new(16);
//! builder.push(0, 40, 5, &[7, 8, 9], None)?;
//! builder.push(parse_duration_ns("1.5 s")?, 32, 5, &[7, 4], None)?;
//! let trace = builder.finish();
//! assert_eq!((trace.len(), trace.references(), trace.unique_blocks()), (2, 5, 4));
//!
//! // 40 tokens fill two blocks; the partial third one can never be reused.
//! let [first, second] = [trace.request(0), trace.request(1)];
//! assert_eq!((first.references.len(), first.prompt_blocks.len()), (3, 2));
//! assert_eq!(trace.parent(second.prompt_blocks[1]), Some(first.prompt_blocks[0]));
//! assert_eq!(parse_bytes("512 GiB")?, 512 << 30);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod figures;
pub mod policy;
mod revision;
pub mod stats;
pub mod text;
mod trace;
pub mod units;

pub use revision::Revision;
pub use trace::{BlockId, Group, LATEST_ARRIVAL_NS, MalformedRequest, RequestView, Trace, TraceBuilder};

/// Names the code of this crate: changes when the crate may compute something else.
pub const REVISION: &str = env!("CODE_REVISION");
