//! Who asks again, how often, and after what time.

use kv_core::Trace;
use serde::Serialize;

use super::Quantiles;
use crate::numbers::{ratio, seconds};

/// Who asks again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sessions {
    /// Whether the trace names sessions. Where it does not, they are requests chained by their prompts
    /// ([`crate::transform::infer_sessions`]): a follow-up that does not begin with all of an earlier prompt's full
    /// blocks counts as a session of its own.
    pub named: bool,
    /// Number of sessions.
    pub count: usize,
    /// Share of sessions that are one request.
    pub single_request_share: f64,
    /// Share of requests that are not the first of their session.
    pub followup_request_share: f64,
    /// Requests per session.
    pub turns: Quantiles,
    /// Between consecutive requests of a session, arrival to arrival [s]; `None` without follow-ups.
    pub gap_s: Option<Quantiles>,
}

/// Of a trace and the session of each request; `None` where there are no requests.
pub(super) fn describe_sessions(trace: &Trace, sessions: &[u32]) -> Option<Sessions> {
    let highest = *sessions.iter().max()?;
    let mut turns = vec![0_u32; highest as usize + 1];
    let mut last_ns = vec![0_u64; turns.len()];
    let mut gaps = Vec::new();
    for (request, &session) in trace.requests().zip(sessions) {
        let session = session as usize;
        if turns[session] > 0 {
            gaps.push(seconds(request.arrival_ns - last_ns[session]));
        }
        turns[session] += 1;
        last_ns[session] = request.arrival_ns;
    }
    turns.retain(|&turns| turns > 0);
    Some(Sessions {
        named: trace.has_sessions(),
        count: turns.len(),
        single_request_share: ratio(turns.iter().filter(|&&turns| turns == 1).count(), turns.len()),
        followup_request_share: ratio(gaps.len(), trace.len()),
        turns: Quantiles::of(turns.iter().map(|&turns| f64::from(turns)))?,
        gap_s: Quantiles::of(gaps.into_iter()),
    })
}
