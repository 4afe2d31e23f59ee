//! A step as matrix products in plain numbers: what the GPU's library is asked for.
//!
//! Attention is a stand-in for a fused kernel: the two products of a block of queries with the keys and the values, which lie
//! in pieces. The softmax between them is left out, and the scores stay in the GPU's cache where they can. A chunk's queries
//! go block by block, so a product has no more keys than its last query may see: causal work is counted in half, but for the
//! rest of a block and of a piece.

use serde::Serialize;

use super::{Shape, Step};

/// A part of a layer, or of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Hidden to queries, keys and values.
    Qkv,
    /// Heads to hidden.
    Output,
    /// Hidden to both inner parts of the feed-forward part.
    GateUp,
    /// Inner part to hidden.
    Down,
    /// Hidden to the tokens of the vocabulary, once a step.
    Head,
    /// Attention of a chunk.
    PrefillAttention,
    /// Attention of sequences that decode.
    DecodeAttention,
}

impl Operation {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Qkv => "QKV",
            Self::Output => "O",
            Self::GateUp => "gate/up",
            Self::Down => "down",
            Self::Head => "LM head",
            Self::PrefillAttention => "attention of a chunk",
            Self::DecodeAttention => "attention of decodes",
        }
    }

    /// Whether it is attention.
    #[must_use]
    pub fn is_attention(self) -> bool {
        matches!(self, Self::PrefillAttention | Self::DecodeAttention)
    }
}

/// A product `C = A * B` for each of a batch, column by column as BLAS has them: A is m x k, B is k x n.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    /// Rows of A and C.
    pub m: u32,
    /// Columns of B and C.
    pub n: u32,
    /// Columns of A and rows of B.
    pub k: u32,
    /// Products at once, their matrices one after the other.
    pub batch: u32,
    /// Whether A lies there as k x m.
    pub transposed: bool,
    /// Where A begins in what the piece reads \[B\].
    pub first: u64,
    /// Whether it reads what the product before it wrote.
    pub follows: bool,
}

impl Product {
    fn bytes(&self, one: u32, other: u32) -> u64 {
        2 * u64::from(one) * u64::from(other) * u64::from(self.batch)
    }

    /// A: weights, keys or values \[B\].
    #[must_use]
    pub fn a_bytes(&self) -> u64 {
        self.bytes(self.m, self.k)
    }

    /// B \[B\].
    #[must_use]
    pub fn b_bytes(&self) -> u64 {
        self.bytes(self.k, self.n)
    }

    /// C \[B\].
    #[must_use]
    pub fn c_bytes(&self) -> u64 {
        self.bytes(self.m, self.n)
    }

    /// Multiplications and additions.
    #[must_use]
    pub fn operations(&self) -> f64 {
        2.0 * [self.m, self.n, self.k, self.batch].map(f64::from).iter().product::<f64>()
    }
}

/// An operation on so much work, for one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Which.
    pub operation: Operation,
    /// How much, for a person.
    pub size: String,
    /// In order.
    pub products: Vec<Product>,
    /// Weights, or keys and values, that it reads. Another layer has others \[B\].
    pub cold_bytes: u64,
    /// How often it comes in a step.
    pub times: u32,
}

impl Piece {
    /// Multiplications and additions, once.
    #[must_use]
    pub fn operations(&self) -> f64 {
        self.products.iter().map(Product::operations).sum()
    }
}

/// Keys of a piece for a chunk.
const CHUNK_PIECE: u32 = 256;
/// Keys of a piece for decodes, as kernels for few sequences and long contexts split them.
const DECODE_PIECE: u32 = 512;
/// Scores that stay in the cache of a data-centre GPU \[B\].
const SCORE_BYTES: u64 = 32 << 20;
/// Products of one call. Libraries take 65,535.
const MOST_BATCH: u64 = 32_768;

/// All pieces of a step on one GPU.
#[must_use]
pub fn pieces(shard: &Shape, step: &Step) -> Vec<Piece> {
    let dim = shard.head_dim;
    let heads = (shard.query_heads + 2 * shard.kv_heads) * dim;
    let tokens = step.tokens();
    let mut pieces = vec![
        dense(Operation::Qkv, heads, shard.hidden, tokens, shard.layers),
        dense(Operation::Output, shard.hidden, shard.query_heads * dim, tokens, shard.layers),
        dense(Operation::GateUp, 2 * shard.intermediate, shard.hidden, tokens, shard.layers),
        dense(Operation::Down, shard.hidden, shard.intermediate, tokens, shard.layers),
        dense(Operation::Head, shard.vocabulary, shard.hidden, step.sequences(), 1),
    ];
    if step.chunk_tokens > 0 {
        pieces.push(chunk_attention(shard, step.chunk_tokens, step.chunk_context));
    }
    if step.decodes > 0 {
        pieces.push(decode_attention(shard, step.decodes, step.decode_context));
    }
    pieces
}

/// Tokens times a matrix of weights, `to` x `from`.
fn dense(operation: Operation, to: u32, from: u32, tokens: u32, times: u32) -> Piece {
    let product = Product { m: to, n: tokens, k: from, batch: 1, transposed: true, first: 0, follows: false };
    let size = format!("{tokens} tokens");
    Piece { operation, size, products: vec![product], cold_bytes: product.a_bytes(), times }
}

/// Block by block of queries, each with the keys that its last query sees.
fn chunk_attention(shard: &Shape, tokens: u32, context: u32) -> Piece {
    let mut products = Vec::new();
    let all = whole_pieces(context + tokens, CHUNK_PIECE);
    let mut done = 0;
    while done < tokens {
        let least = u64::from(context + done + 1).next_multiple_of(CHUNK_PIECE.into());
        let a_query = 2 * u64::from(shard.query_heads) * least;
        let rows = (SCORE_BYTES / a_query).clamp(32, 256).min((tokens - done).into()) as u32;
        done += rows;
        let keys = whole_pieces(context + done, CHUNK_PIECE);
        products.extend(attention(shard, rows, keys, shard.kv_heads, CHUNK_PIECE, all));
    }
    let cold_bytes = 2 * kv_part(shard, all);
    let size = format!("{tokens} new after {context}");
    Piece { operation: Operation::PrefillAttention, size, products, cold_bytes, times: shard.layers }
}

/// One query for each sequence and head, with all keys of its sequence.
fn decode_attention(shard: &Shape, sequences: u32, context: u32) -> Piece {
    let lanes = sequences * shard.kv_heads;
    let mut piece = DECODE_PIECE;
    while u64::from(lanes) * u64::from(context.div_ceil(piece)) > MOST_BATCH {
        piece *= 2;
    }
    let keys = whole_pieces(context, piece);
    let products = attention(shard, 1, keys, lanes, piece, keys * sequences).to_vec();
    let cold_bytes = 2 * kv_part(shard, keys * sequences);
    let size = format!("{sequences} sequences at {context}");
    Piece { operation: Operation::DecodeAttention, size, products, cold_bytes, times: shard.layers }
}

fn whole_pieces(keys: u32, piece: u32) -> u32 {
    keys.next_multiple_of(piece)
}

/// Keys of so many tokens of a layer, or values \[B\].
fn kv_part(shard: &Shape, tokens: u32) -> u64 {
    2 * u64::from(tokens) * u64::from(shard.kv_heads) * u64::from(shard.head_dim)
}

/// Queries times keys, and scores times values, for each key-value head (`lanes` in all) and each piece of its keys. The
/// query heads that share a key-value head go together. The values lie behind the keys of `all` tokens.
fn attention(shard: &Shape, rows: u32, keys: u32, lanes: u32, piece: u32, all: u32) -> [Product; 2] {
    let n = rows * (shard.query_heads / shard.kv_heads);
    let batch = lanes * (keys / piece);
    let scores =
        Product { m: piece, n, k: shard.head_dim, batch, transposed: true, first: 0, follows: false };
    let values = Product {
        m: shard.head_dim,
        k: piece,
        transposed: false,
        first: kv_part(shard, all),
        follows: true,
        ..scores
    };
    [scores, values]
}
