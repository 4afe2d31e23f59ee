//! A language model, as far as its KV cache and its weights are concerned.

use super::{ByteSize, DataError, DataFile, Figure, Kind};
use crate::problem::Problem;
use serde::Deserialize;

/// A language model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Name, by which profiles know it.
    pub name: String,
    /// What it is called in full.
    pub(crate) title: String,
    /// Shape of its attention.
    pub(crate) kv: Kv,
    /// Its weights over all GPUs \[B\].
    pub(crate) weights: Figure<ByteSize>,
}

/// What one token leaves in the cache.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kv {
    /// Layers that keep KV.
    pub(crate) layers: u32,
    /// Key-value heads of a layer.
    pub(crate) heads: u32,
    /// Elements of a head.
    pub(crate) head_dim: u32,
    /// Bytes of an element: 2 for bf16, 1 for fp8.
    pub(crate) bytes_per_element: u32,
    /// Where the shape is from.
    pub(crate) source: String,
    /// When that was so.
    pub(crate) date: String,
}

impl DataFile for Model {
    const KIND: Kind = Kind::Model;

    fn check(&self, file: &str) -> Result<(), DataError> {
        let kv = &self.kv;
        let ranges = [
            ("kv.layers", kv.layers, 1_000),
            ("kv.heads", kv.heads, 1_024),
            ("kv.head_dim", kv.head_dim, 4_096),
            ("kv.bytes_per_element", kv.bytes_per_element, 4),
        ];
        match ranges.into_iter().find(|&(_, value, most)| !(1..=most).contains(&value)) {
            Some((key, value, most)) => Err(DataError::value(file, key, value, format!("1 to {most}"))),
            None => Ok(()),
        }
    }
}

impl Model {
    /// A model by name, or from a `.toml` file.
    ///
    /// # Errors
    /// An unknown name, a file that cannot be read, or one that is not a model.
    pub fn load(reference: &str) -> Result<Self, Problem> {
        Ok(super::load(reference, None)?)
    }

    /// KV of one token over all layers and GPUs, keys and values \[B\].
    #[must_use]
    pub fn kv_bytes_per_token(&self) -> u64 {
        let kv = &self.kv;
        [kv.layers, kv.heads, kv.head_dim, kv.bytes_per_element].into_iter().map(u64::from).product::<u64>()
            * 2
    }
}
