//! What sessions do, turn by turn.

use kv_core::{BlockId, Trace};

use super::breaks::{Break, Kind};
use crate::numbers::{ratio, seconds};

/// Turns observed at least so often get a chance of their own; later ones share one.
const LEAST_TURNS: usize = 30;

/// How many requests back a follow-up's parent is looked for.
const RECENT: usize = 30;

/// Figures of sessions, one entry per request, follow-up or break.
#[derive(Debug, Default)]
pub(super) struct Observations {
    pub(super) output_tokens: Vec<f64>,
    pub(super) followup_tokens: Vec<f64>,
    /// Gap [s] and how many tokens it stands for, in order of gap.
    pub(super) gaps_s: Vec<(f64, f64)>,
    pub(super) next_turn: Vec<f64>,
    pub(super) edits: Kind,
    pub(super) rewrites: Kind,
    /// Share of follow-ups after a session's first break that go on from an earlier request than the one before.
    pub(super) returns: f64,
}

impl Observations {
    /// Of sessions, each given by the positions of its requests.
    pub(super) fn of(trace: &Trace, sessions: &[Vec<usize>]) -> Self {
        let mut seen = Self::default();
        let mut breaks = Vec::new();
        let (mut returned, mut could_return) = (0, 0);
        for session in sessions {
            seen.output_tokens
                .extend(session.iter().map(|&index| f64::from(trace.request(index).output_tokens)));
            let before = breaks.len();
            for turn in 1..session.len() {
                could_return += usize::from(breaks.len() > before);
                returned += usize::from(seen.follow_up(trace, session, turn, &mut breaks));
            }
        }
        let first = sessions.iter().filter(|session| session.len() > 1).count();
        let later = sessions.iter().map(|session| session.len().saturating_sub(2)).sum();
        let (edits, rewrites) = breaks.into_iter().partition(Break::is_edit);
        seen.edits = Kind::new(edits, [first, later]);
        seen.rewrites = Kind::new(rewrites, [first, later]);
        seen.returns = rounded(ratio(returned, could_return).min(1.0));
        seen.turns(trace, sessions);
        seen
    }

    /// Notes what a follow-up adds, or how it breaks; says whether it goes on from an earlier request than the last.
    fn follow_up(&mut self, trace: &Trace, session: &[usize], turn: usize, breaks: &mut Vec<Break>) -> bool {
        let request = trace.request(session[turn]);
        let in_common =
            |earlier: &usize| common(trace.request(session[*earlier]).prompt_blocks, request.prompt_blocks);
        // It goes on from the earlier request that it has most in common with; of equals, the latest.
        let recent = turn.saturating_sub(RECENT)..turn;
        let Some(parent) = recent.max_by_key(|earlier| (in_common(earlier), *earlier)) else { return false };
        let (before, common) = (trace.request(session[parent]), in_common(&parent));
        if common == before.prompt_blocks.len() {
            let whole = f64::from(before.prompt_tokens) + f64::from(before.output_tokens);
            // Where the answer was not sent back whole, less than nothing is new; a prompt has at least one new token.
            self.followup_tokens.push((f64::from(request.prompt_tokens) - whole).max(1.0));
        } else {
            breaks.push(Break {
                before: f64::from(before.prompt_tokens),
                kept: ratio(common, 1) * f64::from(trace.block_tokens()),
                length: f64::from(request.prompt_tokens),
                first: turn == 1,
            });
        }
        parent + 1 < turn
    }

    /// Gaps and chances of another turn, both corrected for the trace's end: of gaps that long, only those
    /// after requests that came early enough are seen, so each stands for all requests over those; and a
    /// request counts as asked whether it goes on with the chance that its follow-up would still have come in
    /// time. Gaps count by the tokens of the prompt that comes after them: long prompts come after longer gaps,
    /// and caches see tokens.
    fn turns(&mut self, trace: &Trace, sessions: &[Vec<usize>]) {
        let arrivals = trace.arrivals_ns();
        let end = arrivals[arrivals.len() - 1];
        for pair in sessions.iter().flat_map(|session| session.windows(2)) {
            let gap = arrivals[pair[1]] - arrivals[pair[0]];
            let early_enough = arrivals.partition_point(|&arrival| arrival <= end - gap);
            let tokens = f64::from(trace.request(pair[1]).prompt_tokens);
            // Rare gaps nearly as long as the trace do not stand for more than a hundred of their kind.
            self.gaps_s.push((seconds(gap), tokens * (1.0 / ratio(early_enough, arrivals.len())).min(100.0)));
        }
        self.gaps_s.sort_by(|a, b| a.0.total_cmp(&b.0));
        let cumulative: Vec<f64> = self
            .gaps_s
            .iter()
            .scan(0.0, |sum, gap| {
                *sum += gap.1;
                Some(*sum)
            })
            .collect();
        let in_time = |left_s: f64| match self.gaps_s.partition_point(|gap| gap.0 <= left_s) {
            0 => 0.0,
            count => cumulative[count - 1] / cumulative[cumulative.len() - 1],
        };
        let (mut asked, mut went_on) = (Vec::new(), Vec::new());
        for (turn, &index) in sessions.iter().flat_map(|session| session.iter().enumerate()) {
            if asked.len() <= turn {
                asked.push((0, 0.0));
                went_on.push(0);
            }
            asked[turn].0 += 1;
            asked[turn].1 += in_time(seconds(end - arrivals[index]));
        }
        sessions
            .iter()
            .for_each(|session| went_on[..session.len() - 1].iter_mut().for_each(|count| *count += 1));
        let chance = |turns: std::ops::Range<usize>| {
            let asked: f64 = asked[turns.clone()].iter().map(|a| a.1).sum();
            let went_on = ratio(went_on[turns].iter().sum(), 1);
            rounded(if asked > 0.0 { (went_on / asked).min(1.0) } else { 0.0 })
        };
        let own = asked.iter().take_while(|asked| asked.0 >= LEAST_TURNS).count();
        self.next_turn = (0..own).map(|turn| chance(turn..turn + 1)).collect();
        if own < asked.len() || own == 0 {
            self.next_turn.push(chance(own..asked.len()));
        }
    }
}

pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// How many blocks two paths have in common. Ids name prefixes, so the last common one is found by halving.
fn common(a: &[BlockId], b: &[BlockId]) -> usize {
    let shorter = a.len().min(b.len());
    let (mut low, mut high) = (0, shorter);
    while low < high {
        let middle = usize::midpoint(low, high);
        if a[middle] == b[middle] { low = middle + 1 } else { high = middle }
    }
    low
}
