//! Schedulers. Adding one: its file, a `mod` line and a `SPEC` line here.

mod prefill_first;
mod vllm_v1;

use kv_core::policy::Spec;

/// The table, in the order in which it is printed.
pub(crate) const SPECS: &[Spec] = &[vllm_v1::SPEC, prefill_first::SPEC];
