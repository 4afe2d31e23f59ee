//! Shared prefix trees: the texts that sessions have in common, made as sessions come to them.

use rand_distr::{Distribution as _, Zipf};
use rustc_hash::FxHashMap;

use super::distribution::unit;
use super::recipe::{Class, PrefixLevel};
use crate::streams::{Seed, Stream};

/// Block ids: a running number, so that ids are dense and name prefixes.
#[derive(Debug, Default)]
pub(crate) struct Ids(u64);

impl Ids {
    pub(crate) fn fresh(&mut self) -> u64 {
        self.0 += 1;
        self.0 - 1
    }
}

/// A conversation so far: its tokens, and the ids of the blocks they fill.
#[derive(Debug, Clone, Default)]
pub(crate) struct Text {
    pub(crate) tokens: u32,
    pub(crate) full_blocks: Vec<u64>,
}

impl Text {
    /// Goes on with tokens that no other text has.
    pub(crate) fn extend(&mut self, tokens: u32, block_tokens: u32, ids: &mut Ids) {
        self.tokens = self.tokens.saturating_add(tokens);
        while self.full_blocks.len() < (self.tokens / block_tokens) as usize {
            self.full_blocks.push(ids.fresh());
        }
    }

    /// Back to its first tokens.
    pub(crate) fn cut(&mut self, tokens: u32, block_tokens: u32) {
        self.tokens = self.tokens.min(tokens);
        self.full_blocks.truncate((self.tokens / block_tokens) as usize);
    }
}

/// A node's place: class, level, and the number of its parent among all nodes (0 above the first level), and its own
/// number among its siblings.
type Place = (usize, usize, u64, u64);

struct Node {
    /// Which text this is of those that follow each other in its place.
    edition: u64,
    number: u64,
    tokens: u32,
    /// Ids of the blocks that end in this node's text.
    blocks: Vec<u64>,
}

/// All shared texts met so far.
#[derive(Default)]
pub(crate) struct SharedPrefixes {
    nodes: FxHashMap<Place, Node>,
    /// Nodes made so far, those replaced included.
    made: u64,
}

impl SharedPrefixes {
    /// The shared text that a session begins with at a time from the start of the warm-up [s]; times never go back.
    pub(crate) fn text(
        &mut self,
        class: (usize, &Class),
        time_s: f64,
        block_tokens: u32,
        seed: Seed,
        stream: &mut Stream,
        ids: &mut Ids,
    ) -> Text {
        let mut text = Text::default();
        let mut parent = 0;
        for (depth, level) in class.1.prefix.iter().enumerate() {
            let taken = unit(stream) < level.taken;
            let choice = choose(level, stream);
            if !taken {
                break;
            }
            let place = (parent << 24) ^ choice.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let edition = level.renewed_s.map_or(0, |every_s| edition(time_s, every_s, place));
            let key = (class.0, depth, parent, choice);
            if self.nodes.get(&key).is_none_or(|node| node.edition != edition) {
                self.made += 1;
                // The node's own stream, so that its length does not depend on who comes first.
                let mut stream = seed.stream(&format!("prefix {} {depth}", class.1.name), place);
                let tokens = level.tokens.draw_whole(&mut stream, 0);
                let mut own = text.clone();
                own.extend(tokens, block_tokens, ids);
                let blocks = own.full_blocks.split_off(text.full_blocks.len());
                self.nodes.insert(key, Node { edition, number: self.made, tokens, blocks });
            }
            let node = &self.nodes[&key];
            parent = node.number;
            text.tokens = text.tokens.saturating_add(node.tokens);
            text.full_blocks.extend(&node.blocks);
        }
        text
    }
}

/// How many texts a place has had by a time: they change all this often, each place at a time of its own.
fn edition(time_s: f64, every_s: f64, place: u64) -> u64 {
    #[expect(clippy::cast_precision_loss, reason = "a share of the interval")]
    let offset = (place.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32) as f64 / 4_294_967_296.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1e9")]
    let edition = (time_s / every_s + offset) as u64;
    edition
}

/// The number of a child, from 1; the first is the most popular.
fn choose(level: &PrefixLevel, stream: &mut Stream) -> u64 {
    #[expect(clippy::cast_precision_loss, reason = "a number of choices")]
    let zipf = Zipf::new(level.choices as f64, level.zipf).expect("checked");
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to choices")]
    let choice = zipf.sample(stream) as u64;
    choice
}
