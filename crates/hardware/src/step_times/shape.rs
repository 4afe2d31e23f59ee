//! What one GPU of a model holds: the sizes of its matrices and heads.

use serde::Serialize;

use crate::Error;

/// A dense decoder, sizes in elements of bf16: as `deployment::Layers`, which comes from a model file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// Equal layers.
    pub layers: u32,
    /// Elements of a token between layers.
    pub hidden: u32,
    /// Query heads of a layer.
    pub query_heads: u32,
    /// Key-value heads of a layer.
    pub kv_heads: u32,
    /// Elements of a head.
    pub head_dim: u32,
    /// Elements of a token inside the feed-forward part.
    pub intermediate: u32,
    /// Tokens that the model knows.
    pub vocabulary: u32,
}

impl Shape {
    /// The part of one of so many GPUs under tensor parallelism. Where there are fewer key-value heads than GPUs, several GPUs
    /// hold the same one.
    ///
    /// # Errors
    /// The heads or the feed-forward part cannot be spread evenly.
    pub fn shard(&self, gpus: u32) -> Result<Self, Error> {
        let parts =
            [("query heads", self.query_heads), ("elements of the feed-forward part", self.intermediate)];
        for (what, count) in parts {
            if gpus == 0 || !count.is_multiple_of(gpus) {
                return Err(Error::Choice(format!(
                    "--tensor-parallel {gpus}: the model has {count} {what}; allowed: a divisor of it"
                )));
            }
        }
        Ok(Self {
            query_heads: self.query_heads / gpus,
            kv_heads: self.kv_heads.div_ceil(gpus),
            intermediate: self.intermediate / gpus,
            vocabulary: self.vocabulary.div_ceil(gpus),
            ..*self
        })
    }

    /// Weights that are multiplied in a step, and the embedding, which is as large as the head \[B\].
    #[must_use]
    pub fn weight_bytes(&self) -> u64 {
        let [hidden, heads, kv, dim, inner] =
            [self.hidden, self.query_heads, self.kv_heads, self.head_dim, self.intermediate].map(u64::from);
        let layer = hidden * (heads + 2 * kv) * dim + heads * dim * hidden + 3 * hidden * inner;
        2 * (u64::from(self.layers) * layer + 2 * u64::from(self.vocabulary) * hidden)
    }

    /// KV of one token over all layers \[B\].
    #[must_use]
    pub fn kv_bytes_per_token(&self) -> u64 {
        [self.layers, self.kv_heads, self.head_dim, 2, 2].map(u64::from).iter().product()
    }
}
