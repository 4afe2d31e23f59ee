//! Requests by length: for those that no engine would serve, or that are of no interest.

use std::ops::RangeInclusive;

use kv_core::{Trace, TraceBuilder};

use super::{TransformError, push_view};

/// The lengths that are kept \[tokens\].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LengthLimits {
    /// Of the prompt.
    pub prompt: RangeInclusive<u32>,
    /// Of the output.
    pub output: RangeInclusive<u32>,
    /// Of both together, which is what an engine's window limits.
    pub total: RangeInclusive<u64>,
}

impl Default for LengthLimits {
    /// Keeps everything.
    fn default() -> Self {
        Self { prompt: 0..=u32::MAX, output: 0..=u32::MAX, total: 0..=u64::MAX }
    }
}

/// The requests whose lengths are all within the limits. Time and sessions stay; a session loses the turns that are
/// too long, and those after it still name the blocks of its prompt.
///
/// # Errors
/// No request is left.
pub fn filter(trace: &Trace, limits: &LengthLimits) -> Result<Trace, TransformError> {
    let mut builder = TraceBuilder::like(trace);
    let mut kept = 0_usize;
    for request in trace.requests() {
        let total = u64::from(request.prompt_tokens) + u64::from(request.output_tokens);
        let keeps = limits.prompt.contains(&request.prompt_tokens)
            && limits.output.contains(&request.output_tokens)
            && limits.total.contains(&total);
        if keeps {
            kept += 1;
            push_view(&mut builder, &request, request.arrival_ns);
        }
    }
    if kept == 0 {
        let why = format!("none of {} has lengths within the limits", trace.len());
        return Err(TransformError::Nothing { why });
    }
    Ok(builder.finish())
}
