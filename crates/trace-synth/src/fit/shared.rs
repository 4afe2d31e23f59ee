//! The texts that sessions have in common: a trunk that many begin with, and rarer ones below it.

use kv_core::Trace;
use rustc_hash::FxHashMap;

use super::distribution;
use crate::numbers::ratio;
use crate::synth::{Distribution, PrefixLevel};

/// A block that at least this share of sessions begin with belongs to the trunk.
const TRUNK_SHARE: f64 = 0.2;

/// Shared prefixes of a trace, and what each session's first prompt has beside them [tokens].
pub(super) struct Shared {
    pub(super) levels: Vec<PrefixLevel>,
    pub(super) own_first_tokens: Vec<f64>,
}

/// Of some sessions of a trace; `counts` says for each block how many sessions of all name it.
pub(super) fn levels(trace: &Trace, sessions: &[Vec<usize>], counts: &[u32]) -> Shared {
    let firsts: Vec<usize> = sessions.iter().map(|session| session[0]).collect();
    let block_tokens = f64::from(trace.block_tokens());
    let users = beginners(trace, &firsts);
    let in_trunk = |block: usize| ratio(users[block] as usize, firsts.len()) >= TRUNK_SHARE;
    // Per session: blocks of the trunk, and shared blocks in all, at the head of its first prompt.
    let depths: Vec<(usize, usize)> = firsts
        .iter()
        .map(|&first| {
            let path = trace.request(first).prompt_blocks;
            let shared = path.iter().take_while(|b| counts[b.index()] > 1).count();
            let trunk = path[..shared].iter().take_while(|b| in_trunk(b.index())).count();
            (trunk, shared)
        })
        .collect();
    let to_tokens = |blocks: usize| ratio(blocks, 1) * block_tokens;
    let own = |(&first, &(_, shared)): (&usize, &(usize, usize))| {
        (f64::from(trace.request(first).prompt_tokens) - to_tokens(shared)).max(1.0)
    };
    let own_first_tokens = firsts.iter().zip(&depths).map(own).collect();
    let trunks: Vec<usize> = depths.iter().map(|d| d.0).filter(|&trunk| trunk > 0).collect();
    let mut levels = Vec::new();
    if !trunks.is_empty() {
        levels.push(trunk_level(trace, &firsts, &depths, to_tokens));
    }
    // Below the trunk: the deepest shared block of each session that has any, and how many have the same.
    let mut ends: FxHashMap<u32, (usize, usize)> = FxHashMap::default();
    for (&first, &(trunk, shared)) in firsts.iter().zip(&depths) {
        if shared > trunk && (trunk > 0 || trunks.is_empty()) {
            let end = trace.request(first).prompt_blocks[shared - 1];
            ends.entry(end.0).or_insert((0, shared - trunk)).0 += 1;
        }
    }
    let mut ends: Vec<(usize, usize)> = ends.into_values().collect();
    ends.sort_unstable();
    let users: usize = ends.iter().map(|end| end.0).sum();
    if users > 0 {
        let eligible = if trunks.is_empty() { firsts.len() } else { trunks.len() };
        let top = ends.last().map_or(0, |end| end.0);
        levels.push(PrefixLevel {
            choices: ends.len() as u64,
            zipf: zipf_of_top_share(ends.len(), ratio(top, users)),
            tokens: distribution(ends.iter().map(|end| to_tokens(end.1)).collect()),
            taken: ratio(users, eligible),
            renewed_s: None,
        });
    }
    Shared { levels, own_first_tokens }
}

/// The trunk as a level: as many texts as there are first blocks in it.
fn trunk_level(
    trace: &Trace,
    firsts: &[usize],
    depths: &[(usize, usize)],
    to_tokens: impl Fn(usize) -> f64,
) -> PrefixLevel {
    let mut heads: FxHashMap<u32, usize> = FxHashMap::default();
    let mut total = 0;
    let mut lengths = 0;
    for (&first, &(trunk, _)) in firsts.iter().zip(depths) {
        if trunk > 0 {
            *heads.entry(trace.request(first).prompt_blocks[0].0).or_default() += 1;
            total += 1;
            lengths += trunk;
        }
    }
    let top = heads.values().copied().max().unwrap_or(0);
    // One length for all: the mean, in whole blocks.
    let mean = (ratio(lengths, total) + 0.5).floor();
    PrefixLevel {
        choices: heads.len() as u64,
        zipf: zipf_of_top_share(heads.len(), ratio(top, total)),
        tokens: Distribution::Constant(mean * to_tokens(1)),
        taken: ratio(total, firsts.len()),
        renewed_s: None,
    }
}

/// For each block, how many of these first prompts it is in.
fn beginners(trace: &Trace, firsts: &[usize]) -> Vec<u32> {
    let mut counts = vec![0; trace.unique_blocks()];
    for block in firsts.iter().flat_map(|&first| trace.request(first).prompt_blocks) {
        counts[block.index()] += 1;
    }
    counts
}

/// For each block, how many sessions name it as a full block.
pub(super) fn session_counts(trace: &Trace, sessions: &[Vec<usize>]) -> Vec<u32> {
    let mut last = vec![usize::MAX; trace.unique_blocks()];
    let mut counts = vec![0; trace.unique_blocks()];
    for (number, session) in sessions.iter().enumerate() {
        for block in session.iter().flat_map(|&index| trace.request(index).prompt_blocks) {
            if std::mem::replace(&mut last[block.index()], number) != number {
                counts[block.index()] += 1;
            }
        }
    }
    counts
}

/// The exponent at which the most popular of `choices` has a share.
fn zipf_of_top_share(choices: usize, share: f64) -> f64 {
    let top_share = |exponent: f64| {
        let weights = (1..=choices).map(|rank| ratio(rank, 1).powf(-exponent));
        1.0 / weights.sum::<f64>()
    };
    let (mut low, mut high) = (0.0, 10.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if top_share(middle) < share { low = middle } else { high = middle }
    }
    (low * 1e4_f64).round() / 1e4
}
