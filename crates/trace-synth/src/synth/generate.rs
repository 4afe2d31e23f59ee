//! Follows a recipe: sessions begin, ask, read, think, ask again. Requests come out in order of arrival.
//!
//! Memory grows with the sessions under way and the shared prefixes met, and not with the length of the trace.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::arrivals::Arrivals;
use super::distribution::unit;
use super::prefix::{Ids, SharedPrefixes, Text};
use super::recipe::{Breaks, Class, Recipe, of_turn};
use super::strata::{Numbers, Streams};
use crate::streams::Seed;

/// A request as it comes out of a synthesis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntheticRequest {
    /// From the trace's start [ns].
    pub arrival_ns: u64,
    /// Prompt length [tokens].
    pub prompt_tokens: u32,
    /// Output length [tokens].
    pub output_tokens: u32,
    /// Ids of the prompt's blocks, a partial last one included.
    pub hash_ids: Vec<u64>,
    /// The session it belongs to.
    pub session: u32,
    /// The recipe's class that the session is of, by position.
    pub class: usize,
}

/// Requests of a recipe, one by one.
pub struct Synthesis<'r> {
    recipe: &'r Recipe,
    seed: Seed,
    arrivals: std::iter::Peekable<Arrivals<'r>>,
    classes: Numbers,
    /// For each class, where the recipe is stratified.
    spread: Vec<Streams>,
    shared: SharedPrefixes,
    ids: Ids,
    sessions: u32,
    /// By the time of their next request, then by number.
    under_way: BinaryHeap<Reverse<Session>>,
}

impl<'r> Synthesis<'r> {
    /// Starts a checked recipe.
    #[must_use]
    pub fn new(recipe: &'r Recipe, seed: u64) -> Self {
        let seed = Seed(seed);
        let range_s = -recipe.warmup_s..recipe.duration_s;
        let stream = seed.stream("arrivals", 0);
        let arrivals = Arrivals::new(recipe.arrivals, &recipe.rate, recipe.sessions_per_s, range_s, stream);
        Self {
            recipe,
            seed,
            arrivals: arrivals.peekable(),
            classes: if recipe.stratified {
                Numbers::spread(seed.stream("class classes", 0))
            } else {
                Numbers::plain(seed.stream("classes", 0))
            },
            spread: (0..recipe.class.len())
                .filter(|_| recipe.stratified)
                .map(|class| Streams::of_class(seed, class))
                .collect(),
            shared: SharedPrefixes::default(),
            ids: Ids::default(),
            sessions: 0,
            under_way: BinaryHeap::new(),
        }
    }

    fn begin(&mut self, start_s: f64) {
        let shares = self.recipe.class.iter().map(|class| class.share);
        let mut left = unit(&mut self.classes) * shares.sum::<f64>();
        let found = self.recipe.class.iter().position(|class| {
            left -= class.share;
            left < 0.0
        });
        let class = found.unwrap_or(self.recipe.class.len() - 1);
        let number = self.sessions;
        self.sessions += 1;
        let mut prefix_stream = self.seed.stream("prefix", u64::from(number));
        let text = self.shared.text(
            (class, &self.recipe.class[class]),
            start_s + self.recipe.warmup_s,
            self.recipe.block_tokens,
            self.seed,
            &mut prefix_stream,
            &mut self.ids,
        );
        self.under_way.push(Reverse(Session {
            next_s: start_s,
            number,
            class,
            turn: 0,
            prompt_tokens: 0,
            before_break: None,
            text,
            own: self.spread.is_empty().then(|| Streams::of_session(self.seed, number)),
            lasts: self.spread.get_mut(class).map(|streams| unit(&mut streams.turns)),
            reached: 1.0,
        }));
    }

    /// The request of the session that is due, and the session put back if it goes on.
    fn ask(&mut self, mut session: Session) -> Option<SyntheticRequest> {
        let class = &self.recipe.class[session.class];
        let block_tokens = self.recipe.block_tokens;
        let mut own = session.own.take();
        let streams = match &mut own {
            Some(own) => own,
            None => &mut self.spread[session.class],
        };
        session.prompt(class, streams, block_tokens, &mut self.ids);
        if session.text.tokens > class.max_prompt_tokens {
            return None;
        }
        let mut hash_ids = Vec::with_capacity(session.text.full_blocks.len() + 1);
        hash_ids.extend(&session.text.full_blocks);
        if !session.text.tokens.is_multiple_of(block_tokens) {
            hash_ids.push(self.ids.fresh());
        }
        let output_tokens = class.output_tokens.draw_whole(&mut streams.output, 1);
        let request = SyntheticRequest {
            arrival_ns: nanoseconds(session.next_s),
            prompt_tokens: session.text.tokens,
            output_tokens,
            hash_ids,
            session: session.number,
            class: session.class,
        };
        let in_trace = session.next_s >= 0.0;
        session.text.extend(output_tokens, block_tokens, &mut self.ids);
        let chance = of_turn(&class.next_turn, session.turn);
        session.turn += 1;
        session.reached *= chance;
        let goes_on = match session.lasts {
            Some(lasts) => lasts < session.reached,
            None => unit(&mut streams.turns) < chance,
        };
        if goes_on {
            session.next_s += class.gap_s.draw(&mut streams.gaps);
            session.own = own;
            if session.next_s < self.recipe.duration_s {
                self.under_way.push(Reverse(session));
            }
        }
        in_trace.then_some(request)
    }
}

impl Iterator for Synthesis<'_> {
    type Item = SyntheticRequest;

    fn next(&mut self) -> Option<SyntheticRequest> {
        loop {
            let due = self.under_way.peek().map(|session| session.0.next_s);
            let start = self.arrivals.peek().copied();
            match (due, start) {
                (None, None) => return None,
                (due, Some(start)) if due.is_none_or(|due| start < due) => {
                    self.arrivals.next();
                    self.begin(start);
                }
                _ => {
                    let Reverse(session) = self.under_way.pop().expect("one is due");
                    if let Some(request) = self.ask(session) {
                        return Some(request);
                    }
                }
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates; a recipe's times are below 1e9 s"
)]
fn nanoseconds(time_s: f64) -> u64 {
    (time_s * 1e9).round() as u64
}

/// A session under way.
struct Session {
    next_s: f64,
    number: u32,
    class: usize,
    /// Requests so far.
    turn: usize,
    /// Length of the last prompt.
    prompt_tokens: u32,
    /// Where the last break left the conversation: the length of the last prompt, and the text with its answer.
    before_break: Option<(u32, Text)>,
    text: Text,
    /// What it draws from, unless that is its class's.
    own: Option<Streams>,
    /// A number that says how many turns it has: it goes on while this is below the chance to come so far.
    /// Drawn for each turn anew where the session has streams of its own.
    lasts: Option<f64>,
    /// The chance to come so far.
    reached: f64,
}

impl Session {
    /// Makes `text` the next prompt.
    fn prompt(&mut self, class: &Class, streams: &mut Streams, block_tokens: u32, ids: &mut Ids) {
        let new_tokens = match (self.turn, &mut streams.first) {
            (0, Some(first)) => class.first_tokens.draw_whole(first, 1),
            (0, None) => class.first_tokens.draw_whole(&mut streams.prompt, 1),
            _ => class.followup_tokens.draw_whole(&mut streams.prompt, 1),
        };
        if let Some((tokens, text)) = &mut self.before_break
            && unit(&mut streams.context) < class.returns
        {
            std::mem::swap(&mut self.prompt_tokens, tokens);
            std::mem::swap(&mut self.text, text);
        }
        match self.break_at(class, streams) {
            Some(breaks) => {
                self.before_break = Some((self.prompt_tokens, self.text.clone()));
                let before = f64::from(self.prompt_tokens);
                let context = streams.broken.as_mut().unwrap_or(&mut streams.context);
                let bound = breaks.kept_tokens.as_ref().map_or(before, |tokens| tokens.draw(context));
                let kept = (before * breaks.kept_share.draw(context).min(1.0)).min(bound);
                let length = before * breaks.length_ratio.draw(context);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
                let (kept, length) = (kept as u32, length as u32);
                self.text.cut(kept, block_tokens);
                self.text.extend(length.saturating_sub(kept).max(1), block_tokens, ids);
            }
            None => self.text.extend(new_tokens, block_tokens, ids),
        }
        self.prompt_tokens = self.text.tokens;
    }

    /// The kind of break that the next prompt is; none for a first prompt.
    fn break_at<'c>(&self, class: &'c Class, streams: &mut Streams) -> Option<&'c Breaks> {
        let turn = self.turn.checked_sub(1)?;
        if class.breaks.is_empty() {
            return None;
        }
        let mut left = unit(&mut streams.context);
        class.breaks.iter().find(|breaks| {
            left -= of_turn(&breaks.chance, turn);
            left < 0.0
        })
    }
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Session {}

impl PartialOrd for Session {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Session {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.next_s.total_cmp(&other.next_s).then(self.number.cmp(&other.number))
    }
}
