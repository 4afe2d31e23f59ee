//! More users or fewer: whole sessions come once more, several times, or not at all.
//!
//! A session that comes again has conversations of its own: blocks that only it names get new ids. Blocks that
//! other sessions name too, such as a system prompt, keep their ids. The copy begins at most [`SHIFT_NS`]
//! before or after the original, as far as the trace has room, so that the two do not keep step. Think times
//! stay. Every draw is from a stream of its own, so the copies of one session do not depend on other sessions.

use std::ops::Range;

use kv_core::{LATEST_ARRIVAL_NS, Trace, TraceBuilder};
use rand::{RngExt as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{TransformError, infer_sessions};
use crate::streams::{GOLDEN, mix};

/// How far a session that comes again is from its original at most \[ns\].
const SHIFT_NS: u64 = 30_000_000_000;
/// The largest factor of a surge.
const MOST: f64 = 100.0;

/// More sessions than the trace has, or fewer.
#[derive(Debug, Clone, PartialEq)]
pub struct Surge {
    /// Sessions that begin in it come `factor` times; from the start of the window \[ns\].
    pub range_ns: Range<u64>,
    /// Above 0, at most 100.
    pub factor: f64,
    /// Seed of which sessions come, and when.
    pub seed: u64,
}

/// Takes the sessions that begin within a range of time \[ns\] `factor` times each, whole: above 1 is a surge,
/// below 1 a lull. Where `factor` has a fraction, a hash of the session's number and the seed decides whether
/// one more copy comes. Sessions are the trace's, or those of [`infer_sessions`].
///
/// # Errors
/// A factor that is not a number above 0 and at most 100, a range in which no session begins, or a trace that is left
/// without requests or becomes too large.
pub fn surge(trace: &Trace, range_ns: &Range<u64>, factor: f64, seed: u64) -> Result<Trace, TransformError> {
    surges(trace, &[Surge { range_ns: range_ns.clone(), factor, seed }])
}

/// Several surges at once. A session that begins in several of them comes as often as the product of their factors says.
/// The seed is that of the first.
///
/// # Errors
/// Those of [`surge`]. Some session begins in one of the ranges.
pub fn surges(trace: &Trace, surges: &[Surge]) -> Result<Trace, TransformError> {
    let is_factor = |value: f64| value > 0.0 && value <= MOST;
    if let Some(wrong) = surges.iter().find(|surge| !is_factor(surge.factor)) {
        let expected = "a number above 0, at most 100";
        return Err(TransformError::Value { what: "the factor of a surge", value: wrong.factor, expected });
    }
    let Some(first) = surges.first() else {
        return Err(TransformError::Nothing { why: "there is no surge".to_owned() });
    };
    let sessions = Sessions::of(trace);
    let mut any = false;
    let times = sessions.spans.iter().enumerate().map(|(session, span)| {
        let within = surges.iter().filter(|surge| surge.range_ns.contains(&span.start));
        let factors: Vec<f64> = within.map(|surge| surge.factor).collect();
        if factors.is_empty() {
            return 1;
        }
        any = true;
        let factor = factors.into_iter().product::<f64>().min(MOST);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
        let whole = factor as u32;
        let one_more = draws(first.seed, "surge", session, 0).random_bool(factor - f64::from(whole));
        whole + u32::from(one_more)
    });
    let times: Vec<u32> = times.collect();
    if !any {
        let seconds = crate::numbers::seconds;
        let (from_s, to_s) = (seconds(first.range_ns.start), seconds(first.range_ns.end));
        let why = format!("no session begins in the surge from {from_s} s to {to_s} s");
        return Err(TransformError::Nothing { why });
    }
    sessions.repeated(trace, &times, first.seed)
}

/// Draws as many sessions as the trace has, with replacement: another sample of the same users might have sent
/// this (a bootstrap). `number` counts the samples of one seed. Sessions are the trace's, or those of
/// [`infer_sessions`].
///
/// # Errors
/// A trace without requests, or one that becomes too large.
pub fn resample_sessions(trace: &Trace, seed: u64, number: u64) -> Result<Trace, TransformError> {
    let seed = mix(mix(seed ^ GOLDEN) ^ number);
    let sessions = Sessions::of(trace);
    let mut times = vec![0; sessions.spans.len()];
    let mut random = draws(seed, "resample", 0, 0);
    for _ in 0..times.len() {
        times[random.random_range(0..sessions.spans.len())] += 1;
    }
    sessions.repeated(trace, &times, seed)
}

/// Whose each request is, and when each session is there.
struct Sessions {
    /// By request.
    of: Vec<u32>,
    /// First and last arrival of each session \[ns\].
    spans: Vec<Range<u64>>,
}

impl Sessions {
    /// Numbered densely, in order of first arrival.
    fn of(trace: &Trace) -> Self {
        let mut dense = std::collections::BTreeMap::new();
        let mut spans: Vec<Range<u64>> = Vec::new();
        let numbers = infer_sessions(trace);
        let of = trace.arrivals_ns().iter().zip(&numbers).map(|(&arrival_ns, number)| {
            let session: u32 = *dense.entry(number).or_insert_with(|| {
                spans.push(arrival_ns..arrival_ns);
                u32::try_from(spans.len() - 1).expect("no more sessions than requests")
            });
            spans[session as usize].end = arrival_ns;
            session
        });
        Self { of: of.collect(), spans }
    }

    /// The trace with each session as often as `times` says.
    fn repeated(&self, trace: &Trace, times: &[u32], seed: u64) -> Result<Trace, TransformError> {
        // (arrival, request, copy): a stable order of arrival over originals and copies.
        let mut order: Vec<(u64, usize, u32)> = Vec::new();
        let last_ns = trace.arrivals_ns().last().copied().unwrap_or(0);
        let shifts: Vec<Vec<i64>> = self
            .spans
            .iter()
            .zip(times)
            .enumerate()
            .map(|(session, (span, &times))| {
                (0..times).map(|copy| shift_ns(span, last_ns, seed, session, copy)).collect()
            })
            .collect();
        for (index, &arrival_ns) in trace.arrivals_ns().iter().enumerate() {
            let shifts = shifts[self.of[index] as usize].iter();
            let moved = |shift_ns| arrival_ns.saturating_add_signed(shift_ns).min(LATEST_ARRIVAL_NS);
            let arrivals = shifts.map(|&shift_ns| moved(shift_ns));
            order.extend((0..).zip(arrivals).map(|(copy, at_ns)| (at_ns, index, copy)));
        }
        if order.is_empty() {
            let why = format!("of {} sessions none comes", self.spans.len());
            return Err(TransformError::Nothing { why });
        }
        order.sort_unstable();
        let private = self.private_blocks(trace);
        let first_copy = starts(times);
        let mut builder = TraceBuilder::like(trace);
        let mut ids = Vec::new();
        for (arrival_ns, index, copy) in order {
            let request = trace.request(index);
            ids.clear();
            ids.extend(request.references.iter().map(|block| {
                let copy = if private[block.index()] { copy } else { 0 };
                u64::from(copy) << 32 | u64::from(block.0)
            }));
            let session = request.session.map(|_| first_copy[self.of[index] as usize] + copy);
            let added = builder.push(arrival_ns, request.prompt_tokens, request.output_tokens, &ids, session);
            added.map_err(|_| TransformError::TooLarge)?;
        }
        Ok(builder.finish())
    }

    /// Whether one session alone names a block, by block.
    fn private_blocks(&self, trace: &Trace) -> Vec<bool> {
        let mut owner: Vec<Option<u32>> = vec![None; trace.unique_blocks()];
        let mut private = vec![true; trace.unique_blocks()];
        for (request, &session) in trace.requests().zip(&self.of) {
            for block in request.references {
                private[block.index()] &= *owner[block.index()].get_or_insert(session) == session;
            }
        }
        private
    }
}

/// By how much a copy of a session is moved: the original not at all, others as far as the trace has room.
fn shift_ns(span: &Range<u64>, last_ns: u64, seed: u64, session: usize, copy: u32) -> i64 {
    let limited = |room_ns: u64| i64::try_from(room_ns.min(SHIFT_NS)).expect("half a minute");
    match copy {
        0 => 0,
        _ => draws(seed, "shift", session, copy)
            .random_range(-limited(span.start)..=limited(last_ns - span.end)),
    }
}

/// Numbers of the first copy of each session, if all are numbered one after another.
fn starts(times: &[u32]) -> Vec<u32> {
    let mut next = 0;
    let start = |times: &u32| {
        next += times;
        next - times
    };
    times.iter().map(start).collect()
}

/// A stream for one purpose, session and copy.
fn draws(seed: u64, purpose: &str, session: usize, copy: u32) -> Xoshiro256PlusPlus {
    let named = purpose.bytes().fold(seed, |word, byte| mix(word ^ u64::from(byte)));
    let word = mix(mix(named ^ GOLDEN) ^ session as u64) ^ u64::from(copy);
    Xoshiro256PlusPlus::seed_from_u64(mix(word))
}
