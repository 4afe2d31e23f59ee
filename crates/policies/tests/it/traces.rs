//! Traces to test on: public ones where they are at hand, and one that is made here.

use kv_core::policy::{Build, Context, EvictionPolicy, Spec};
use kv_core::{Trace, TraceBuilder};
use std::num::NonZero;
use test_data::shared;
use trace_synth::read::{ReadOptions, read_path};

/// A public trace, or the requests of a recorded run of a real engine; `None` where it is not at hand.
/// `block_tokens` is for files that do not say it and have other blocks than Mooncake's.
pub(crate) fn public(name: &str, block_tokens: Option<u32>) -> Option<Trace> {
    let block_tokens = block_tokens.and_then(NonZero::new);
    let path = shared(name)?;
    let options = ReadOptions { block_tokens, ..ReadOptions::AS_FILED };
    Some(read_path(&path, &options).expect("a well-formed trace"))
}

/// The conversation trace: 12,031 requests in 3,537 s, 512-token blocks.
pub(crate) fn conversation() -> Option<Trace> {
    public("mooncake/conversation_trace.jsonl.gz", None)
}

/// 3,000 requests over some 9,000 blocks: shared system prompts of skewed popularity, conversations that grow by a
/// turn, and one-off documents. One second apart.
pub(crate) fn made() -> Trace {
    let mut numbers = Numbers(42);
    let mut builder = TraceBuilder::new(1);
    let mut conversations: Vec<Vec<u64>> = Vec::new();
    let mut next_id = 0;
    let mut fresh = |count: u64| {
        next_id += count;
        next_id - count..next_id
    };
    let systems: Vec<Vec<u64>> = (1..=8).map(|length| fresh(length).collect()).collect();
    for second in 0..3000_u64 {
        let system = &systems[(numbers.below(8) * numbers.below(8) / 8) as usize];
        let ids = match numbers.below(10) {
            0 | 1 => system.iter().copied().chain(fresh(8)).collect(),
            2..=4 => {
                let ids: Vec<u64> = system.iter().copied().chain(fresh(2)).collect();
                conversations.push(ids.clone());
                ids
            }
            _ if conversations.is_empty() => system.clone(),
            _ => {
                // A recent conversation more often than an old one.
                let back = numbers.below(40).min(numbers.below(40)).min(conversations.len() as u64 - 1);
                let at = conversations.len() - 1 - back as usize;
                conversations[at].extend(fresh(1 + back % 3));
                conversations[at].clone()
            }
        };
        let tokens = u32::try_from(ids.len()).expect("short prompts");
        builder.push(second * 1_000_000_000, tokens, 1, &ids, None).expect("ids name prefixes");
    }
    builder.finish()
}

/// A linear congruential generator (Knuth's MMIX constants), so that the made trace never changes.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// An eviction policy with its defaults.
pub(crate) fn eviction(spec: &Spec, trace: &Trace, capacity: u32) -> Option<Box<dyn EvictionPolicy>> {
    let Build::Eviction(build) = spec.build else { return None };
    let params = spec.params(&[]).expect("every eviction policy has defaults");
    Some(build(&params, &Context { trace, capacity_blocks: Some(capacity), seed: 1, group_leases: &[] }))
}

/// Blocks of the longest prompt: below this, a request does not fit.
pub(crate) fn longest(trace: &Trace) -> u32 {
    trace.requests().map(|request| request.prompt_blocks.len() as u32).max().unwrap_or(0)
}
