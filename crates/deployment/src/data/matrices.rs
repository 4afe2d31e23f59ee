//! The matrices of a dense model's layers: what a GPU multiplies in a step. Only measurements need them.

use super::DataError;
use serde::Deserialize;

/// Sizes that the shape of the KV does not say, in elements.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Matrices {
    /// Elements of a token between layers.
    pub(crate) hidden: u32,
    /// Query heads of a layer.
    pub(crate) heads: u32,
    /// Elements of a token inside the feed-forward part.
    pub(crate) intermediate: u32,
    /// Tokens that the model knows.
    pub(crate) vocabulary: u32,
    /// Where the sizes are from.
    source: String,
    /// When that was so.
    date: String,
}

/// A dense decoder: equal layers of attention and a gated feed-forward part, and the matrix that gives the next token. Sizes
/// are in elements of bf16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layers {
    /// How many layers.
    pub layers: u32,
    /// Elements of a token between layers.
    pub hidden: u32,
    /// Query heads.
    pub query_heads: u32,
    /// Key-value heads.
    pub kv_heads: u32,
    /// Elements of a head.
    pub head_dim: u32,
    /// Elements of a token inside the feed-forward part.
    pub intermediate: u32,
    /// Tokens that the model knows.
    pub vocabulary: u32,
}

impl Matrices {
    pub(super) fn check(&self, file: &str, kv_heads: u32) -> Result<(), DataError> {
        let ranges = [
            ("matrices.hidden", self.hidden, 1 << 17),
            ("matrices.heads", self.heads, 1 << 12),
            ("matrices.intermediate", self.intermediate, 1 << 19),
            ("matrices.vocabulary", self.vocabulary, 1 << 22),
        ];
        for (key, value, most) in ranges {
            if !(1..=most).contains(&value) {
                return Err(DataError::value(file, key, value, format!("1 to {most}")));
            }
        }
        if !self.heads.is_multiple_of(kv_heads) {
            let allowed = format!("a multiple of `kv.heads`, {kv_heads}");
            return Err(DataError::value(file, "matrices.heads", self.heads, allowed));
        }
        Ok(())
    }
}
